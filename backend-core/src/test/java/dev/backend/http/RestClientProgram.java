package dev.backend.http;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

import com.sun.net.httpserver.HttpServer;
import dev.backend.Route;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.StaticDiscovery;

/**
 * Asks an instance with its RestClient. Run by {@link WithoutSpringTests}.
 */
public final class RestClientProgram implements Callable<String> {

	@Override
	public String call() throws Exception {
		HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		server.createContext("/", (exchange) -> {
			exchange.sendResponseHeaders(204, -1);
			exchange.close();
		});
		server.start();
		DiscoveredInstance instance = new DiscoveredInstance("pay", "pay-1", "http", "127.0.0.1",
				server.getAddress().getPort(), List.of(), Map.of());
		try (HttpBackend backend = HttpBackend.builder()
			.discovery(StaticDiscovery.of("program", List.of(instance)))
			.build()) {
			backend.start();
			backend.awaitReady(Duration.ofSeconds(20));
			return backend.select("pay", Route.hash("user-1"))
				.restClient()
				.get()
				.uri("/")
				.retrieve()
				.toBodilessEntity()
				.getStatusCode()
				.toString();
		}
		finally {
			server.stop(0);
		}
	}

}
