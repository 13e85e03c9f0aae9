package dev.backend.autoconfigure.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.backend.Route;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.http.HttpBackend;

/**
 * The instances pay-1, pay-2 and pay-3 of a service, of which the last has the tag vip.
 * Each answers with its id and the URI of the request.
 */
public final class PayServers implements AutoCloseable {

	private final Map<String, HttpServer> servers = new LinkedHashMap<>();

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private PayServers() {
	}

	public static PayServers started() {
		PayServers servers = new PayServers();
		List<DiscoveredInstance> instances = new ArrayList<>();
		for (String id : List.of("pay-1", "pay-2", "pay-3")) {
			HttpServer server = server(id);
			servers.servers.put(id, server);
			instances.add(new DiscoveredInstance("pay", id, "http", "127.0.0.1", server.getAddress().getPort(),
					List.of(), id.equals("pay-3") ? Map.of("routerTag", "vip") : Map.of()));
		}
		servers.discovery.push(instances.toArray(DiscoveredInstance[]::new));
		return servers;
	}

	/** The registry that lists them. */
	public InMemoryDiscovery discovery() {
		return this.discovery;
	}

	public int port(String id) {
		return Objects.requireNonNull(this.servers.get(id)).getAddress().getPort();
	}

	public void kill(String id) {
		Objects.requireNonNull(this.servers.get(id)).stop(0);
	}

	/** A key that an instance owns. */
	public static String keyOf(String id, HttpBackend backend) {
		for (int i = 0;; i++) {
			if (backend.select("pay", Route.hash("key-" + i)).id().equals(id)) {
				return "key-" + i;
			}
		}
	}

	@Override
	public void close() {
		this.servers.values().forEach((server) -> server.stop(0));
	}

	private static HttpServer server(String id) {
		try {
			HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
			server.createContext("/", (exchange) -> answer(exchange, id));
			server.start();
			return server;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static void answer(HttpExchange exchange, String id) throws IOException {
		byte[] body = (id + " " + exchange.getRequestURI()).getBytes(StandardCharsets.UTF_8);
		exchange.sendResponseHeaders(200, body.length);
		exchange.getResponseBody().write(body);
		exchange.close();
	}

}
