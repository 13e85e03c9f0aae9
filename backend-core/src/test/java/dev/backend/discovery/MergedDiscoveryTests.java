package dev.backend.discovery;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.discovery.ServiceDiscovery.Subscription;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

class MergedDiscoveryTests {

	private final PushedSource first = new PushedSource("first");

	private final PushedSource second = new PushedSource("second");

	private final MergedDiscovery merged = MergedDiscovery.of(List.of(this.first, this.second));

	private final List<DiscoverySnapshot> pushed = new CopyOnWriteArrayList<>();

	@Test
	void whenAllHavePushedThenTheEntriesStandInTheOrderOfTheSources() {
		this.merged.subscribe(this.pushed::add);
		this.second.push(5, "b", "a");
		assertThat(this.pushed).isEmpty();
		this.first.push(7, "a", "c");
		assertThat(ids()).containsExactly("first-a", "first-c", "second-b", "second-a");
		this.second.push(8);
		assertThat(ids()).containsExactly("first-a", "first-c");
	}

	@Test
	void whenASourceIsDownAtTheStartThenTheOthersAreNotHeldBackForLong() {
		this.merged.subscribe(this.pushed::add);
		this.second.push(5, "b");
		await().until(() -> this.pushed.size() == 1);
		assertThat(ids()).containsExactly("second-b");
		this.second.push(6, "b2");
		assertThat(ids()).containsExactly("second-b2");
		this.first.push(7, "a");
		assertThat(ids()).containsExactly("first-a", "second-b2");
	}

	@Test
	void timesAreThoseOfTheNewestAndTheOldestReadAlsoWhenNanoTimeOverflows() {
		this.merged.subscribe(this.pushed::add);
		this.first.push(Long.MAX_VALUE - 5, "a");
		this.second.push(Long.MAX_VALUE, "b");
		this.first.push(Long.MAX_VALUE);
		this.second.push(Long.MIN_VALUE + 5, "b");
		assertThat(latest().readAt()).isEqualTo(Long.MIN_VALUE + 5);
		assertThat(latest().oldestReadAt()).isEqualTo(Long.MAX_VALUE);
	}

	@Test
	void aLossIsConfirmedByItsOwnSourceOnly() {
		long delay = Duration.ofSeconds(8).toNanos();
		this.merged.subscribe(this.pushed::add);
		this.first.push(5, "a", "b");
		this.second.push(5, "c");
		this.first.push(10, "a");
		assertThat(latest().oldestReadAt()).isEqualTo(10);
		this.second.push(20 + delay, "c");
		assertThat(latest().oldestReadAt()).as("only the other was read").isEqualTo(10);
		this.first.push(9 + delay, "a");
		assertThat(latest().oldestReadAt()).as("too early").isEqualTo(9 + delay);
		this.first.push(10 + delay, "a");
		assertThat(latest().oldestReadAt()).isEqualTo(20 + delay);
	}

	@Test
	void whenASourceIsDownThenALossOfAnotherIsConfirmedAllTheSame() {
		long delay = Duration.ofSeconds(8).toNanos();
		this.merged.subscribe(this.pushed::add);
		this.first.push(5, "a");
		this.second.push(100, "b");
		this.second.push(110);
		this.second.push(110 + delay);
		assertThat(latest().oldestReadAt()).isEqualTo(110 + delay);
	}

	@Test
	void whatASourceItselfHoldsForUnconfirmedIsSo() {
		this.merged.subscribe(this.pushed::add);
		this.first.push(5, "a");
		this.second.push(new DiscoverySnapshot(List.of(), 100, 90, false));
		this.first.push(120, "a");
		assertThat(latest().oldestReadAt()).isEqualTo(90);
	}

	@Test
	void aSourceThatNeedsNoConfirmationIsNotWaitedForToConfirm() {
		this.first.delay = Duration.ZERO;
		this.merged.subscribe(this.pushed::add);
		this.first.push(5, "a");
		this.second.push(100, "b");
		this.second.push(110);
		assertThat(latest().oldestReadAt()).isEqualTo(110);
		assertThat(this.merged.confirmationDelay()).isEqualTo(Duration.ofSeconds(8));
	}

	@Test
	void whenClosedThenNothingIsHeardAndTheSourcesAreLeft() {
		Subscription subscription = this.merged.subscribe(this.pushed::add);
		this.first.push(5, "a");
		this.second.push(5, "b");
		subscription.close();
		subscription.close();
		this.first.push(6, "c");
		assertThat(this.pushed).hasSize(1);
		assertThat(this.first.listener).isNull();
		assertThat(this.second.listener).isNull();
	}

	@Test
	void whenAListenerClosesFromWithinWhileAnotherSourcePushesThenNeitherHangs() throws Exception {
		CountDownLatch inside = new CountDownLatch(1);
		CountDownLatch pushing = new CountDownLatch(1);
		Subscription[] own = new Subscription[1];
		own[0] = this.merged.subscribe((snapshot) -> {
			inside.countDown();
			awaitQuietly(pushing);
			own[0].close();
		});
		this.first.push(5, "a");
		Thread other = new Thread(() -> this.second.push(5, "b"));
		other.start();
		assertThat(inside.await(5, TimeUnit.SECONDS)).isTrue();
		// The other source's thread must not wait for the call, or for this one.
		this.first.push(6, "c");
		pushing.countDown();
		other.join(5000);
		assertThat(other.isAlive()).isFalse();
	}

	@Test
	void whenTheListenerThrowsThenItHearsTheNext() {
		this.merged.subscribe((snapshot) -> {
			this.pushed.add(snapshot);
			throw new IllegalStateException("listener's own fault");
		});
		this.first.push(5, "a");
		this.second.push(5, "b");
		this.second.push(6, "c");
		assertThat(this.pushed).hasSize(2);
	}

	@Test
	void statusIsTheWorstOfAllWithTheReasonsOfAll() {
		this.first.status = status("first", State.UP, 3, 1, Duration.ofSeconds(1), null);
		this.second.status = status("second", State.STARTING, 0, 0, null, null);
		assertThat(this.merged.status()).isEqualTo(status("first, second", State.STARTING, 3, 1, null, null));
		this.first.status = status("first", State.UP, 3, 1, Duration.ofSeconds(1), "first: warns");
		this.second.status = status("second", State.DOWN, 2, 1, Duration.ofSeconds(9), "second: is away");
		assertThat(this.merged.status()).isEqualTo(
				status("first, second", State.DOWN, 5, 2, Duration.ofSeconds(9), "first: warns; second: is away"));
	}

	@Test
	void whenClosedThenTheSourcesAreClosedAlsoAfterOneThatFails() {
		this.first.failure = new IllegalStateException("cannot close");
		assertThatIllegalStateException().isThrownBy(this.merged::close)
			.withMessage("first could not be closed")
			.withCause(this.first.failure);
		assertThat(this.second.closed).isTrue();
	}

	@Test
	void whenThereIsNoSourceThenThisIsRefused() {
		assertThatIllegalArgumentException().isThrownBy(() -> MergedDiscovery.of(List.of()))
			.withMessage("sources: none (expected: at least 1)");
	}

	private DiscoverySnapshot latest() {
		return this.pushed.get(this.pushed.size() - 1);
	}

	private List<String> ids() {
		return latest().instances()
			.stream()
			.map((instance) -> instance.metadata().get("of") + "-" + instance.id())
			.toList();
	}

	private static DiscoveryStatus status(String source, State state, int instances, int rejected,
			@Nullable Duration sinceLastRead, @Nullable String reason) {
		return new DiscoveryStatus(source, state, instances, rejected, sinceLastRead, reason);
	}

	private static void awaitQuietly(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	/** A source that pushes what a test says, on the test's thread. */

}
