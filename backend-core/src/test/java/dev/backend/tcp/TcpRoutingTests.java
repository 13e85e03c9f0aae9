package dev.backend.tcp;

import dev.backend.ConnectionLostException;
import dev.backend.Route;
import dev.backend.SendResult;
import dev.backend.discovery.InMemoryDiscovery;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static dev.backend.tcp.TcpFixture.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Which services of a {@link TcpBackend} a route and a broadcast reach.
 */
@Timeout(60)
class TcpRoutingTests {

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	@Test
	void whenServerDisappearsThenKeyMovesToNextOwnerAndBack() throws Exception {
		TestServer one = this.tcp.server(TestServer.echo("game-1"));
		TestServer two = this.tcp.server(TestServer.echo("game-2"));
		TcpBackend<Frame> backend = this.tcp.startWith(instance("game-1", one), instance("game-2", two));
		Route route = Route.hash("user-1");
		String owner = backend.select("game", route).id();
		String other = owner.equals("game-1") ? "game-2" : "game-1";
		TestServer owning = owner.equals("game-1") ? one : two;
		for (int i = 0; i < 100; i++) {
			assertThat(backend.request("game", route, Frame.request(i, ""), LONG).get().text()).isEqualTo(owner);
		}
		owning.stop();
		await().until(() -> backend.select("game", route).id().equals(other));
		assertThat(backend.request("game", route, Frame.request(1, ""), LONG).get().text()).isEqualTo(other);
		owning.restart();
		await().until(() -> backend.select("game", route).id().equals(owner));
		assertThat(backend.request("game", route, Frame.request(1, ""), LONG).get().text()).isEqualTo(owner);
	}

	@Test
	void whenRouteTriesNextOwnersThenRefusedSendGoesToOneOfThem() throws Exception {
		TestServer one = this.tcp.server(TestServer.echo(""));
		TestServer two = this.tcp.server(TestServer.echo(""));
		this.tcp.discover(instance("game-1", one), instance("game-2", two));
		TcpSettings settings = fast().withLimits(TcpLimits.defaults()
			.withQueuedMessages(1)
			.withOutboundBytes(1 << 20)
			.withPendingRequests(10)
			.withInboundMessages(10)
			.withFrameBytes(64)
			.withConcurrentDials(64));
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(settings, this.tcp.handler()));
		Route route = Route.hash("k");
		TcpService<Frame> owner = backend.select("game", route);
		owner.close();
		// The rings may still name the closed owner; the second try does not.
		assertThat(backend.request("game", route.tries(2), Frame.request(1, "x"), LONG)
			.handle((reply, ex) -> (ex == null) || ex instanceof ConnectionLostException)
			.get()).isTrue();
		await().until(() -> owner.state() == TcpState.CLOSED);
		assertThat(backend.request("game", route.tries(2), Frame.request(2, "x"), LONG).get().text()).isEqualTo("x");
	}

	@Test
	void whenBroadcastThenEveryUsableServiceGetsIt() throws Exception {
		TestServer one = this.tcp.server(TestServer.silent());
		TestServer two = this.tcp.server(TestServer.silent());
		TestServer chat = this.tcp.server(TestServer.silent());
		TcpBackend<Frame> backend = this.tcp.startWith(instance("game-1", one), instance("game-2", two),
				InMemoryDiscovery.instance("chat", "chat-1", chat.port()));
		BroadcastResult<Frame> all = backend.broadcast(Frame.push("all"));
		assertThat(all.accepted()).isEqualTo(3);
		assertThat(all.allAccepted()).isTrue();
		assertThat(all.byService()).hasSize(3).containsValue(SendResult.ACCEPTED);
		assertThat(backend.broadcast("game", Frame.push("group")).accepted()).isEqualTo(2);
		assertThat(backend.broadcastOnePerGroup(Route.hash("k"), Frame.push("each")).accepted()).isEqualTo(2);
		ByteBuf raw = Unpooled.buffer();
		Frame.write(Frame.push("raw"), raw);
		byte[] bytes = ByteBufUtil.getBytes(raw);
		assertThat(backend.broadcastBytes(bytes).accepted()).isEqualTo(3);
		assertThat(backend.broadcastBytes("chat", bytes).accepted()).isEqualTo(1);
		backend.sendBytes("chat", Route.any(), bytes);
		backend.send("chat", "chat-1", Frame.push("last"));
		await().untilAsserted(() -> assertThat(chat.received()).extracting(Frame::text)
			.containsExactly("all", "each", "raw", "raw", "raw", "last"));
		await().until(() -> one.received().size() + two.received().size() == 2 + 2 + 1 + 2);
	}

}
