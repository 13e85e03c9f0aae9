package dev.backend.sample.gateway;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import dev.backend.discovery.DiscoveryStatus;
import dev.backend.fleet.FleetBackend;
import dev.backend.http.HttpBackend;
import dev.backend.sample.server.Servers;
import dev.backend.tcp.TcpBackend;
import org.jspecify.annotations.Nullable;

/**
 * The fleet at one moment. Two views are equal if the page would look the same.
 *
 * @param registry what is watched
 * @param registryState whether it answers
 * @param registryReason why it does not, or {@code null}
 * @param services the services that the gateway knows, by name and id
 * @param servers the servers of the sample
 */
record FleetView(String registry, DiscoveryStatus.State registryState, @Nullable String registryReason,
		List<ServiceView> services, List<ServerView> servers) {

	static FleetView of(TcpBackend<?> games, HttpBackend payments, Servers servers) {
		DiscoveryStatus status = games.discoveryStatus();
		List<ServiceView> services = Stream.concat(services(games), services(payments))
			.sorted(Comparator.comparing(ServiceView::service).thenComparing(ServiceView::id))
			.toList();
		return new FleetView(status.source(), status.state(), status.reason(), services,
				servers.all().stream().map(ServerView::of).toList());
	}

	private static Stream<ServiceView> services(FleetBackend<?, ?> backend) {
		Map<String, Set<String>> holds = backend.holds();
		return backend.groups()
			.entrySet()
			.stream()
			.flatMap((group) -> ServiceView.of(group.getValue(), holds.getOrDefault(group.getKey(), Set.of())));
	}

}
