package dev.backend.autoconfigure.actuate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

import dev.backend.Availability;
import dev.backend.ServiceConfig;
import dev.backend.autoconfigure.actuate.BackendsDescriptor.BackendDescriptor;
import dev.backend.autoconfigure.actuate.BackendsDescriptor.GroupDescriptor;
import dev.backend.autoconfigure.actuate.BackendsDescriptor.ServiceDescriptor;
import dev.backend.fleet.FleetService;
import dev.backend.fleet.ServiceBackend;
import dev.backend.fleet.ServiceGroup;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpService;
import org.jspecify.annotations.Nullable;

/**
 * Describes a backend of any protocol.
 */
final class BackendDescriptors {

	private BackendDescriptors() {
	}

	static BackendDescriptor describe(ServiceBackend<?, ?> backend) {
		Map<String, GroupDescriptor> groups = new TreeMap<>();
		backend.groups().forEach((name, group) -> groups.put(name, describe(group)));
		Map<String, SortedSet<String>> holds = new TreeMap<>();
		backend.holds().forEach((name, ids) -> holds.put(name, new TreeSet<>(ids)));
		return new BackendDescriptor((backend instanceof TcpBackend) ? "tcp" : "http", backend.discoveryStatus(), holds,
				backend.holdsStarted(), groups);
	}

	private static GroupDescriptor describe(ServiceGroup<?> group) {
		List<ServiceDescriptor> services = new ArrayList<>();
		int usable = 0;
		for (FleetService service : group.services()) {
			services.add(describe(service));
			usable += (service.availability() == Availability.READY) ? 1 : 0;
		}
		services.sort(Comparator.comparing(ServiceDescriptor::id));
		return new GroupDescriptor(services.size(), usable, services);
	}

	private static ServiceDescriptor describe(FleetService service) {
		ServiceConfig config = service.config();
		TcpService<?> tcp = (service instanceof TcpService<?> tcpService) ? tcpService : null;
		return new ServiceDescriptor(config.id(), config.address(), config.port(), new TreeSet<>(config.tags()),
				config.weight(), service.state().name(), service.timeInState(), reason(service.lastFailure()),
				(tcp != null) ? tcp.pendingRequests() : 0, (tcp != null) ? tcp.queuedMessages() : 0,
				tcp != null && tcp.withdrawn(), (tcp != null) ? tcp.connectionName() : null);
	}

	private static @Nullable String reason(@Nullable Throwable failure) {
		if (failure == null) {
			return null;
		}
		return (failure.getMessage() != null) ? failure.getMessage() : failure.getClass().getSimpleName();
	}

}
