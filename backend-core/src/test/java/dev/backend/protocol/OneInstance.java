package dev.backend.protocol;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import dev.backend.codec.MessageCodec;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.DiscoveryStatus;
import dev.backend.discovery.InstanceCounts;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpHandler;

/**
 * Knows one instance, {@code server/one} on the loopback interface.
 *
 * @param port where it listens
 */
record OneInstance(int port) implements ServiceDiscovery {

	static final Duration LONG = Duration.ofSeconds(20);

	/** A backend that is connected to it, and ready. */
	static <M> TcpBackend<M> connect(int port, MessageCodec<M> codec, TcpHandler<M> handler)
			throws InterruptedException {
		TcpBackend<M> backend = TcpBackend.builder().discovery(new OneInstance(port)).build(codec, handler);
		backend.start();
		if (!backend.awaitReady(LONG)) {
			Throwable failure = backend.getService("server", "one").lastFailure();
			backend.close();
			throw new IllegalStateException("not ready", failure);
		}
		return backend;
	}

	@Override
	public Subscription subscribe(DiscoveryListener listener) {
		listener.onSnapshot(DiscoverySnapshot
			.of(List.of(new DiscoveredInstance("server", "one", "tcp", "127.0.0.1", this.port, List.of(), Map.of()))));
		return () -> {
		};
	}

	@Override
	public DiscoveryStatus status() {
		return new DiscoveryStatus("one", DiscoveryStatus.State.UP, InstanceCounts.of(1), Duration.ZERO, null);
	}

}
