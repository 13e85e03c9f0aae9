package dev.backend.sample.gateway;

import java.util.List;
import java.util.Set;

import dev.backend.Route;
import dev.backend.ServiceNotFoundException;
import dev.backend.fleet.FleetService;
import dev.backend.fleet.ServiceGroup;
import dev.backend.http.HttpBackend;
import dev.backend.routing.HashRing;
import dev.backend.routing.RoutingTable;
import dev.backend.sample.protocol.GameMessage;
import dev.backend.tcp.TcpBackend;
import org.jspecify.annotations.Nullable;

import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * Where keys go, and the rings that say so; the same for both backends.
 */
@RestController
@RequestMapping("/api")
class RouteController {

	private final TcpBackend<GameMessage> games;

	private final HttpBackend payments;

	RouteController(TcpBackend<GameMessage> games, HttpBackend payments) {
		this.games = games;
		this.payments = payments;
	}

	/** Returns the server that owns the key, and those that would own it in its place. */
	@GetMapping("/route")
	Target route(@RequestParam String key, @RequestParam(defaultValue = "game") String service,
			@RequestParam(required = false) @Nullable String tag, @RequestParam(defaultValue = "10") int count) {
		return Target.of(group(service), route(key, tag), count);
	}

	/** Returns each service's share of a ring, and the arcs it is made of. */
	@GetMapping("/ring")
	RingView ring(@RequestParam(defaultValue = "game") String service,
			@RequestParam(required = false) @Nullable String tag) {
		RoutingTable<?> routing = group(service).routing();
		HashRing<?> ring = (tag != null) ? routing.ring(tag) : routing.ring();
		if (ring == null) {
			throw new ServiceNotFoundException(
					"No usable service %s with tag '%s' (expected: one of %s)".formatted(service, tag, routing.tags()));
		}
		return new RingView(ring.shares(), ring.arcs());
	}

	private ServiceGroup<?> group(String service) {
		ServiceGroup<?> payments = this.payments.findGroup(service);
		return (payments != null) ? payments : this.games.group(service);
	}

	static Route route(String key, @Nullable String tag) {
		Route route = Route.hash(key);
		return (tag != null && !tag.isBlank()) ? route.tag(tag) : route;
	}

	/**
	 * Where a key goes.
	 */
	record Target(String service, String id, Set<String> tags, List<String> next) {

		static <S extends FleetService> Target of(ServiceGroup<S> group, Route route, int count) {
			S owner = group.select(route);
			List<String> next = group.routing()
				.find(route, count)
				.stream()
				.filter((service) -> service != owner)
				.map(FleetService::id)
				.toList();
			return new Target(group.name(), owner.id(), owner.config().tags(), next);
		}

	}

}
