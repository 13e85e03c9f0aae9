package dev.backend.discovery.consul;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import dev.backend.discovery.DiscoveryLoop;
import dev.backend.discovery.consul.BlockingQuery.Answer;
import dev.backend.discovery.consul.BlockingQuery.Options;
import dev.backend.settings.RetryDelays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.publisher.Mono;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What a poller asks next, by what it was answered.
 */
@ExtendWith(OutputCaptureExtension.class)
class PollerTests {

	private final DiscoveryLoop thread = new DiscoveryLoop("poller-tests");

	private final QueryLoop loop = new QueryLoop(this.thread);

	private final BlockingQueue<Asked> queries = new LinkedBlockingQueue<>();

	private final List<String> heard = new CopyOnWriteArrayList<>();

	private final AtomicLong newestIndex = new AtomicLong();

	private volatile @Nullable Error thrown;

	private final List<Poller<String>> pollers = new ArrayList<>();

	private final ConsulDiscoverySettings settings = ConsulDiscoverySettings.defaults(URI.create("http://127.0.0.1:1"))
		.withRetry(new RetryDelays(Duration.ofMillis(1), Duration.ofMillis(2)));

	@AfterEach
	void stop() {
		this.pollers.forEach((poller) -> onLoop(poller::stop));
		this.thread.close(() -> {
		});
	}

	@Test
	void whenTheIndexGrowsThenItIsWaitedForMore() throws InterruptedException {
		start(true);
		answer("a", 57);
		Options next = answer("b", 58);
		assertThat(next.index()).isEqualTo(57);
		assertThat(next.waitTime()).isEqualTo(Duration.ofSeconds(55));
		assertThat(answer("c", 58).index()).isEqualTo(58);
	}

	@Test
	void whenTheIndexGoesBackwardsThenEverythingIsAskedFor() throws InterruptedException {
		start(true);
		answer("a", 57);
		assertThat(answer("b", 12).index()).isEqualTo(57);
		assertThat(answer("c", 13)).isEqualTo(Options.NOW);
		assertThat(take().options().index()).isEqualTo(13);
	}

	@Test
	void whenTheIndexIsZeroThenOneIsAskedForSinceZeroWouldNotWait() throws InterruptedException {
		start(true);
		assertThat(answer("a", 0)).isEqualTo(Options.NOW);
		assertThat(take().options().index()).isOne();
	}

	@Test
	void whenAQueryFailsThenEverythingIsAskedFor() throws InterruptedException {
		Poller<String> poller = start(true);
		answer("a", 57);
		take().answer().completeExceptionally(ConsulFailure.refused("500"));
		Asked again = take();
		assertThat(again.options()).isEqualTo(Options.NOW);
		assertThat(this.heard).containsExactly("a", "failed: 500");
		onLoop(() -> assertThat(poller.isFresh()).isFalse());
		again.answer().complete(new Answer<>("b", 60));
		await().until(() -> this.heard.contains("b"));
		onLoop(() -> {
			assertThat(poller.isFresh()).isTrue();
			assertThat(poller.failure()).isNull();
		});
	}

	@Test
	void whenALongPollDoesNotTellOfWhatIsNewerThenItIsGivenUpOnce(CapturedOutput output) throws InterruptedException {
		Poller<String> poller = start(true);
		answer("a", 57);
		Asked silent = take();
		this.newestIndex.set(58);
		onLoop(() -> poller.verify(true));
		assertThat(answer("b", 57)).isEqualTo(Options.NOW);
		assertThat(silent.answer()).isCancelled();
		assertThat(output)
			.contains("consul at http://127.0.0.1:1: the long poll of service 'game' has missed a change");
		Asked next = take();
		// An index that the long poll never has is no reason to give up every time.
		onLoop(() -> poller.verify(true));
		await().during(Duration.ofMillis(600)).until(this.queries::isEmpty);
		assertThat(next.answer()).isNotDone();
	}

	@Test
	void whenALongPollTellsOfWhatIsNewerALittleLaterThenItIsNotGivenUp() throws InterruptedException {
		Poller<String> poller = start(true);
		answer("a", 57);
		Asked waiting = take();
		this.newestIndex.set(58);
		onLoop(() -> poller.verify(true));
		waiting.answer().complete(new Answer<>("b", 58));
		Asked next = take();
		await().during(Duration.ofMillis(600)).until(this.queries::isEmpty);
		assertThat(next.options().index()).isEqualTo(58);
	}

	@Test
	void whenNothingHasChangedThenALongPollIsNotCompared() throws InterruptedException {
		Poller<String> poller = start(true);
		answer("a", 57);
		Asked waiting = take();
		this.newestIndex.set(58);
		onLoop(() -> poller.verify(false));
		await().during(Duration.ofMillis(600)).until(this.queries::isEmpty);
		assertThat(waiting.answer()).isNotDone();
	}

	@Test
	void whenSomethingIsMissedThenItIsNotWaitedForLongerThanTheConfirmation() throws InterruptedException {
		start(true);
		answer("a", 57);
		answer("missing", 58);
		Options confirming = take().options();
		assertThat(confirming.index()).isEqualTo(58);
		assertThat(confirming.waitTime()).isBetween(Duration.ofSeconds(1), Duration.ofMillis(8010));
	}

	@Test
	void whenItHasNoLongPollThenItAsksOnlyWhenRungFor() throws InterruptedException {
		Poller<String> poller = start(false);
		assertThat(answer("a", 57)).isEqualTo(Options.NOW);
		await().until(() -> this.heard.contains("a"));
		assertThat(this.queries).isEmpty();
		onLoop(poller::wake);
		Asked woken = take();
		assertThat(woken.options()).isEqualTo(Options.NOW);
		onLoop(poller::wake);
		woken.answer().complete(new Answer<>("b", 58));
		assertThat(answer("missing", 59)).as("woken while it asked").isEqualTo(Options.NOW);
		await().until(() -> this.heard.contains("missing"));
		onLoop(poller::wake);
		assertThat(answer("d", 60)).as("does not wait for the confirmation").isEqualTo(Options.NOW);
		onLoop(poller::block);
		assertThat(take().options().index()).isEqualTo(60);
	}

	@Test
	void whenItIsStoppedThenALateAnswerIsNotHeard() throws InterruptedException {
		Poller<String> poller = start(true);
		Asked late = take();
		onLoop(poller::stop);
		late.answer().complete(new Answer<>("late", 57));
		onLoop(() -> assertThat(this.heard).isEmpty());
		onLoop(poller::start);
		assertThat(answer("a", 5)).isEqualTo(Options.NOW);
		await().until(() -> this.heard.equals(List.of("a")));
	}

	@Test
	void whenNoAnswerComesInTimeThenTheAttemptIsAbandonedAndMadeAgain() throws InterruptedException {
		start(this.settings.withTimings(ConsulTimings.defaults().withResponseTimeout(Duration.ofMillis(5))), true);
		Asked silent = take();
		take();
		assertThat(silent.answer()).isCancelled();
		assertThat(this.heard).contains("failed: no answer for 5ms");
	}

	@Test
	void whenAnErrorComesOutOfTheHandlingThenItIsAskedAgain(CapturedOutput output) throws InterruptedException {
		start(true);
		answer("error", 57);
		assertThat(answer("a", 57)).isEqualTo(Options.NOW);
		await().until(() -> this.heard.contains("a"));
		assertThat(output).contains("the answer about service 'game' cannot be handled");
	}

	@Test
	void whenAskingThrowsThenItIsAskedAgain() throws InterruptedException {
		this.thrown = new LinkageError("thrown");
		start(true);
		answer("a", 57);
		await().until(() -> this.heard.contains("a"));
	}

	private Poller<String> start(boolean blocking) {
		return start(this.settings, blocking);
	}

	private Poller<String> start(ConsulDiscoverySettings settings, boolean blocking) {
		Poller<String> poller = new Poller<>("service 'game'", this::ask, Mono.fromCallable(this.newestIndex::get),
				new Listener(), settings, this.loop, new ConcurrencyLimit(1), blocking);
		this.pollers.add(poller);
		onLoop(poller::start);
		return poller;
	}

	private Mono<Answer<String>> ask(Options options) {
		Error error = this.thrown;
		if (error != null) {
			this.thrown = null;
			throw error;
		}
		return Mono.fromFuture(() -> {
			Asked asked = new Asked(options, new CompletableFuture<>());
			this.queries.add(asked);
			return asked.answer();
		});
	}

	/** Answers the next query and returns it. */
	private Options answer(String content, long index) throws InterruptedException {
		Asked asked = take();
		asked.answer().complete(new Answer<>(content, index));
		return asked.options();
	}

	private Asked take() throws InterruptedException {
		Asked asked = this.queries.poll(10, TimeUnit.SECONDS);
		assertThat(asked).isNotNull();
		return asked;
	}

	private void onLoop(Runnable action) {
		CompletableFuture.runAsync(action, this.thread::execute).join();
	}

	private record Asked(Options options, CompletableFuture<Answer<String>> answer) {
	}

	private final class Listener implements Poller.Listener<String> {

		@Override
		public boolean misses(String content) {
			return content.equals("missing");
		}

		@Override
		public void answered(String content) {
			if (content.equals("error")) {
				throw new LinkageError("a class is missing");
			}
			PollerTests.this.heard.add(content);
		}

		@Override
		public void failed(ConsulFailure failure) {
			PollerTests.this.heard.add("failed: " + failure.getMessage());
		}

	}

}
