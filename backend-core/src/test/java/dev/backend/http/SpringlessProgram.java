package dev.backend.http;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

import dev.backend.Route;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.StaticDiscovery;

/**
 * Finds an instance. Run by {@link WithoutSpringTests}.
 */
public final class SpringlessProgram implements Callable<String> {

	@Override
	public String call() throws Exception {
		try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
				HttpBackend backend = HttpBackend.builder()
					.discovery(StaticDiscovery.of("program",
							List.of(new DiscoveredInstance("pay", "pay-1", "http", "127.0.0.1", server.getLocalPort(),
									List.of(), Map.of()))))
					.build()) {
			backend.start();
			backend.awaitReady(Duration.ofSeconds(20));
			return backend.select("pay", Route.hash("user-1")).id();
		}
	}

}
