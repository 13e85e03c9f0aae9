package dev.backend.sample.gateway;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import dev.backend.fleet.FleetService;
import dev.backend.fleet.ServiceGroup;
import org.jspecify.annotations.Nullable;

/**
 * A service as the gateway sees it.
 *
 * @param service the service name
 * @param id the id of the instance
 * @param address the host and port
 * @param tags the routing tags
 * @param state the state of its connection, or what its probe says
 * @param onRing whether keys lead to it
 * @param held whether the registry does not list it any more, and it is kept until
 * another read confirms that
 * @param failure why it is not usable, or {@code null}
 */
record ServiceView(String service, String id, String address, List<String> tags, String state, boolean onRing,
		boolean held, @Nullable String failure) {

	static <S extends FleetService> Stream<ServiceView> of(ServiceGroup<S> group, Set<String> held) {
		return group.services().stream().map((service) -> of(service, group, held.contains(service.id())));
	}

	private static <S extends FleetService> ServiceView of(S service, ServiceGroup<S> group, boolean held) {
		Throwable failure = service.lastFailure();
		return new ServiceView(service.name(), service.id(), service.config().address() + ":" + service.config().port(),
				service.config().tags().stream().sorted().toList(), service.state().name(),
				group.routing().get(service.id()) == service, held, (failure != null) ? failure.getMessage() : null);
	}

}
