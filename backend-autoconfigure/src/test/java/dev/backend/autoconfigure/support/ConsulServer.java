package dev.backend.autoconfigure.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import dev.backend.test.ConsulBinary;
import dev.backend.test.FreePorts;
import org.awaitility.Awaitility;

/**
 * A real Consul agent on free loopback ports, which keeps nothing. Without a
 * {@link ConsulBinary}, the test is skipped.
 */
public final class ConsulServer implements AutoCloseable {

	/** The token that may do everything where access is controlled. */
	public static final String TOKEN = "11111111-1111-1111-1111-111111111111";

	private final HttpClient client = HttpClient.newHttpClient();

	private final List<Integer> ports = FreePorts.several(4);

	private final Process process;

	private ConsulServer(String configuration) {
		List<String> command = new ArrayList<>(List.of(ConsulBinary.path(), "agent", "-dev", "-node", "node-1",
				"-client", "127.0.0.1", "-bind", "127.0.0.1", "-http-port", port(0), "-server-port", port(1),
				"-serf-lan-port", port(2), "-serf-wan-port", "-1", "-dns-port", "-1", "-grpc-port", "-1"));
		if (!configuration.isEmpty()) {
			command.addAll(List.of("-hcl", configuration.replace("HTTPS_PORT", port(3))));
		}
		try {
			this.process = new ProcessBuilder(command).redirectErrorStream(true)
				.redirectOutput(ProcessBuilder.Redirect.DISCARD)
				.start();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		Runtime.getRuntime().addShutdownHook(new Thread(this.process::destroyForcibly));
		Awaitility.await().atMost(Duration.ofSeconds(30)).until(this::hasLeader);
	}

	/** Starts an agent that is a cluster by itself, and waits for its leader. */
	public static ConsulServer started() {
		return new ConsulServer("");
	}

	/**
	 * Starts an agent with further configuration, in HCL; the word HTTPS_PORT in it is
	 * replaced by a free port.
	 */
	public static ConsulServer started(String configuration) {
		return new ConsulServer(configuration);
	}

	public int port() {
		return this.ports.get(0);
	}

	public int httpsPort() {
		return this.ports.get(3);
	}

	/** Returns the properties with which Spring Cloud Consul finds the agent. */
	public String[] properties() {
		return new String[] { "spring.cloud.consul.host=127.0.0.1", "spring.cloud.consul.port=" + port(),
				"backend.discovery.sources=consul" };
	}

	/** Registers an instance of the scheme tcp. */
	public void register(String name, String id, int port, String... tags) {
		register("tcp", name, id, port, tags);
	}

	/** Registers an instance of the scheme http. */
	public void registerHttp(String name, String id, int port, String... tags) {
		register("http", name, id, port, tags);
	}

	private void register(String scheme, String name, String id, int port, String... tags) {
		String quoted = String.join(",", Stream.of(tags).map((tag) -> "\"" + tag + "\"").toList());
		put("/v1/agent/service/register", """
				{"Name": "%s", "ID": "%s", "Address": "127.0.0.1", "Port": %d, "Tags": [%s],
				 "Meta": {"scheme": "%s"}}""".formatted(name, id, port, quoted, scheme));
	}

	public void deregister(String id) {
		put("/v1/agent/service/deregister/" + id, "");
	}

	@Override
	public void close() {
		this.process.destroyForcibly().onExit().join();
	}

	private String port(int index) {
		return Integer.toString(this.ports.get(index));
	}

	private boolean hasLeader() {
		try {
			HttpResponse<String> response = send(request("/v1/catalog/services").GET());
			return response.statusCode() == 200 && response.body().contains("consul");
		}
		catch (UncheckedIOException ex) {
			return false;
		}
	}

	private void put(String path, String json) {
		HttpResponse<String> response = send(request(path).PUT(BodyPublishers.ofString(json)));
		if (response.statusCode() != 200) {
			throw new IllegalStateException(path + " answers " + response.statusCode() + " " + response.body());
		}
	}

	private HttpRequest.Builder request(String path) {
		return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path)).header("X-Consul-Token", TOKEN);
	}

	private HttpResponse<String> send(HttpRequest.Builder request) {
		try {
			return this.client.send(request.timeout(Duration.ofSeconds(20)).build(), BodyHandlers.ofString());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

}
