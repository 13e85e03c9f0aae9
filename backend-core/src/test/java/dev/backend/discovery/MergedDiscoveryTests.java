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
import static org.assertj.core.api.Assertions.tuple;
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
	void whenOneSubscriptionCannotBeClosedThenTheOthersAre() {
		ServiceDiscovery failing = new ServiceDiscovery() {

			@Override
			public Subscription subscribe(DiscoveryListener listener) {
				return () -> {
					throw new IllegalStateException("cannot close");
				};
			}

			@Override
			public DiscoveryStatus status() {
				return DiscoveryStatus.starting("failing");
			}

			@Override
			public Duration confirmationDelay() {
				return Duration.ZERO;
			}

		};
		ServiceDiscovery.Subscription subscription = MergedDiscovery.of(List.of(failing, this.first))
			.subscribe(this.pushed::add);
		assertThatIllegalStateException().isThrownBy(subscription::close);
		assertThat(this.first.listener).isNull();
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
	void eachSourceKeepsItsOwnViewAndDelay() {
		this.first.delay = Duration.ofSeconds(90);
		this.merged.subscribe(this.pushed::add);
		this.first.push(5, "a");
		this.second.push(new DiscoverySnapshot(new SourceView("second", List.of(), 7, Absence.NO_EVIDENCE)));
		assertThat(latest().views())
			.extracting(SourceView::source, SourceView::readAt, SourceView::absence, SourceView::confirmationDelay)
			.containsExactly(tuple("source 1", 5L, Absence.EVIDENCE, Duration.ofSeconds(90)),
					tuple("source 2: second", 7L, Absence.NO_EVIDENCE, Duration.ofSeconds(8)));
		assertThat(this.merged.confirmationDelay()).isEqualTo(Duration.ofSeconds(90));
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
		return new DiscoveryStatus(source, state, InstanceCounts.of(instances).withLeftOut(LeftOut.MALFORMED, rejected),
				sinceLastRead, reason);
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
