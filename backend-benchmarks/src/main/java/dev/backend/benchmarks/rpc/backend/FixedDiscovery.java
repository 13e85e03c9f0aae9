package dev.backend.benchmarks.rpc.backend;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.DiscoveryStatus;
import dev.backend.discovery.InstanceCounts;
import dev.backend.discovery.ServiceDiscovery;

/**
 * As many instances as connections are wanted, all at the address of the echo server.
 */
final class FixedDiscovery implements ServiceDiscovery {

	private final DiscoverySnapshot snapshot;

	FixedDiscovery(InetSocketAddress server, int count) {
		this.snapshot = DiscoverySnapshot.of(IntStream.range(0, count)
			.mapToObj((i) -> new DiscoveredInstance("echo", "echo-" + i, "tcp", server.getAddress().getHostAddress(),
					server.getPort(), List.of(), Map.of()))
			.toList());
	}

	@Override
	public Subscription subscribe(DiscoveryListener listener) {
		listener.onSnapshot(this.snapshot);
		return () -> {
		};
	}

	@Override
	public DiscoveryStatus status() {
		return new DiscoveryStatus("fixed", DiscoveryStatus.State.UP,
				InstanceCounts.of(this.snapshot.instances().size()), Duration.ZERO, null);
	}

}
