package dev.backend.autoconfigure.metrics;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import dev.backend.tcp.RequestObservation;
import dev.backend.tcp.RequestObserver;
import dev.backend.tcp.RequestOutcome;
import dev.backend.tcp.TcpService;
import io.micrometer.core.instrument.Timer;

/**
 * Times the requests of those service names that have meters. Nothing is made per
 * request: one object follows all requests of a name.
 *
 * @param <M> the type of the messages
 */
final class RequestTimers<M> implements RequestObserver<M> {

	private final Map<String, RequestObservation<M>> byService = new ConcurrentHashMap<>();

	private final RequestObservation<M> none = (outcome, failure, nanos) -> {
	};

	@Override
	public RequestObservation<M> begin(TcpService<M> service, M message) {
		return this.byService.getOrDefault(service.name(), this.none);
	}

	/** Registers the timers of a service name, in place of those it had before. */
	void register(String service, MeterSet meters) {
		Timer[] timers = Arrays.stream(RequestOutcome.values())
			.map((outcome) -> meters.timer("backend.tcp.requests", "Requests by how they ended", "outcome",
					outcome.name().toLowerCase(Locale.ROOT)))
			.toArray(Timer[]::new);
		this.byService.put(service,
				(outcome, failure, nanos) -> timers[outcome.ordinal()].record(nanos, TimeUnit.NANOSECONDS));
	}

	/** Lets go of the timers of services that have no meters any more. */
	void retain(Set<String> services) {
		this.byService.keySet().retainAll(services);
	}

}
