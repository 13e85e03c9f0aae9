package dev.backend.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

import com.sun.net.httpserver.HttpServer;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InMemoryDiscovery;
import dev.backend.routing.ConsistentHash;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import static org.awaitility.Awaitility.await;

/**
 * A backend of two services on the JDK's HTTP server, on the ring of gobase: pay-1 and
 * pay-2 (both tagged eu) and pay-3 (us), and mail-1 (eu), which is up, and mail-2 (us),
 * which is not. The key {@value #KEY} belongs to pay-3, and to pay-2 among those tagged
 * eu.
 */
final class HttpFixture implements AfterEachCallback {

	static final String KEY = "user-2";

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final Map<String, HttpServer> servers = new TreeMap<>();

	private @Nullable HttpBackend backend;

	/** Starts the servers and the backend, and waits for what is up. */
	HttpBackend start(Consumer<HttpBackend.Builder> customizer) {
		List.of("pay-1", "pay-2", "pay-3", "mail-1", "mail-2").forEach((id) -> server(id, 0));
		stop("mail-2");
		discover("pay-1", "pay-2", "pay-3", "mail-1", "mail-2");
		HttpBackend started = startEmpty(customizer);
		await().until(() -> started.findGroup("mail") != null && started.findGroup("pay") != null
				&& started.group("mail").routing().members().size() == 1
				&& started.group("pay").routing().members().size() == 3);
		return started;
	}

	HttpBackend start() {
		return start((builder) -> {
		});
	}

	/** Starts the backend alone. */
	HttpBackend startEmpty(Consumer<HttpBackend.Builder> customizer) {
		HttpBackend.Builder builder = HttpBackend.builder()
			.discovery(this.discovery)
			.consistentHash(ConsistentHash.gobase())
			.settings(HttpSettings.defaults().withTimes(Duration.ofMillis(20), Duration.ofSeconds(10)));
		customizer.accept(builder);
		HttpBackend started = builder.build();
		this.backend = started;
		started.start();
		return started;
	}

	/** Lists servers, and no others. */
	void discover(String... ids) {
		discover(List.of(ids).stream().map(this::instance).toArray(DiscoveredInstance[]::new));
	}

	void discover(DiscoveredInstance... instances) {
		this.discovery.set(instances);
	}

	/** Starts a server that answers everything; port 0 chooses one. */
	int server(String id, int port) {
		try {
			HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
			server.createContext("/", (exchange) -> {
				exchange.sendResponseHeaders(204, -1);
				exchange.close();
			});
			server.start();
			this.servers.put(id, server);
			return server.getAddress().getPort();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	int port(String id) {
		return get(id).getAddress().getPort();
	}

	void stop(String id) {
		get(id).stop(0);
	}

	private DiscoveredInstance instance(String id) {
		String tag = (id.endsWith("-1") || id.equals("pay-2")) ? "eu" : "us";
		return new DiscoveredInstance(id.substring(0, id.indexOf('-')), id, "http", "127.0.0.1", port(id), List.of(),
				Map.of("routerTag", tag));
	}

	private HttpServer get(String id) {
		HttpServer server = this.servers.get(id);
		if (server == null) {
			throw new IllegalArgumentException(id);
		}
		return server;
	}

	@Override
	public void afterEach(ExtensionContext context) {
		if (this.backend != null) {
			this.backend.close();
		}
		this.servers.values().forEach((server) -> server.stop(0));
	}

}
