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

import dev.backend.discovery.consul.Question.Answer;
import dev.backend.discovery.consul.Question.Query;
import dev.backend.settings.RetryDelays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What a poll asks next, by what it was answered.
 */
class PollTests {

	private final Scheduler loop = Schedulers.newSingle("poll-tests", true);

	private final BlockingQueue<Asked> questions = new LinkedBlockingQueue<>();

	private final List<String> heard = new CopyOnWriteArrayList<>();

	private final AtomicLong newestIndex = new AtomicLong();

	private final List<Poll<String>> polls = new ArrayList<>();

	private final ConsulDiscoverySettings settings = ConsulDiscoverySettings.defaults(URI.create("http://127.0.0.1:1"))
		.withRetry(new RetryDelays(Duration.ofMillis(1), Duration.ofMillis(2)));

	@AfterEach
	void stop() {
		this.polls.forEach((poll) -> onLoop(poll::stop));
		this.loop.dispose();
	}

	@Test
	void whenTheIndexGrowsThenItIsWaitedForMore() throws InterruptedException {
		start(true);
		answer("a", 57);
		Query next = answer("b", 58);
		assertThat(next.index()).isEqualTo(57);
		assertThat(next.patience()).isEqualTo(Duration.ofSeconds(55));
		assertThat(answer("c", 58).index()).isEqualTo(58);
	}

	@Test
	void whenTheIndexGoesBackwardsThenEverythingIsAskedFor() throws InterruptedException {
		start(true);
		answer("a", 57);
		assertThat(answer("b", 12).index()).isEqualTo(57);
		assertThat(answer("c", 13)).isEqualTo(Query.NOW);
		assertThat(take().query().index()).isEqualTo(13);
	}

	@Test
	void whenTheIndexIsZeroThenOneIsAskedForSinceZeroWouldNotWait() throws InterruptedException {
		start(true);
		assertThat(answer("a", 0)).isEqualTo(Query.NOW);
		assertThat(take().query().index()).isOne();
	}

	@Test
	void whenAQuestionFailsThenEverythingIsAskedFor() throws InterruptedException {
		Poll<String> poll = start(true);
		answer("a", 57);
		take().answer().completeExceptionally(ConsulFailure.refused("500"));
		Asked again = take();
		assertThat(again.query()).isEqualTo(Query.NOW);
		assertThat(this.heard).containsExactly("a", "failed: 500");
		onLoop(() -> assertThat(poll.isFresh()).isFalse());
		again.answer().complete(new Answer<>("b", 60));
		await().until(() -> this.heard.contains("b"));
		onLoop(() -> {
			assertThat(poll.isFresh()).isTrue();
			assertThat(poll.failure()).isNull();
		});
	}

	@Test
	void whenALongPollDoesNotTellOfWhatIsNewerThenItIsGivenUpOnce() throws InterruptedException {
		Poll<String> poll = start(true);
		answer("a", 57);
		Asked silent = take();
		this.newestIndex.set(58);
		onLoop(() -> poll.verify(true));
		assertThat(answer("b", 57)).isEqualTo(Query.NOW);
		assertThat(silent.answer()).isCancelled();
		Asked next = take();
		// An index that the long poll never has is no reason to give up every time.
		onLoop(() -> poll.verify(true));
		await().during(Duration.ofMillis(600)).until(this.questions::isEmpty);
		assertThat(next.answer()).isNotDone();
	}

	@Test
	void whenALongPollTellsOfWhatIsNewerALittleLaterThenItIsNotGivenUp() throws InterruptedException {
		Poll<String> poll = start(true);
		answer("a", 57);
		Asked waiting = take();
		this.newestIndex.set(58);
		onLoop(() -> poll.verify(true));
		waiting.answer().complete(new Answer<>("b", 58));
		Asked next = take();
		await().during(Duration.ofMillis(600)).until(this.questions::isEmpty);
		assertThat(next.query().index()).isEqualTo(58);
	}

	@Test
	void whenNothingHasChangedThenALongPollIsNotCompared() throws InterruptedException {
		Poll<String> poll = start(true);
		answer("a", 57);
		Asked waiting = take();
		this.newestIndex.set(58);
		onLoop(() -> poll.verify(false));
		await().during(Duration.ofMillis(600)).until(this.questions::isEmpty);
		assertThat(waiting.answer()).isNotDone();
	}

	@Test
	void whenSomethingIsMissedThenItIsNotWaitedForLongerThanTheConfirmation() throws InterruptedException {
		Poll<String> poll = start(true);
		answer("a", 57);
		answer("missing", 58);
		Query confirming = take().query();
		assertThat(confirming.index()).isEqualTo(58);
		assertThat(confirming.patience()).isBetween(Duration.ofSeconds(1), Duration.ofMillis(8010));
		onLoop(() -> assertThat(poll.unconfirmedSince()).isNotNull());
	}

	@Test
	void whenItHasNoLongPollThenItAsksOnlyWhenRungFor() throws InterruptedException {
		Poll<String> poll = start(false);
		assertThat(answer("a", 57)).isEqualTo(Query.NOW);
		await().until(() -> this.heard.contains("a"));
		assertThat(this.questions).isEmpty();
		onLoop(poll::ring);
		Asked rung = take();
		assertThat(rung.query()).isEqualTo(Query.NOW);
		onLoop(poll::ring);
		rung.answer().complete(new Answer<>("b", 58));
		assertThat(answer("missing", 59)).as("rung for while it asked").isEqualTo(Query.NOW);
		await().until(() -> this.heard.contains("missing"));
		onLoop(poll::ring);
		assertThat(answer("d", 60)).as("does not wait for the confirmation").isEqualTo(Query.NOW);
		onLoop(poll::block);
		assertThat(take().query().index()).isEqualTo(60);
	}

	@Test
	void whenItIsStoppedThenALateAnswerIsNotHeard() throws InterruptedException {
		Poll<String> poll = start(true);
		Asked late = take();
		onLoop(poll::stop);
		late.answer().complete(new Answer<>("late", 57));
		onLoop(() -> assertThat(this.heard).isEmpty());
		onLoop(poll::start);
		assertThat(answer("a", 5)).isEqualTo(Query.NOW);
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

	private Poll<String> start(boolean blocking) {
		return start(this.settings, blocking);
	}

	private Poll<String> start(ConsulDiscoverySettings settings, boolean blocking) {
		Poll<String> poll = new Poll<>(this::ask, Mono.fromCallable(this.newestIndex::get), new Listener(), settings,
				this.loop, new Turnstile(1), blocking);
		this.polls.add(poll);
		onLoop(poll::start);
		return poll;
	}

	private Mono<Answer<String>> ask(Query query) {
		return Mono.fromFuture(() -> {
			Asked asked = new Asked(query, new CompletableFuture<>());
			this.questions.add(asked);
			return asked.answer();
		});
	}

	/** Answers the next question and returns it. */
	private Query answer(String content, long index) throws InterruptedException {
		Asked asked = take();
		asked.answer().complete(new Answer<>(content, index));
		return asked.query();
	}

	private Asked take() throws InterruptedException {
		Asked asked = this.questions.poll(10, TimeUnit.SECONDS);
		assertThat(asked).isNotNull();
		return asked;
	}

	private void onLoop(Runnable action) {
		CompletableFuture.runAsync(action, this.loop::schedule).join();
	}

	private record Asked(Query query, CompletableFuture<Answer<String>> answer) {
	}

	private final class Listener implements Poll.Listener<String> {

		@Override
		public boolean misses(String content) {
			return content.equals("missing");
		}

		@Override
		public void answered(String content) {
			PollTests.this.heard.add(content);
		}

		@Override
		public void failed(ConsulFailure failure) {
			PollTests.this.heard.add("failed: " + failure.getMessage());
		}

	}

}
