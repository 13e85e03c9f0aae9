package dev.backend.discovery;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.discovery.LossConfirmation.Known;
import dev.backend.discovery.ServiceDiscovery.Subscription;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What every source of instances must do, whatever its registry. A test of a source
 * extends this and says how its registry is put into the states that this asks for.
 */
@ExtendWith(OutputCaptureExtension.class)
public abstract class DiscoveryContract {

	private static final Duration PATIENCE = Duration.ofSeconds(20);

	private Registry registry;

	private ServiceDiscovery discovery;

	private SnapshotRecorder recorder;

	/**
	 * Makes an empty registry that answers.
	 * @return the registry
	 */
	protected abstract Registry registry();

	/** A registry and how to put it into a state. */
	public interface Registry extends AutoCloseable {

		/**
		 * Makes a source that watches the registry, with short times: a confirmation
		 * delay of about a second, and a change is noticed within a few.
		 * @param rules what an entry must be like
		 * @return the source, not subscribed to
		 */
		ServiceDiscovery open(InstanceRules rules);

		/**
		 * Has the registry list these instances, of the service {@code game} and the
		 * scheme {@code tcp}, and no other of that service.
		 * @param ids their ids
		 */
		void list(String... ids);

		/** From now on, the registry answers with errors or not at all. */
		void fail();

		/**
		 * From now on, the registry answers with a part of what it has, as far as it can
		 * be told from a whole; else as {@link #fail()}.
		 */
		default void answerInPart() {
			fail();
		}

		/** The registry answers again, with what was listed last. */
		void recover();

		/** Adds an entry to the registry that no source may use. */
		void addHostile();

		/**
		 * The next read meets an {@link Error} within the source, such as one that a
		 * client's class throws.
		 * @return whether there is a way to force that
		 */
		boolean throwError();

		@Override
		void close();

	}

	@BeforeEach
	void openRegistry() {
		this.registry = registry();
		this.recorder = new SnapshotRecorder();
		this.discovery = this.registry.open(InstanceRules.defaults());
	}

	@AfterEach
	void closeRegistry() {
		this.discovery.close();
		this.registry.close();
	}

	private void await(String what, Callable<Boolean> condition) {
		Awaitility.await(what).atMost(PATIENCE).until(condition);
	}

	private Absence absence() {
		return this.recorder.last().views().get(0).absence();
	}

	@Test
	void aChangeIsSeenAndCounted() {
		assertThat(this.discovery.status().state()).isEqualTo(State.STARTING);
		this.registry.list("a");
		this.discovery.subscribe(this.recorder);
		await("the first snapshot", () -> this.recorder.shows("a"));
		this.registry.list("a", "b");
		await("the second", () -> this.recorder.shows("a", "b"));
		await("up", () -> this.discovery.status().state() == State.UP);
		assertThat(this.discovery.status().counts().taken()).isEqualTo(2);
		assertThat(this.discovery.status().sinceLastRead()).isNotNull();
		assertThat(this.discovery.reads().succeeded()).isPositive();
	}

	/** Of one watch, and so of one read. */
	@Test
	void whenAnotherOneSubscribesThenItSharesWhatWasReadAndTheReadsToCome() {
		this.registry.list("a");
		Subscription first = this.discovery.subscribe(this.recorder);
		await("the first snapshot", () -> this.recorder.shows("a"));
		await("up", () -> this.discovery.status().state() == State.UP);
		this.registry.fail();
		SnapshotRecorder other = new SnapshotRecorder();
		this.discovery.subscribe(other);
		await("the same snapshot without a read", () -> other.shows("a"));
		long reads = this.discovery.reads().succeeded();
		assertThat(reads).isPositive();
		first.close();
		this.registry.list("a", "b");
		this.registry.recover();
		await("a later one", () -> other.shows("a", "b"));
		assertThat(this.discovery.reads().succeeded()).isGreaterThan(reads);
		assertThat(this.recorder.shows("a")).isTrue();
	}

	@Test
	void whenTheRegistryFailsThenTheLastViewStandsAndEachLossAfterThatMustBeConfirmed() {
		this.registry.list("a", "b", "c");
		this.discovery.subscribe(this.recorder);
		await("the first snapshot", () -> this.recorder.shows("a", "b", "c"));
		this.registry.fail();
		await("down", () -> this.discovery.status().state() == State.DOWN);
		assertThat(this.discovery.status().reason()).contains(this.discovery.status().source() + ": ");
		assertThat(this.recorder.all()).allSatisfy((snapshot) -> assertThat(snapshot.instances()).isNotEmpty());
		this.registry.list("a", "b");
		this.registry.recover();
		await("the loss", () -> this.recorder.shows("a", "b"));
		DiscoverySnapshot first = this.recorder.all()
			.stream()
			.filter((snapshot) -> snapshot.instances().size() == 2)
			.findFirst()
			.orElseThrow();
		assertThat(first.views().get(0).absence()).isEqualTo(Absence.TO_BE_CONFIRMED);
		await("up", () -> this.discovery.status().state() == State.UP);
		await("the end of doubt", () -> absence() == Absence.EVIDENCE);
	}

	@Test
	void whenAnAnswerIsNotWholeThenItIsNoSnapshot() {
		this.registry.list("a", "b", "c");
		this.discovery.subscribe(this.recorder);
		await("the first snapshot", () -> this.recorder.shows("a", "b", "c"));
		this.registry.answerInPart();
		await("the reads fail", () -> this.discovery.reads().failed() > 0);
		assertThat(this.recorder.all()).allSatisfy((snapshot) -> assertThat(snapshot.instances()).hasSize(3));
		this.registry.recover();
		await("up", () -> this.discovery.status().state() == State.UP);
	}

	@Test
	void whenMostIsLostThenThatCountsOnlyWhenAnotherReadConfirmsIt() {
		this.registry.list("a", "b", "c", "d");
		Believer believer = new Believer(this.discovery.confirmationDelay());
		this.discovery.subscribe(believer);
		await("all", () -> believer.present.get().size() == 4);
		this.registry.list("a");
		await("the loss is seen", () -> believer.missing.get());
		await("the loss is believed", () -> believer.present.get().equals(Set.of("a")));
		assertThat(believer.believedAfter.get()).isGreaterThanOrEqualTo(this.discovery.confirmationDelay());
	}

	@Test
	void whenAnEntryIsHostileThenItCostsItselfAloneAndIsCountedAndToldOnce(CapturedOutput output) {
		this.registry.list("a");
		this.registry.addHostile();
		this.discovery.subscribe(this.recorder);
		await("the others", () -> this.recorder.shows("a"));
		await("the count", () -> this.discovery.status().rejected() == 1);
		this.registry.list("a", "b");
		await("a later one", () -> this.recorder.shows("a", "b"));
		assertThat(this.discovery.status().counts().seen()).isEqualTo(3);
		assertThat(this.discovery.status().rejected()).isEqualTo(1);
		assertThat(output.getAll().lines().filter((line) -> line.contains("left out that was not before"))).hasSize(1);
	}

	@Test
	void whenThereAreMoreThanTheMaximumThenTheKnownOnesStay() {
		this.discovery.close();
		this.discovery = this.registry.open(InstanceRules.defaults().withMaximumInstances(2));
		this.registry.list("a", "b");
		this.discovery.subscribe(this.recorder);
		await("both", () -> this.recorder.shows("a", "b"));
		this.registry.list("a", "b", "c");
		await("the count", () -> this.discovery.status().counts().leftOut().containsKey(LeftOut.TOO_MANY));
		assertThat(this.recorder.shows("a", "b")).isTrue();
	}

	@Test
	void whenAnErrorIsThrownThenTheNextChangeIsSeen() {
		this.registry.list("a");
		this.discovery.subscribe(this.recorder);
		await("the first snapshot", () -> this.recorder.shows("a"));
		if (this.registry.throwError()) {
			this.registry.list("a", "b");
			await("a later one", () -> this.recorder.shows("a", "b"));
		}
	}

	@Test
	void whenAListenerThrowsAnErrorThenTheNextSnapshotComes() {
		this.registry.list("a");
		this.discovery.subscribe((snapshot) -> {
			this.recorder.onSnapshot(snapshot);
			throw new NoClassDefFoundError("forced");
		});
		await("the first snapshot", () -> this.recorder.shows("a"));
		this.registry.list("a", "b");
		await("a later one", () -> this.recorder.shows("a", "b"));
	}

	@Test
	void whenItIsClosedAtAnyMomentThenItIsQuietAfterThat(CapturedOutput output) {
		Random random = new Random(15);
		this.registry.list("a");
		for (int i = 0; i < 12; i++) {
			AtomicBoolean closed = new AtomicBoolean();
			AtomicBoolean calledAfter = new AtomicBoolean();
			ServiceDiscovery source = this.registry.open(InstanceRules.defaults());
			Subscription subscription = source.subscribe((snapshot) -> calledAfter.compareAndSet(false, closed.get()));
			this.registry.list((i % 2 == 0) ? new String[] { "a", "b" } : new String[] { "a" });
			long end = System.nanoTime() + random.nextInt(60_000_000);
			while (System.nanoTime() - end < 0) {
				Thread.onSpinWait();
			}
			if (i % 3 != 0) {
				subscription.close();
				closed.set(true);
			}
			source.close();
			closed.set(true);
			source.close();
			subscription.close();
			assertThat(calledAfter).isFalse();
		}
		this.discovery.subscribe(this.recorder);
		await("another one works", () -> this.recorder.shows("a"));
		assertThat(output.getAll().lines().filter((line) -> line.contains(" ERROR ") || line.contains("Exception")))
			.isEmpty();
	}

	/** Believes in a loss when the core does. */
	private static final class Believer implements ServiceDiscovery.DiscoveryListener {

		private final LossConfirmation<String> losses;

		private final AtomicReference<Set<String>> present = new AtomicReference<>(Set.of());

		private final AtomicBoolean missing = new AtomicBoolean();

		private final AtomicReference<Duration> believedAfter = new AtomicReference<>(Duration.ZERO);

		private Map<String, Origin> known = Map.of();

		private long missedAt;

		Believer(Duration delay) {
			this.losses = new LossConfirmation<>(null, delay, LossConfirmation.Listener.NONE);
		}

		@Override
		public void onSnapshot(DiscoverySnapshot snapshot) {
			SourceView view = snapshot.views().get(0);
			Map<String, Origin> listed = new HashMap<>();
			snapshot.instances()
				.forEach((instance) -> listed.put(instance.id(), new Origin(view.source(), instance.name())));
			List<Known<String>> all = this.known.entrySet()
				.stream()
				.map((entry) -> new Known<>(entry.getKey(), "game", entry.getValue()))
				.toList();
			List<Known<String>> held = this.losses.held(all, listed::containsKey, snapshot);
			if (!held.isEmpty() && this.missing.compareAndSet(false, true)) {
				this.missedAt = view.readAt("game");
			}
			if (held.isEmpty() && this.missing.get()) {
				this.believedAfter.compareAndSet(Duration.ZERO, Duration.ofNanos(view.readAt("game") - this.missedAt));
			}
			held.forEach((one) -> listed.put(one.key(), one.origin()));
			this.known = listed;
			this.present.set(Set.copyOf(listed.keySet()));
		}

	}

}
