package dev.backend.tcp;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import dev.backend.Route;
import dev.backend.ServiceConfig;
import dev.backend.codec.MessageCodec;
import dev.backend.discovery.DiscoveredInstance;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.MDC;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static dev.backend.tcp.TcpFixture.instance;
import static dev.backend.tcp.TcpFixture.ready;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The rows of docs/coming-from-gobase.md about the callbacks of TcpEvent.
 */
@Timeout(60)
class GobaseCallbackTests {

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	@Test
	@Tag("gobase:TcpEvent.OnConnected")
	@Tag("gobase:TcpEvent.OnDisConnect")
	@Tag("gobase:TcpEvent.OnMsg")
	void callbacksComeInTheOrderOfWhatHappened() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		ready(this.tcp.start());
		server.sendToAll(Frame.push("one"));
		server.sendToAll(Frame.push("two"));
		List<String> calls = this.tcp.handler().calls;
		await().until(() -> calls.size() == 3);
		server.dropConnections();
		await().until(() -> calls.size() >= 5);
		assertThat(calls).containsExactly("connected game-1", "message one", "message two", "disconnected game-1",
				"connected game-1");
	}

	@Test
	@Tag("gobase:TcpEvent.OnTick")
	void ticksComeWhileConnectedAndWhileNot() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		AtomicInteger connected = new AtomicInteger();
		AtomicInteger disconnected = new AtomicInteger();
		ready(this.tcp.start(fast(), new TcpHandler<>() {
			@Override
			public void onTick(TcpService<Frame> service) {
				(service.state().connected() ? connected : disconnected).incrementAndGet();
			}
		}));
		await().until(() -> connected.get() >= 2);
		await().until(() -> server.connections().size() == 1);
		server.stop();
		await().until(() -> disconnected.get() >= 2);
		assertThat(TcpSettings.defaults().timings().tickInterval()).hasSeconds(1);
	}

	@Test
	@Tag("gobase:TcpEvent.DecodeMsg")
	void whenMoreIsNeededThenDecodingGoesOnWithTheNextBytes() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		ready(this.tcp.start());
		await().until(() -> !server.connections().isEmpty());
		byte[] bytes = TwoGroups.bytes(Frame.push("in many pieces"));
		for (byte b : bytes) {
			TestServer.send(server.connections().get(0), new byte[] { b });
		}
		await().untilAsserted(() -> assertThat(this.tcp.handler().messages).extracting(Frame::text)
			.containsExactly("in many pieces"));
	}

	@Test
	@Tag("gobase:TcpEvent.DecodeMsg")
	void whenBytesAreSkippedThenTheMessagesBehindThemArrive() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		MessageCodec<Frame> codec = new Frame.Codec() {
			@Override
			public @Nullable Frame decode(ByteBuf in) throws Exception {
				if (in.getByte(in.readerIndex()) == (byte) 0xff) {
					in.skipBytes(1);
					return null;
				}
				return super.decode(in);
			}
		};
		ready(this.tcp.start(fast(), codec, this.tcp.handler()));
		await().until(() -> !server.connections().isEmpty());
		byte[] padding = new byte[1000];
		Arrays.fill(padding, (byte) 0xff);
		TestServer.send(server.connections().get(0), padding);
		server.sendToAll(Frame.push("behind"));
		await().untilAsserted(
				() -> assertThat(this.tcp.handler().messages).extracting(Frame::text).containsExactly("behind"));
		assertThat(this.tcp.handler().calls).containsExactly("connected game-1", "message behind");
	}

	@Test
	@Tag("gobase:TcpEvent.DecodeMsg")
	void whenDecodingFailsThenANewConnectionIsMade() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		TcpBackend<Frame> backend = ready(this.tcp.start());
		await().until(() -> !server.connections().isEmpty());
		TestServer.send(server.connections().get(0), new byte[] { 0, 0, 0, 1, 1 });
		await().until(() -> backend.group("game").counters().connects() == 2);
		await().untilAsserted(() -> assertThat(this.tcp.handler().calls).containsExactly("connected game-1",
				"disconnected game-1", "connected game-1"));
	}

	@Test
	@Tag("gobase:SendMsger.MsgMarshal")
	void theCodecMakesTheBytesThatAreSent() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		MessageCodec<Frame> codec = new Frame.Codec() {
			@Override
			public void encode(Frame message, ByteBuf out) throws Exception {
				super.encode(new Frame(message.kind(), message.id(), "encoded " + message.text()), out);
			}
		};
		ready(this.tcp.start(fast(), codec, this.tcp.handler())).send("game", "game-1", Frame.push("x"));
		await().untilAsserted(() -> assertThat(server.received()).extracting(Frame::text).containsExactly("encoded x"));
	}

	@Test
	@Tag("gobase:TcpEvent.CheckRPCResp")
	void theCodecTellsRepliesFromPushedMessages() throws Exception {
		this.tcp.discoveredServer(new TestServer((socket, frame) -> {
			TestServer.send(socket, new Frame(Frame.PUSH, frame.id(), "the id alone makes no reply"));
			TestServer.send(socket, frame.reply("reply"));
		}));
		TcpBackend<Frame> backend = ready(this.tcp.start());
		assertThat(backend.request("game", Route.any(), Frame.request(5, ""), LONG).get().text()).isEqualTo("reply");
		await().untilAsserted(() -> assertThat(this.tcp.handler().messages).extracting(Frame::text)
			.containsExactly("the id alone makes no reply"));
	}

	@Test
	@Tag("gobase:TcpEvent.RedisFilter")
	@Tag("gobase:TcpEvent.GoRedisFilter")
	@Tag("gobase:TcpEvent.ConsulFilter")
	void theFilterDecidesWhatBelongsToTheBackendAndUnderWhichName() {
		TestServer server = this.tcp.server(TestServer.silent());
		this.tcp.discover(instance("game-1", server, "eu"), instance("game-2", server));
		TcpBackend<Frame> backend = this.tcp.start(new Frame.Codec(), this.tcp.handler(),
				(builder) -> builder.filter((instance) -> instance.id().equals("game-2")
						? ServiceConfig.tcp("Renamed", instance.id(), instance.address(), instance.port()) : null));
		await().until(() -> backend.find("renamed", Route.any()) != null);
		assertThat(backend.services()).extracting(TcpService::toString)
			.containsExactly("renamed/game-2 at 127.0.0.1:" + server.port());
	}

	@Test
	@Tag("gobase:TcpEvent.Context")
	void messagesAndTicksRunInTheScopeThatTheHandlerOpens() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		Set<String> traces = ConcurrentHashMap.newKeySet();
		ready(this.tcp.start(fast(), new TcpHandler<>() {
			@Override
			public CallbackScope scope(TcpService<Frame> service, @Nullable TcpConnection<Frame> connection,
					@Nullable Frame message) {
				return CallbackScope.mdc(Map.of("trace", (message != null) ? message.text() : "none"));
			}

			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) {
				traces.add("message " + MDC.get("trace"));
			}

			@Override
			public void onTick(TcpService<Frame> service) {
				traces.add("tick " + MDC.get("trace"));
			}
		}));
		server.sendToAll(Frame.push("one"));
		server.sendToAll(Frame.push("two"));
		await().untilAsserted(
				() -> assertThat(traces).containsExactlyInAnyOrder("message one", "message two", "tick none"));
	}

	@Test
	@Tag("gobase:TcpEventHandler")
	void theDefaultsConnectFilterBySchemeAndIgnoreMessages() throws Exception {
		TestServer server = this.tcp.server(TestServer.echo(""));
		this.tcp.discover(
				new DiscoveredInstance("registered", "as-1", "tcp", "127.0.0.1", server.port(), List.of(),
						Map.of("serviceName", "Game", "nodeId", "Game-1", "routerTag", "eu")),
				new DiscoveredInstance("web", "web-1", "http", "127.0.0.1", server.port(), List.of(), Map.of()));
		TcpBackend<Frame> backend = ready(this.tcp.start(fast(), new TcpHandler<>() {
		}));
		assertThat(backend.services()).extracting(TcpService::id).containsExactly("game-1");
		server.sendToAll(Frame.push("nobody cares"));
		assertThat(backend.request("game", Route.any().tag("eu"), Frame.request(1, "x"), LONG).get().text())
			.isEqualTo("x");
		assertThat(backend.group("game").counters().handlerErrors()).isZero();
	}

}
