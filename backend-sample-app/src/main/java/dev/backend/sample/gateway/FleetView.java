package dev.backend.sample.gateway;

import java.util.Comparator;
import java.util.List;

import dev.backend.discovery.DiscoveryStatus;
import dev.backend.sample.server.GameServers;
import dev.backend.tcp.TcpBackend;
import org.jspecify.annotations.Nullable;

/**
 * The fleet at one moment. Two views are equal if the page would look the same.
 *
 * @param registry what is watched
 * @param registryState whether it answers
 * @param registryReason why it does not, or {@code null}
 * @param services the services that the gateway knows, by name and id
 * @param servers the game servers
 */
record FleetView(String registry, DiscoveryStatus.State registryState, @Nullable String registryReason,
		List<ServiceView> services, List<ServerView> servers) {

	static <M> FleetView of(TcpBackend<M> backend, GameServers servers) {
		DiscoveryStatus status = backend.discoveryStatus();
		List<ServiceView> services = backend.groups()
			.values()
			.stream()
			.flatMap((group) -> group.services().stream().map((service) -> ServiceView.of(service, group)))
			.sorted(Comparator.comparing(ServiceView::service).thenComparing(ServiceView::id))
			.toList();
		return new FleetView(status.source(), status.state(), status.reason(), services,
				servers.all().stream().map(ServerView::of).toList());
	}

}
