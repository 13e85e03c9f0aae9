package dev.backend.autoconfigure.metrics;

import java.util.Arrays;
import java.util.List;

import dev.backend.http.HttpBackend;
import dev.backend.http.HttpCounters;
import dev.backend.http.HttpGroup;
import dev.backend.http.HttpState;

/**
 * The meters of the services of an {@link HttpBackend}.
 *
 * @param backend the backend
 */
record HttpMeters(HttpBackend backend) implements ProtocolMeters {

	private static final List<HttpState> STATES = Arrays.stream(HttpState.values())
		.filter((state) -> state != HttpState.CLOSED)
		.toList();

	@Override
	public void register(String service, MeterSet meters) {
		GroupMeters.registerStates("backend.http.instances", "Instances by what their probes have found", this.backend,
				service, meters, STATES);
		HttpGroup group = this.backend.groups().get(service);
		if (group != null) {
			group.services().stream().findFirst().ifPresent((any) -> register(any.counters(), meters));
		}
	}

	private static void register(HttpCounters counters, MeterSet meters) {
		String probes = "Probes that have ended";
		meters.counter("backend.http.probes", "probes", probes, counters, HttpCounters::succeededProbes, "outcome",
				"success");
		meters.counter("backend.http.probes", "probes", probes, counters, HttpCounters::failedProbes, "outcome",
				"failure");
		String changes = "How often instances came to be up, and ceased to be";
		meters.counter("backend.http.changes", "changes", changes, counters, HttpCounters::ups, "to", "up");
		meters.counter("backend.http.changes", "changes", changes, counters, HttpCounters::downs, "to", "down");
	}

}
