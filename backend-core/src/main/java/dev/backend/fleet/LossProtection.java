package dev.backend.fleet;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import dev.backend.ServiceConfig;
import dev.backend.discovery.Absence;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.LossConfirmation;
import dev.backend.discovery.LossConfirmation.Known;
import dev.backend.logging.FailureLog;
import dev.backend.logging.ServiceLog;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Keeps the services that a snapshot misses for as long as {@link LossConfirmation} says.
 * Control thread only, but for {@link #holds()} and {@link #started()}.
 */
final class LossProtection {

	private static final Logger logger = LoggerFactory.getLogger(LossProtection.class);

	private final String label;

	private final LossConfirmation<ServiceKey> confirmation;

	private final ServiceLog log;

	private volatile Map<String, Set<String>> holds = Map.of();

	private volatile long started;

	private volatile int refused;

	private Set<ServiceKey> renamed = Set.of();

	private Set<ServiceKey> gone = Set.of();

	/** How many a snapshot has listed at most, or a number that is no matter. */
	private int largest = 1000;

	/**
	 * Creates the protection of a backend.
	 * @param label how logs name the backend
	 * @param delay how much later a read must confirm a loss; {@code null} for what each
	 * source says
	 * @param defaultDelay the delay of a source that does not say
	 */
	LossProtection(String label, @Nullable Duration delay, Duration defaultDelay) {
		this.label = label;
		this.log = new FailureLog(System::nanoTime).of(label);
		this.confirmation = new LossConfirmation<>(delay, defaultDelay, new Log());
	}

	/** The ids of the held instances, by service name. */
	Map<String, Set<String>> holds() {
		return this.holds;
	}

	/** How many holds there have been. */
	long started() {
		return this.started;
	}

	/**
	 * Which of those that the last snapshot misses are listed at the same place under
	 * another id.
	 */
	Set<ServiceKey> renamed() {
		return this.renamed;
	}

	/** Which of those that were desired are not desired any more. */
	Set<ServiceKey> gone() {
		return this.gone;
	}

	/** How many new ones are left out because of those that are held. */
	int refused() {
		return this.refused;
	}

	/** Whether the next snapshot may end a hold although it lists the same. */
	boolean holding() {
		return this.confirmation.holding();
	}

	/**
	 * Returns what is desired: what was read, and what is held.
	 * @param read the content of a snapshot
	 * @param snapshot when and how it was read
	 * @param known what was desired so far
	 * @return the content and the held instances
	 */
	Map<ServiceKey, Listed> protect(Map<ServiceKey, Listed> read, DiscoverySnapshot snapshot,
			Map<ServiceKey, Listed> known) {
		Map<ServiceKey, Listed> missing = new HashMap<>();
		known.forEach((key, listed) -> {
			if (!read.containsKey(key)) {
				missing.put(key, listed);
			}
		});
		this.gone = missing.keySet();
		this.renamed = renamed(read, known, missing);
		List<Known<ServiceKey>> all = new ArrayList<>(known.size());
		known.forEach((key, listed) -> {
			if (!this.renamed.contains(key)) {
				all.add(new Known<>(key, key.name(), listed.origin()));
			}
		});
		this.largest = Math.max(this.largest, read.size());
		List<Known<ServiceKey>> held = this.confirmation.held(all, (key) -> !missing.containsKey(key), snapshot);
		publish();
		if (held.isEmpty()) {
			this.refused = 0;
			return read;
		}
		Map<ServiceKey, Listed> protectedRead = new LinkedHashMap<>(read);
		for (Known<ServiceKey> one : held) {
			Listed listed = missing.remove(one.key());
			if (listed != null) {
				protectedRead.put(one.key(), listed);
			}
		}
		refuseNew(protectedRead, known.keySet());
		return protectedRead;
	}

	/**
	 * What is missing, but is listed at the same place under an id that is new: it lives,
	 * and is not there twice.
	 */
	private static Set<ServiceKey> renamed(Map<ServiceKey, Listed> read, Map<ServiceKey, Listed> known,
			Map<ServiceKey, Listed> missing) {
		// As many are new as the known ones that are not missing leave.
		if (missing.isEmpty() || read.size() == known.size() - missing.size()) {
			return Set.of();
		}
		Set<Place> fresh = new HashSet<>();
		read.forEach((key, listed) -> {
			if (!known.containsKey(key)) {
				fresh.add(Place.of(listed.config()));
			}
		});
		return missing.values()
			.stream()
			.filter((listed) -> fresh.contains(Place.of(listed.config())))
			.map(Listed::key)
			.collect(Collectors.toUnmodifiableSet());
	}

	/**
	 * Whoever replaces what is listed again and again, while nothing that is missing
	 * counts as gone, must not make this grow for ever.
	 */
	private void refuseNew(Map<ServiceKey, Listed> services, Set<ServiceKey> known) {
		int limit = 2 * this.largest;
		int surplus = services.size() - limit;
		this.refused = Math.max(0, surplus);
		if (surplus <= 0) {
			return;
		}
		services.keySet()
			.stream()
			.filter((key) -> !known.contains(key))
			.limit(surplus)
			.toList()
			.forEach(services::remove);
		this.log.failedAgain(logger, Level.WARN,
				"{}: {} new instances are left out while others are held (expected: at most {} together)",
				"{}: {} new instances are still left out while others are held (expected: at most {} together)",
				this.label, surplus, limit);
	}

	private void publish() {
		Map<String, Set<String>> holds = new HashMap<>();
		this.confirmation.holds()
			.forEach((name, keys) -> holds.put(name,
					keys.stream().map(ServiceKey::id).collect(Collectors.toUnmodifiableSet())));
		this.holds = Map.copyOf(holds);
	}

	/** Where instances of a service are. */
	private record Place(String name, String scheme, String address, int port) {

		static Place of(ServiceConfig config) {
			return new Place(config.name(), config.scheme(), config.address(), config.port());
		}

	}

	private final class Log implements LossConfirmation.Listener {

		@Override
		public void holdBegan(String group, int missed, int known, Absence absence) {
			LossProtection.this.started++;
			LossProtection.this.log.failed(logger, Level.WARN, "{}: the registry misses {} of {} instances of '{}' {}",
					LossProtection.this.label, missed, known, group, switch (absence) {
						case EVIDENCE -> "at once; those that answer are kept until a later read confirms it";
						case TO_BE_CONFIRMED ->
							"when it may not list all that live; those that answer are kept until a later read confirms it";
						case NO_EVIDENCE ->
							"while they may be unable to make themselves known; those that answer are kept";
					});
		}

		@Override
		public void holdEnded(String group, int gone) {
			LossProtection.this.log.news(logger, "{}: the hold of '{}' ends: {}", LossProtection.this.label, group,
					(gone == 0) ? "all are listed again" : "the registry confirms that %d are gone".formatted(gone));
		}

	}

}
