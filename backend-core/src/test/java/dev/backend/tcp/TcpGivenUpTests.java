package dev.backend.tcp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import dev.backend.NoReplyException;
import dev.backend.RequestTimeoutException;
import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import dev.backend.codec.Unanswered;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/**
 * Requests that end before their reply came: what becomes of their ids, their places and
 * late replies.
 */
@Timeout(60)
class TcpGivenUpTests {

	private static final int BOUND = 100;

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	private final Queue<RequestOutcome> outcomes = new ConcurrentLinkedQueue<>();

	private final Queue<Runnable> answers = new ConcurrentLinkedQueue<>();

	private static TcpSettings settings() {
		TcpLimits limits = TcpLimits.defaults();
		return fast().withLimits(limits.withPendingRequests(BOUND));
	}

	private static TcpSettings settings(Duration quarantine) {
		TcpSettings settings = settings();
		TcpTimings timings = settings.timings();
		return settings.withTimings(new TcpTimings(timings.connectTimeout(), timings.readyTimeout(),
				timings.backoffInitial(), timings.backoffMax(), timings.stableAfter(), timings.drainTimeout(),
				timings.tickInterval(), quarantine));
	}

	/** A server that answers by its text, when told. */
	private TestServer server() {
		return new TestServer((socket, frame) -> {
			if (frame.text().startsWith("at once")) {
				TestServer.send(socket, frame.reply("re " + frame.text()));
			}
			else {
				this.answers.add(() -> TestServer.send(socket, frame.reply("re " + frame.text())));
			}
		});
	}

	private TcpService<Frame> start(TcpSettings settings, Frame.Codec codec) throws Exception {
		this.tcp.discoveredServer(server());
		return TcpFixture.ready(this.tcp.start(settings, codec, this.tcp.handler())).getService("game", "game-1");
	}

	private TcpService<Frame> startObserved(TcpSettings settings, Frame.Codec codec) throws Exception {
		this.tcp.discoveredServer(server());
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(settings, codec, this.tcp.handler()));
		backend.observeRequests((service, message) -> (outcome, failure, nanos) -> this.outcomes.add(outcome));
		return backend.getService("game", "game-1");
	}

	private static Frame.Codec inOrder() {
		return new Frame.Codec() {
			@Override
			public Correlation correlation() {
				return Correlation.IN_ORDER;
			}
		};
	}

	private CompletableFuture<Frame> written(TcpService<Frame> service, Frame message, Duration timeout) {
		int before = this.answers.size();
		CompletableFuture<Frame> request = service.request(message, timeout);
		await().until(() -> this.answers.size() > before);
		return request;
	}

	private void answerAll() {
		for (Runnable answer = this.answers.poll(); answer != null; answer = this.answers.poll()) {
			answer.run();
		}
	}

	@Test
	void whenAnIdTimedOutThenItIsNotUsedAgainBeforeItsReplyCame() throws Exception {
		TcpService<Frame> service = start(settings(), new Frame.Codec());
		CompletableFuture<Frame> older = written(service, Frame.request(7, "older"), Duration.ofMillis(200));
		assertThatThrownBy(older::join).hasCauseInstanceOf(RequestTimeoutException.class);
		assertThatThrownBy(service.request(Frame.request(7, "younger"), LONG)::join).cause()
			.isInstanceOfSatisfying(SendRejectedException.class,
					(ex) -> assertThat(ex.reason()).isEqualTo(SendResult.DUPLICATE_REQUEST_ID))
			.hasMessageContaining("game/game-1 at")
			.hasMessageMatching("(?s).*: 7 is in quarantine for \\d+m?s more.*backend\\.tcp\\.id-quarantine.*");
		answerAll();
		await().until(() -> this.tcp.handler().messages.size() == 1);
		assertThat(this.tcp.handler().messages).extracting(Frame::text).containsExactly("re older");
		await().until(() -> service.counters().unmatchedReplies() == 1);
		assertThat(service.request(Frame.request(7, "at once"), LONG).join().text()).isEqualTo("re at once");
	}

	@Test
	void whenItsTimeIsOverThenAnIdIsFreeWithoutItsReply() throws Exception {
		TcpService<Frame> service = start(settings(Duration.ofMillis(300)), new Frame.Codec());
		written(service, Frame.request(7, "older"), LONG).cancel(false);
		await().until(() -> service.pendingRequests() == 0);
		await()
			.untilAsserted(() -> assertThat(service.request(Frame.request(7, "at once"), LONG)).succeedsWithin(LONG));
	}

	@Test
	void whenAnIdThatIsNoNumberIsGivenUpThenItIsInQuarantineToo() throws Exception {
		TcpService<Frame> service = start(settings(), new Frame.Codec() {
			@Override
			public Object requestId(Frame message) {
				return "id " + message.id();
			}

			@Override
			public Object responseId(Frame message) {
				return "id " + message.id();
			}
		});
		written(service, Frame.request(7, "older"), LONG).cancel(false);
		await().until(() -> service.pendingRequests() == 0);
		assertThatThrownBy(service.request(Frame.request(7, "younger"), LONG)::join)
			.hasMessageContaining("id 7 is in quarantine");
		answerAll();
		await().until(() -> this.tcp.handler().messages.size() == 1);
		assertThat(service.request(Frame.request(7, "at once"), LONG).join().text()).isEqualTo("re at once");
	}

	@ParameterizedTest
	@EnumSource
	void whenTheCallerEndsRequestsThenTheirSlotsAreFree(End end) throws Exception {
		endAll(start(settings(), new Frame.Codec()), end);
	}

	@ParameterizedTest
	@EnumSource
	void whenTheCallerEndsObservedRequestsThenTheirSlotsAreFree(End end) throws Exception {
		endAll(startObserved(settings(), new Frame.Codec()), end);
		assertThat(this.outcomes).filteredOn(RequestOutcome.CANCELLED::equals).hasSize(10 * BOUND);
	}

	private void endAll(TcpService<Frame> service, End end) {
		for (int batch = 0; batch < 10; batch++) {
			List<CompletableFuture<Frame>> requests = new ArrayList<>();
			for (int i = 0; i < BOUND; i++) {
				requests.add(service.request(Frame.request(batch * BOUND + i, "never answered"), LONG));
			}
			assertThat(requests).noneMatch(CompletableFuture::isDone);
			await().until(() -> service.pendingRequests() == BOUND);
			requests.forEach(end.action);
			await().until(() -> service.pendingRequests() == 0);
			assertThat(requests).allMatch(CompletableFuture::isDone);
		}
		assertThat(service.request(Frame.request(5_000, "at once"), LONG).join().text()).isEqualTo("re at once");
		assertThat(service.counters().rejected()).isZero();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whenTheCallerSaysThatNoReplyWillComeThenSlotAndIdAreFree(boolean inOrder) throws Exception {
		TcpService<Frame> service = startObserved(settings(), inOrder ? inOrder() : new Frame.Codec());
		for (int batch = 0; batch < 10; batch++) {
			List<CompletableFuture<Frame>> requests = new ArrayList<>();
			for (int i = 0; i < BOUND; i++) {
				requests.add(service.request(Frame.request(i, "never answered"), LONG));
			}
			await().until(() -> service.pendingRequests() == BOUND);
			requests.forEach((request) -> assertThat(service.endWithoutReply(request)).isTrue());
			await().until(() -> service.pendingRequests() == 0);
			assertThatThrownBy(requests.get(7)::join).cause()
				.isInstanceOf(NoReplyException.class)
				.hasMessageContaining("game/game-1 at")
				.hasMessageContaining("its caller said that no reply will come");
			assertThat(service.endWithoutReply(requests.get(7))).isFalse();
		}
		assertThat(this.outcomes).hasSize(10 * BOUND).containsOnly(RequestOutcome.NO_REPLY);
		assertThat(service.request(Frame.request(7, "at once"), LONG).join().text()).isEqualTo("re at once");
		assertThat(service.counters().rejected()).isZero();
		assertThat(service.counters().unmatchedReplies()).isZero();
	}

	@Test
	void whenRepliesComeInOrderThenACancelledRequestKeepsItsPlace() throws Exception {
		TcpService<Frame> service = start(settings(), inOrder());
		CompletableFuture<Frame> first = written(service, Frame.request(0, "first"), LONG);
		CompletableFuture<Frame> second = written(service, Frame.request(0, "second"), LONG);
		first.cancel(false);
		CompletableFuture<Frame> timedOut = written(service, Frame.request(0, "third"), Duration.ofMillis(50));
		assertThatThrownBy(timedOut::join).hasCauseInstanceOf(RequestTimeoutException.class);
		CompletableFuture<Frame> fourth = written(service, Frame.request(0, "fourth"), LONG);
		assertThat(service.pendingRequests()).isEqualTo(4);
		answerAll();
		assertThat(second.join().text()).isEqualTo("re second");
		assertThat(fourth.join().text()).isEqualTo("re fourth");
		await().until(() -> this.tcp.handler().messages.size() == 2);
		assertThat(this.tcp.handler().messages).extracting(Frame::text).containsExactly("re first", "re third");
		await().until(() -> service.counters().unmatchedReplies() == 2);
	}

	@Test
	void whenNoReplyWillComeToOneThatIsNotWrittenThenItNeverIs() throws Exception {
		TestServer server = this.tcp.discoveredServer(server());
		TcpBackend<Frame> backend = TcpFixture
			.ready(this.tcp.start(fast().withLimits(TcpFixture.smallBuffers()), this.tcp.handler()));
		TcpService<Frame> service = backend.getService("game", "game-1");
		server.stopReading();
		Frame large = Frame.push("x".repeat(100_000));
		await().pollInterval(Duration.ofMillis(1)).until(() -> {
			service.trySend(large);
			return service.queuedMessages() > 100;
		});
		CompletableFuture<Frame> request = service.request(Frame.request(1, "not written"), LONG);
		assertThat(service.endWithoutReply(request)).isTrue();
		server.resumeReading();
		await().until(() -> service.trySend(Frame.push("after")).accepted());
		await().until(() -> server.received().stream().anyMatch((frame) -> frame.text().equals("after")));
		assertThat(server.received()).extracting(Frame::text).doesNotContain("not written");
	}

	@Test
	void whenAStageIsNoRequestThenItIsRefused() throws Exception {
		TcpService<Frame> service = start(settings(), new Frame.Codec());
		CompletableFuture<Frame> stage = service.request(Frame.request(1, "at once"), LONG).thenApply((reply) -> reply);
		assertThatIllegalArgumentException().isThrownBy(() -> service.endWithoutReply(stage))
			.withMessageContaining("game/game-1")
			.withMessageContaining("expected: the future that request(…) has returned");
	}

	@Test
	void whenTheCodecLearnsThatRepliesAreLeftOutThenTheirRequestsEnd() throws Exception {
		Frame.Codec codec = new Frame.Codec() {
			@Override
			public Correlation correlation() {
				return Correlation.IN_ORDER;
			}

			@Override
			public void unanswered(Frame message, Unanswered requests) {
				requests.oldest(message.text().contains("left out 2") ? 2 : 0);
			}
		};
		TcpService<Frame> service = start(settings(), codec);
		List<CompletableFuture<Frame>> requests = new ArrayList<>();
		for (int i = 0; i < 2; i++) {
			requests.add(written(service, Frame.request(0, "quiet"), LONG));
		}
		this.answers.clear();
		assertThat(service.request(Frame.request(0, "at once, left out 2"), LONG).join().text())
			.isEqualTo("re at once, left out 2");
		for (CompletableFuture<Frame> request : requests) {
			assertThatThrownBy(request::join).cause()
				.isInstanceOf(NoReplyException.class)
				.hasMessageContaining("game/game-1 at")
				.hasMessageContaining("said that no reply will come");
		}
		assertThat(service.pendingRequests()).isZero();
		assertThat(service.request(Frame.request(0, "at once"), LONG).join().text()).isEqualTo("re at once");
	}

	@Test
	void whenTheCodecLearnsThatAnIdHasNoReplyThenItIsFree() throws Exception {
		Frame.Codec codec = new Frame.Codec() {
			@Override
			public void unanswered(Frame message, Unanswered requests) {
				if (message.text().contains("without 7 and 8")) {
					requests.id(7L);
					requests.id((Object) 8);
					requests.id(9);
				}
			}
		};
		TcpService<Frame> service = start(settings(), codec);
		CompletableFuture<Frame> pending = written(service, Frame.request(7, "quiet"), LONG);
		written(service, Frame.request(8, "quiet"), LONG).cancel(false);
		assertThat(service.request(Frame.request(1, "at once, without 7 and 8"), LONG)).succeedsWithin(LONG);
		assertThatThrownBy(pending::join).hasCauseInstanceOf(NoReplyException.class);
		assertThat(service.request(Frame.request(7, "at once"), LONG)).succeedsWithin(LONG);
		assertThat(service.request(Frame.request(8, "at once"), LONG)).succeedsWithin(LONG);
	}

	@Test
	void whenTheCodecTakesMoreThanAreDueThenTheConnectionEndsWithASentence() throws Exception {
		Frame.Codec codec = new Frame.Codec() {
			@Override
			public Correlation correlation() {
				return Correlation.IN_ORDER;
			}

			@Override
			public void unanswered(Frame message, Unanswered requests) {
				requests.oldest(2);
			}
		};
		TcpService<Frame> service = start(settings(), codec);
		assertThatThrownBy(service.request(Frame.request(0, "at once"), LONG)::join)
			.hasStackTraceContaining("oldest(2) (expected: 0 to 1, the replies that are due)");
	}

	/** How a caller may end its request. */
	private enum End {

		CANCEL((request) -> request.cancel(false)),

		COMPLETE((request) -> request.complete(Frame.push("own"))),

		COMPLETE_EXCEPTIONALLY((request) -> request.completeExceptionally(new IllegalStateException("own"))),

		COMPLETE_ASYNC((request) -> request.completeAsync(() -> Frame.push("own"))),

		OR_TIMEOUT((request) -> request.orTimeout(1, TimeUnit.MILLISECONDS)),

		COMPLETE_ON_TIMEOUT((request) -> request.completeOnTimeout(Frame.push("own"), 1, TimeUnit.MILLISECONDS)),

		OBTRUDE((request) -> request.obtrudeValue(Frame.push("own")));

		private final Consumer<CompletableFuture<Frame>> action;

		End(Consumer<CompletableFuture<Frame>> action) {
			this.action = action;
		}

	}

}
