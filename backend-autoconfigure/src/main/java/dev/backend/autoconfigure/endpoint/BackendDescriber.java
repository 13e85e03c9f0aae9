package dev.backend.autoconfigure.endpoint;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

import dev.backend.Availability;
import dev.backend.Route;
import dev.backend.ServiceConfig;
import dev.backend.autoconfigure.endpoint.BackendsDescriptor.BackendDescriptor;
import dev.backend.autoconfigure.endpoint.BackendsDescriptor.CountsDescriptor;
import dev.backend.autoconfigure.endpoint.BackendsDescriptor.DiscoveryDescriptor;
import dev.backend.autoconfigure.endpoint.BackendsDescriptor.FleetDescriptor;
import dev.backend.autoconfigure.endpoint.BackendsDescriptor.GroupDescriptor;
import dev.backend.autoconfigure.endpoint.BackendsDescriptor.OwnerDescriptor;
import dev.backend.autoconfigure.endpoint.BackendsDescriptor.RingDescriptor;
import dev.backend.autoconfigure.endpoint.BackendsDescriptor.RouteDescriptor;
import dev.backend.autoconfigure.endpoint.BackendsDescriptor.ServiceDescriptor;
import dev.backend.discovery.DiscoveryStatus;
import dev.backend.discovery.InstanceCounts;
import dev.backend.fleet.FleetBackend;
import dev.backend.fleet.FleetService;
import dev.backend.fleet.ServiceGroup;
import dev.backend.routing.HashRing;
import dev.backend.routing.RoutingTable;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpService;
import dev.backend.transport.PlainWords;
import org.jspecify.annotations.Nullable;

/**
 * Describes a backend of any protocol.
 */
final class BackendDescriber {

	/** So many instances that a key would go to after its owner are told. */
	private static final int NEXT_OWNERS = 3;

	private BackendDescriber() {
	}

	static BackendDescriptor describe(FleetBackend<?, ?> backend, @Nullable FleetDescriptor fleet) {
		Map<String, GroupDescriptor> groups = new TreeMap<>();
		Map<String, Set<String>> holds = backend.holds();
		backend.groups()
			.forEach((name, group) -> groups.put(name, describe(group, holds.getOrDefault(name, Set.of()))));
		TcpBackend<?> tcp = (backend instanceof TcpBackend<?> tcpBackend) ? tcpBackend : null;
		return new BackendDescriptor((tcp != null) ? "tcp" : "http", fleet, discovery(backend), sorted(holds),
				backend.holdsStarted(), sorted(backend.drained()), sorted((tcp != null) ? tcp.suspended() : Map.of()),
				groups);
	}

	private static DiscoveryDescriptor discovery(FleetBackend<?, ?> backend) {
		DiscoveryStatus status = backend.discoveryStatus();
		InstanceCounts services = backend.instanceCounts();
		return new DiscoveryDescriptor(status.source(), status.state(), counts(status.counts()),
				(services != null) ? counts(services) : null, status.sinceLastRead(), status.reason());
	}

	private static CountsDescriptor counts(InstanceCounts counts) {
		SortedMap<String, Integer> leftOut = new TreeMap<>();
		counts.leftOut().forEach((reason, number) -> leftOut.put(reason.toString(), number));
		return new CountsDescriptor(counts.seen(), counts.taken(), leftOut);
	}

	static RouteDescriptor route(ServiceGroup<?> group, Route route, String key) {
		OwnerDescriptor owner = owner(group.select(route));
		List<OwnerDescriptor> next = new ArrayList<>();
		for (FleetService service : group.routing().find(route, 1 + NEXT_OWNERS)) {
			next.add(owner(service));
		}
		next.remove(owner);
		return new RouteDescriptor(group.name(), key, route.tag(), owner, next);
	}

	private static OwnerDescriptor owner(FleetService service) {
		ServiceConfig config = service.config();
		return new OwnerDescriptor(config.id(), config.address(), config.port());
	}

	private static Map<String, SortedSet<String>> sorted(Map<String, Set<String>> ids) {
		Map<String, SortedSet<String>> sorted = new TreeMap<>();
		ids.forEach((name, ofName) -> sorted.put(name, new TreeSet<>(ofName)));
		return sorted;
	}

	private static GroupDescriptor describe(ServiceGroup<?> group, Set<String> held) {
		List<ServiceDescriptor> services = new ArrayList<>();
		int usable = 0;
		for (FleetService service : group.services()) {
			services.add(describe(service, held.contains(service.id())));
			usable += (service.availability() == Availability.READY) ? 1 : 0;
		}
		services.sort(Comparator.comparing(ServiceDescriptor::id));
		return new GroupDescriptor(services.size(), usable, services, rings(group.routing()));
	}

	private static List<RingDescriptor> rings(RoutingTable<?> routing) {
		List<RingDescriptor> rings = new ArrayList<>();
		rings.add(new RingDescriptor(null, routing.ring().shares()));
		for (String tag : new TreeSet<>(routing.tags())) {
			HashRing<?> ring = routing.ring(tag);
			if (ring != null) {
				rings.add(new RingDescriptor(tag, ring.shares()));
			}
		}
		return rings;
	}

	static ServiceDescriptor describe(FleetBackend<?, ?> backend, FleetService service) {
		return describe(service, backend.holds().getOrDefault(service.name(), Set.of()).contains(service.id()));
	}

	private static ServiceDescriptor describe(FleetService service, boolean held) {
		ServiceConfig config = service.config();
		TcpService<?> tcp = (service instanceof TcpService<?> tcpService) ? tcpService : null;
		return new ServiceDescriptor(config.id(), config.address(), config.port(), new TreeSet<>(config.tags()),
				config.weight(), service.state().name(), service.timeInState(), reason(service.lastFailure()),
				(tcp != null) ? tcp.pendingRequests() : 0, (tcp != null) ? tcp.queuedMessages() : 0,
				tcp != null && tcp.withdrawn(), held, service.drained(), service.suspended(),
				(tcp != null) ? tcp.connectionName() : null);
	}

	private static @Nullable String reason(@Nullable Throwable failure) {
		return (failure != null) ? PlainWords.describe(failure) : null;
	}

}
