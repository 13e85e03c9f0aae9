package dev.backend.discovery;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

/**
 * Decides whether what a snapshot misses is gone. This is the one place where that is
 * decided, whatever the registry.
 *
 * <p>
 * <b>The rule.</b> What is missing is gone, unless the loss is suspect: when more than
 * half of a group is missed at once, but more than a single instance; when that holds for
 * all that a source had listed; or when the source says that
 * {@linkplain Absence#doubted() absence} is no evidence at present. A suspect loss starts
 * a <em>hold</em> of its group: what is missing stays. What is missing from a later
 * snapshot while the hold lasts joins it.
 *
 * <p>
 * <b>The end.</b> Each instance leaves the hold when it is listed again, or when its own
 * {@linkplain Origin source has read its service} at least the confirmation delay after
 * the first read without it; only then it counts as gone. No read, no confirmation: a
 * registry that has stopped to answer takes nobody away. While its source says
 * {@link Absence#NO_EVIDENCE}, the time begins anew with each read, also if one read is
 * enough otherwise. The hold ends with its last instance.
 *
 * <p>
 * Not thread-safe: for the one thread that takes snapshots.
 *
 * @param <K> what identifies an instance
 */
public final class LossConfirmation<K> {

	private final Listener listener;

	private final @Nullable Duration delay;

	private final Duration defaultDelay;

	/** When each held instance was missed first, by group. */
	private final Map<String, Map<K, Long>> missedAt = new HashMap<>();

	/**
	 * Creates the decision of one reader of snapshots.
	 * @param delay how much later a read must confirm a loss, whatever the sources say;
	 * {@code null} for what they say, zero if one read is enough
	 * @param defaultDelay the delay of a source that does not say
	 * @param listener told of holds
	 */
	public LossConfirmation(@Nullable Duration delay, Duration defaultDelay, Listener listener) {
		this.delay = delay;
		this.defaultDelay = defaultDelay;
		this.listener = listener;
	}

	/**
	 * Returns which of the known instances stay although a snapshot misses them.
	 * @param known what was listed before, or held
	 * @param listed whether the snapshot lists an instance
	 * @param snapshot when and how far it was read
	 * @return what is held; empty as a rule
	 */
	public List<Known<K>> held(Collection<Known<K>> known, Predicate<K> listed, DiscoverySnapshot snapshot) {
		Map<String, Group<K>> groups = new HashMap<>();
		Map<String, int[]> sources = new HashMap<>();
		for (Known<K> one : known) {
			boolean missed = !listed.test(one.key()) && needsConfirmation(one, snapshot);
			groups.computeIfAbsent(one.group(), (name) -> new Group<>()).add(one, missed);
			int[] counts = sources.computeIfAbsent(one.origin().source(), (name) -> new int[2]);
			counts[0]++;
			counts[1] += missed ? 1 : 0;
		}
		this.missedAt.keySet().removeIf((name) -> !groups.containsKey(name));
		List<Known<K>> held = new ArrayList<>();
		groups.forEach((name, group) -> hold(name, group, sources, snapshot, held));
		return held;
	}

	/**
	 * Returns what is held.
	 * @return the instances by group; a copy
	 */
	public Map<String, Set<K>> holds() {
		Map<String, Set<K>> holds = new HashMap<>();
		this.missedAt.forEach((name, hold) -> holds.put(name, Set.copyOf(hold.keySet())));
		return Map.copyOf(holds);
	}

	/**
	 * Returns whether anything is held.
	 * @return whether the next snapshot may confirm a loss
	 */
	public boolean holding() {
		return !this.missedAt.isEmpty();
	}

	private void hold(String name, Group<K> group, Map<String, int[]> sources, DiscoverySnapshot snapshot,
			List<Known<K>> held) {
		Map<K, Long> hold = this.missedAt.get(name);
		if (hold == null) {
			if (!suspect(group, sources, snapshot)) {
				return;
			}
			hold = new HashMap<>();
			this.missedAt.put(name, hold);
			this.listener.holdBegan(name, group.missed.size(), group.known, worst(group, snapshot));
		}
		Set<K> staying = new HashSet<>();
		for (Known<K> missed : group.missed) {
			if (stays(missed, hold, snapshot)) {
				staying.add(missed.key());
				held.add(missed);
			}
		}
		hold.keySet().retainAll(staying);
		if (hold.isEmpty()) {
			this.missedAt.remove(name);
			this.listener.holdEnded(name, group.missed.size());
		}
	}

	private boolean suspect(Group<K> group, Map<String, int[]> sources, DiscoverySnapshot snapshot) {
		if (group.missed.isEmpty()) {
			return false;
		}
		return isMost(group.missed.size(), group.known) || worst(group, snapshot).doubted()
				|| group.missed.stream().map((missed) -> missed.origin().source()).distinct().anyMatch((source) -> {
					int[] counts = sources.getOrDefault(source, new int[2]);
					return isMost(counts[1], counts[0]);
				});
	}

	/** A single one may always leave. */
	private static boolean isMost(int missed, int known) {
		return missed > 1 && missed * 2 > known;
	}

	private static <K> Absence worst(Group<K> group, DiscoverySnapshot snapshot) {
		Absence worst = Absence.EVIDENCE;
		for (Known<K> missed : group.missed) {
			Absence absence = absence(snapshot.view(missed.origin().source()));
			worst = (absence.compareTo(worst) > 0) ? absence : worst;
		}
		return worst;
	}

	/** What is not part of a snapshot was not read. */
	private static Absence absence(@Nullable SourceView view) {
		return (view != null) ? view.absence() : Absence.NO_EVIDENCE;
	}

	private boolean stays(Known<K> missed, Map<K, Long> hold, DiscoverySnapshot snapshot) {
		SourceView view = snapshot.view(missed.origin().source());
		if (view == null) {
			hold.putIfAbsent(missed.key(), snapshot.views().isEmpty() ? 0 : snapshot.views().get(0).readAt());
			return true;
		}
		long readAt = view.readAt(missed.origin().name());
		if (view.absence() == Absence.NO_EVIDENCE) {
			hold.put(missed.key(), readAt);
			return true;
		}
		Long since = hold.putIfAbsent(missed.key(), readAt);
		return since == null || readAt - since < delay(missed, snapshot).toNanos();
	}

	private boolean needsConfirmation(Known<K> missed, DiscoverySnapshot snapshot) {
		return !delay(missed, snapshot).isZero()
				|| absence(snapshot.view(missed.origin().source())) == Absence.NO_EVIDENCE;
	}

	private Duration delay(Known<K> one, DiscoverySnapshot snapshot) {
		if (this.delay != null) {
			return this.delay;
		}
		SourceView view = snapshot.view(one.origin().source());
		Duration own = (view != null) ? view.confirmationDelay() : null;
		return (own != null) ? own : this.defaultDelay;
	}

	/**
	 * An instance that was listed before.
	 *
	 * @param <K> what identifies it
	 * @param key what identifies it
	 * @param group its group
	 * @param origin where it was listed last
	 */
	public record Known<K>(K key, String group, Origin origin) {
	}

	/**
	 * Hears of holds.
	 */
	public interface Listener {

		/** Hears nothing. */
		Listener NONE = new Listener() {
		};

		/**
		 * The loss of some of a group is not believed.
		 * @param group the group
		 * @param missed how many are missed
		 * @param known how many there were
		 * @param absence what the source says of what is missing
		 */
		default void holdBegan(String group, int missed, int known, Absence absence) {
		}

		/**
		 * Nothing of a group is held any more.
		 * @param group the group
		 * @param gone how many are gone for certain; zero if all are listed again
		 */
		default void holdEnded(String group, int gone) {
		}

	}

	private static final class Group<K> {

		private final List<Known<K>> missed = new ArrayList<>();

		private int known;

		void add(Known<K> one, boolean isMissed) {
			this.known++;
			if (isMissed) {
				this.missed.add(one);
			}
		}

	}

}
