package dev.backend.discovery.consul;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.backend.test.ConsulBinary;
import dev.backend.test.FreePorts;
import org.jspecify.annotations.Nullable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A real Consul agent on the loopback interface, which keeps nothing. Without a
 * {@link ConsulBinary}, the test is skipped.
 */
public final class ConsulAgent implements AutoCloseable {

	static final String MASTER_TOKEN = "11111111-1111-1111-1111-111111111111";

	private final HttpClient client = HttpClient.newHttpClient();

	private final List<Integer> ports = FreePorts.several(3);

	private final String binary = ConsulBinary.path();

	private final Path folder;

	private final List<String> arguments;

	private @Nullable Process process;

	private ConsulAgent(List<String> arguments) throws IOException {
		this.folder = Files.createTempDirectory("backend-consul-");
		this.arguments = arguments;
	}

	/** Starts an agent that is a cluster by itself, and waits for its leader. */
	public static ConsulAgent start(String... arguments) throws IOException {
		ConsulAgent agent = new ConsulAgent(List.of(arguments));
		agent.launch();
		return agent;
	}

	/** Starts an agent that denies everything without a token. */
	static ConsulAgent startWithAccessControl() throws IOException {
		return start("-hcl", """
				acl { enabled = true, default_policy = "deny", tokens { master = "%s" } }
				""".formatted(MASTER_TOKEN));
	}

	/** Starts it on the same ports, again empty. */
	public void launch() throws IOException {
		launch(List.of("-dev"));
		await().atMost(Duration.ofSeconds(30)).until(this::hasLeader);
	}

	/** Starts it on the same ports as one of three servers, which find no leader. */
	public void launchLeaderless() throws IOException {
		Path data = Files.createDirectories(this.folder.resolve("data"));
		launch(List.of("-server", "-bootstrap-expect", "3", "-data-dir", data.toString()));
		await().atMost(Duration.ofSeconds(30)).until(this::answers);
	}

	private void launch(List<String> mode) throws IOException {
		List<String> command = new ArrayList<>(List.of(this.binary, "agent", "-node", "node-1", "-client", "127.0.0.1",
				"-bind", "127.0.0.1", "-http-port", Integer.toString(this.ports.get(0)), "-server-port",
				Integer.toString(this.ports.get(1)), "-serf-lan-port", Integer.toString(this.ports.get(2)),
				"-serf-wan-port", "-1", "-dns-port", "-1", "-grpc-port", "-1", "-log-level", "warn"));
		command.addAll(mode);
		command.addAll(this.arguments);
		Process started = new ProcessBuilder(command).redirectErrorStream(true)
			.redirectOutput(this.folder.resolve("log").toFile())
			.start();
		this.process = started;
		Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
	}

	/** Ends it without a word. */
	public void kill() {
		running().destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
	}

	/** Stops it with SIGSTOP: connections stay, answers do not come. */
	public void suspend() {
		signal("STOP");
	}

	public void resume() {
		signal("CONT");
	}

	public int httpPort() {
		return this.ports.get(0);
	}

	URI address() {
		return URI.create("http://127.0.0.1:" + httpPort());
	}

	ConsulDiscoverySettings settings() {
		return ConsulDiscoverySettings.defaults(address());
	}

	/** The settings of one who has a token. */
	ConsulDiscoverySettings settings(String token) {
		return settings().withAccess(ConsulAccess.of(address()).withToken(token));
	}

	/** Registers an instance without checks. */
	public void register(String name, String id, int port) {
		register("""
				{"Name": "%s", "ID": "%s", "Address": "127.0.0.1", "Port": %d}""".formatted(name, id, port));
	}

	/** Registers an instance whose check passes until {@link #check} says otherwise. */
	void registerWithCheck(String name, String id, int port) {
		register("""
				{"Name": "%s", "ID": "%s", "Address": "127.0.0.1", "Port": %d,
				 "Check": {"CheckID": "check-%s", "TTL": "10m", "Status": "passing"}}""".formatted(name, id, port, id));
	}

	public void register(String json) {
		put("/v1/agent/service/register", json);
	}

	public void deregister(String id) {
		put("/v1/agent/service/deregister/" + id, "");
	}

	/** Sets the check of an instance to pass, warn or fail. */
	void check(String id, String state) {
		put("/v1/agent/check/%s/check-%s".formatted(state, id), "");
	}

	void maintenance(String id, boolean on) {
		put("/v1/agent/service/maintenance/%s?enable=%s".formatted(id, on), "");
	}

	void nodeMaintenance(boolean on) {
		put("/v1/agent/maintenance?enable=" + on, "");
	}

	String put(String path, String json) {
		HttpResponse<String> response = send(HttpRequest.newBuilder(address().resolve(path))
			.header("X-Consul-Token", MASTER_TOKEN)
			.PUT(BodyPublishers.ofString(json)));
		assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
		return response.body();
	}

	String get(String path) {
		HttpResponse<String> response = send(
				HttpRequest.newBuilder(address().resolve(path)).header("X-Consul-Token", MASTER_TOKEN));
		assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
		return response.body();
	}

	void delete(String path) {
		HttpResponse<String> response = send(
				HttpRequest.newBuilder(address().resolve(path)).header("X-Consul-Token", MASTER_TOKEN).DELETE());
		assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
	}

	@Override
	public void close() throws IOException {
		Process running = this.process;
		if (running != null) {
			signal("CONT");
			kill();
		}
		try (Stream<Path> files = Files.walk(this.folder)) {
			files.sorted((left, right) -> right.compareTo(left)).map(Path::toFile).forEach(File::delete);
		}
	}

	private void signal(String name) {
		try {
			new ProcessBuilder("kill", "-" + name, Long.toString(running().pid())).start().onExit().join();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private Process running() {
		Process running = this.process;
		if (running == null) {
			throw new IllegalStateException("not started");
		}
		return running;
	}

	private boolean hasLeader() {
		try {
			HttpResponse<String> response = send(HttpRequest.newBuilder(address().resolve("/v1/catalog/services"))
				.header("X-Consul-Token", MASTER_TOKEN));
			return response.statusCode() == 200 && response.body().contains("consul");
		}
		catch (UncheckedIOException ex) {
			return false;
		}
	}

	private boolean answers() {
		try {
			return send(HttpRequest.newBuilder(address().resolve("/v1/status/leader"))).statusCode() > 0;
		}
		catch (UncheckedIOException ex) {
			return false;
		}
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
