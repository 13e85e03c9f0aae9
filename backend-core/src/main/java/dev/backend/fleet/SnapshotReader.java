package dev.backend.fleet;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.backend.ServiceConfig;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.InstanceFilter;
import dev.backend.logging.PlainText;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns snapshots into the services that a backend should have. What is malformed or in
 * conflict is left out and logged once for as long as it is there, not at every read.
 * Control thread only.
 */
final class SnapshotReader {

	private static final Logger logger = LoggerFactory.getLogger(SnapshotReader.class);

	/** A hostile registry may list thousands. */
	private static final int SHOWN = 10;

	private final String label;

	private final InstanceFilter filter;

	private Set<String> reported = new HashSet<>();

	SnapshotReader(String label, InstanceFilter filter) {
		this.label = label;
		this.filter = filter;
	}

	Map<ServiceKey, ServiceConfig> read(DiscoverySnapshot snapshot) {
		Map<ServiceKey, ServiceConfig> services = new LinkedHashMap<>();
		Set<String> problems = new HashSet<>();
		for (DiscoveredInstance instance : snapshot.instances()) {
			try {
				ServiceConfig config = this.filter.map(instance);
				if (config != null) {
					add(services, config, problems);
				}
			}
			catch (Throwable ex) {
				problems.add("Instance '%s' of service '%s' is left out: %s".formatted(printable(instance.id()),
						printable(instance.name()),
						PlainText.of(String.valueOf((ex instanceof IllegalArgumentException) ? ex.getMessage() : ex))));
			}
		}
		report(problems);
		return services;
	}

	private void add(Map<ServiceKey, ServiceConfig> services, ServiceConfig config, Set<String> problems) {
		ServiceConfig first = services.putIfAbsent(ServiceKey.of(config), config);
		if (first != null && !first.equals(config)) {
			problems.add("Two instances say they are %s/%s: the newer one, %s, is used; %s is left out"
				.formatted(config.name(), config.id(), first.label(), config.label()));
		}
	}

	private void report(Set<String> problems) {
		List<String> news = problems.stream().filter((problem) -> !this.reported.contains(problem)).toList();
		news.stream().limit(SHOWN).forEach((problem) -> logger.warn("{}: {}", this.label, problem));
		if (news.size() > SHOWN) {
			logger.warn("{}: {} more problems of the same read are not shown", this.label, news.size() - SHOWN);
		}
		this.reported = problems;
	}

	private static String printable(String text) {
		return PlainText.of(text, 80);
	}

}
