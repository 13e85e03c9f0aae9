package dev.backend.tcp;

import java.util.concurrent.CompletableFuture;

import dev.backend.Route;
import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/**
 * Tests of protocols without ids, where the n-th reply belongs to the n-th message that
 * has one.
 */
class TcpInOrderTests {

	@RegisterExtension
	private final TcpFixture fixture = new TcpFixture();

	private TcpService<Frame> start(TestServer server, TcpSettings settings) throws Exception {
		this.fixture.discoveredServer(server);
		return TcpFixture.ready(this.fixture.start(settings, new InOrderCodec(), this.fixture.handler()))
			.getService("game", "game-1");
	}

	@Test
	void whenAMessageHasAReplyThenRequestsStayMatchedAndItsReplyGoesToTheHandler() throws Exception {
		TcpService<Frame> service = start(TestServer.echo("re "), fast());
		for (int i = 0; i < 50; i++) {
			service.send(Frame.request(0, "send " + i));
			assertThat(service.request(Frame.request(0, "request " + i), LONG).join().text())
				.isEqualTo("re request " + i);
		}
		await().untilAsserted(() -> assertThat(this.fixture.handler().messages).hasSize(50));
		assertThat(this.fixture.handler().messages).extracting(Frame::text).startsWith("re send 0", "re send 1");
		assertThat(service.counters().unmatchedReplies.sum()).isZero();
	}

	@Test
	void whenABroadcastHasAReplyThenRequestsStayMatched() throws Exception {
		this.fixture.discoveredServer(TestServer.echo("re "));
		TcpGroup<Frame> group = TcpFixture.ready(this.fixture.start(fast(), new InOrderCodec(), this.fixture.handler()))
			.group("game");
		group.broadcast(Frame.request(0, "all"));
		assertThat(group.request(Route.any(), Frame.request(0, "one"), LONG).join().text()).isEqualTo("re one");
	}

	@Test
	void whenAMessageHasNoReplyThenItTakesNoPlace() throws Exception {
		TcpService<Frame> service = start(TestServer.echo("re "), fast());
		service.send(Frame.push("no reply"));
		assertThat(service.request(Frame.request(0, "request"), LONG).join().text()).isEqualTo("re request");
		assertThat(service.pendingRequests()).isZero();
	}

	@Test
	void whenTooManyRepliesAreOutstandingThenFurtherMessagesAreDropped() throws Exception {
		TcpLimits limits = TcpLimits.defaults();
		TestServer server = TestServer.silent();
		TcpService<Frame> service = start(server, fast().withLimits(limits.withPendingRequests(2)));
		for (int i = 0; i < 5; i++) {
			service.send(Frame.request(0, "send " + i));
		}
		await().untilAsserted(() -> assertThat(service.counters().rejected.sum()).isEqualTo(3));
		assertThat(service.pendingRequests()).isEqualTo(2);
		CompletableFuture<Frame> refused = service.request(Frame.request(0, "request"), LONG);
		assertThatThrownBy(refused::join).cause()
			.isInstanceOfSatisfying(SendRejectedException.class,
					(ex) -> assertThat(ex.reason()).isEqualTo(SendResult.TOO_MANY_PENDING));
	}

	@Test
	void whenTheCodecFailsToSayThenTheMessageIsDroppedAndTheNextOneGoesOut() throws Exception {
		TcpService<Frame> service = start(TestServer.echo("re "), fast());
		service.send(Frame.push("throw"));
		assertThat(service.request(Frame.request(0, "request"), LONG).join().text()).isEqualTo("re request");
		assertThat(service.counters().rejected.sum()).isOne();
	}

	private static final class InOrderCodec extends Frame.Codec {

		@Override
		public Correlation correlation() {
			return Correlation.IN_ORDER;
		}

		@Override
		public @Nullable Object requestId(Frame message) {
			throw new IllegalStateException("not asked for");
		}

		@Override
		public boolean expectsReply(Frame message) {
			if (message.text().equals("throw")) {
				throw new IllegalStateException("as told");
			}
			return message.kind() == Frame.REQUEST;
		}

	}

}
