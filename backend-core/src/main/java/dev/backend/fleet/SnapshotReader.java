package dev.backend.fleet;

import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.backend.ServiceConfig;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.InstanceCounts;
import dev.backend.discovery.InstanceFilter;
import dev.backend.discovery.LeftOut;
import dev.backend.discovery.Origin;
import dev.backend.discovery.SourceView;
import dev.backend.logging.FailureLog;
import dev.backend.logging.PlainText;
import dev.backend.logging.ServiceLog;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Turns snapshots into the services that a backend should have. What is malformed or in
 * conflict is left out and logged once for as long as it is there, not at every read. An
 * entry is mapped once for as long as its source hands on the same object. Control thread
 * only, but for {@link #counts()}.
 */
final class SnapshotReader {

	private static final Logger logger = LoggerFactory.getLogger(SnapshotReader.class);

	/** A hostile registry may list thousands. */
	private static final int SHOWN = 5;

	private final String label;

	private final InstanceFilter filter;

	private final ServiceLog log;

	/** What became of each entry of the last snapshot. */
	private Map<DiscoveredInstance, Mapped> mapped = new IdentityHashMap<>();

	private Set<String> reported = new HashSet<>();

	private volatile @Nullable InstanceCounts counts;

	SnapshotReader(String label, InstanceFilter filter) {
		this.label = label;
		this.filter = filter;
		this.log = new FailureLog(System::nanoTime).of(label);
	}

	/**
	 * Returns how many of the entries that the sources list are services of this backend,
	 * and why the others are not; {@code null} before the first snapshot. Any thread.
	 */
	@Nullable InstanceCounts counts() {
		return this.counts;
	}

	/**
	 * Returns the services of a snapshot, each the same object as in the last one if its
	 * source hands on the same entry.
	 * @return the services
	 */
	Map<ServiceKey, Listed> read(DiscoverySnapshot snapshot) {
		Reading reading = new Reading(this.mapped.size());
		for (SourceView view : snapshot.views()) {
			Map<String, Origin> origins = new HashMap<>();
			for (DiscoveredInstance instance : view.instances()) {
				Origin origin = origins.computeIfAbsent(instance.name(), (name) -> new Origin(view.source(), name));
				reading.add(instance, reading.mapped.computeIfAbsent(instance, (entry) -> map(entry, origin)));
			}
		}
		this.mapped = reading.mapped;
		InstanceCounts counts = reading.counts();
		if (this.counts == null) {
			reportFirst(counts, reading.unwanted);
		}
		this.counts = counts;
		report(reading.problems);
		return reading.services;
	}

	private Mapped map(DiscoveredInstance instance, Origin origin) {
		Mapped known = this.mapped.get(instance);
		if (known != null) {
			return known.at(origin);
		}
		try {
			ServiceConfig config = this.filter.map(instance);
			return (config != null) ? new Mapped(new Listed(config, origin), null) : Mapped.UNWANTED;
		}
		catch (Throwable ex) {
			return new Mapped(null, "Instance '%s' of service '%s' is left out: %s".formatted(printable(instance.id()),
					printable(instance.name()),
					PlainText.of(String.valueOf((ex instanceof IllegalArgumentException) ? ex.getMessage() : ex))));
		}
	}

	/** So that whoever finds nothing connected sees why. */
	private void reportFirst(InstanceCounts counts, @Nullable DiscoveredInstance unwanted) {
		String example = (unwanted != null) ? "; not asked for is, for example, %s of scheme '%s'"
			.formatted(printable(unwanted.name() + "/" + unwanted.id()), printable(unwanted.scheme())) : "";
		logger.info("{}: first snapshot: {}{}", this.label, counts, example);
	}

	private void report(Set<String> problems) {
		List<String> news = problems.stream().filter((problem) -> !this.reported.contains(problem)).toList();
		news.stream()
			.limit(SHOWN)
			.forEach((problem) -> this.log.failed(logger, Level.WARN, "{}: {}", this.label, problem));
		if (news.size() > SHOWN) {
			this.log.failed(logger, Level.WARN, "{}: {} more problems of the same read are not shown", this.label,
					news.size() - SHOWN);
		}
		this.reported = problems;
	}

	private static String printable(String text) {
		return PlainText.of(text, 80);
	}

	/**
	 * What became of an entry.
	 *
	 * @param listed the service, or {@code null} if it is none
	 * @param problem why it is left out, unless the backend does not want it
	 */
	private record Mapped(@Nullable Listed listed, @Nullable String problem) {

		static final Mapped UNWANTED = new Mapped(null, null);

		Mapped at(Origin origin) {
			Listed listed = this.listed;
			return (listed == null || listed.origin().equals(origin)) ? this
					: new Mapped(new Listed(listed.key(), listed.config(), origin), null);
		}

	}

	/** What one snapshot says. */
	private static final class Reading {

		private final Map<ServiceKey, Listed> services;

		private final Map<DiscoveredInstance, Mapped> mapped;

		private final Set<String> problems = new HashSet<>();

		private final Map<LeftOut, Integer> leftOut = new HashMap<>();

		private @Nullable DiscoveredInstance unwanted;

		Reading(int expectedEntries) {
			this.services = new LinkedHashMap<>(expectedEntries * 4 / 3 + 1);
			this.mapped = new IdentityHashMap<>(expectedEntries);
		}

		void add(DiscoveredInstance instance, Mapped result) {
			Listed listed = result.listed();
			String problem = result.problem();
			if (listed != null) {
				add(listed);
			}
			else if (problem != null) {
				this.problems.add(problem);
				this.leftOut.merge(LeftOut.MALFORMED, 1, Integer::sum);
			}
			else {
				this.unwanted = instance;
				this.leftOut.merge(LeftOut.NOT_WANTED, 1, Integer::sum);
			}
		}

		private void add(Listed listed) {
			ServiceConfig config = listed.config();
			Listed first = this.services.putIfAbsent(listed.key(), listed);
			if (first != null && !first.config().equals(config)) {
				this.leftOut.merge(LeftOut.DUPLICATE, 1, Integer::sum);
				this.problems.add("Two instances say they are %s: the newer one, %s, is used; %s is left out"
					.formatted(printable(config.name() + "/" + config.id()), first.config().label(), config.label()));
			}
		}

		InstanceCounts counts() {
			return new InstanceCounts(this.services.size(), this.leftOut);
		}

	}

}
