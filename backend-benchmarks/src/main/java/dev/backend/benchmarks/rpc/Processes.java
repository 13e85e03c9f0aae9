package dev.backend.benchmarks.rpc;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;

/**
 * The servers, started when first needed and kept to the end, and the clients, one after
 * another.
 */
final class Processes implements AutoCloseable {

	private final Options options;

	private final JavaCommand java;

	private final Map<String, ServerProcess> servers = new HashMap<>();

	Processes(Options options) {
		this.options = options;
		this.java = new JavaCommand(options.module(), options.java(), options.jvmArguments());
	}

	/**
	 * Runs a client.
	 * @return its outcome
	 * @throws SkippedException if it says that this JVM cannot run the work
	 * @throws IOException if it has none
	 */
	Measurement measure(ContenderSpec contender, Work work) throws IOException, InterruptedException {
		boolean pinned = work.cores() != Work.Cores.ANY;
		ServerProcess server = server(contender, pinned ? this.options.cores().get(0) : null);
		String core = switch (work.cores()) {
			case ANY -> null;
			case ONE -> this.options.cores().get(0);
			case TWO -> this.options.cores().get(1);
		};
		long warmUpMillis = this.options.warmUpMillis() * contender.warmUps();
		List<String> arguments = List.of(work.name(), server.port(), server.controlPort(), Long.toString(warmUpMillis),
				Long.toString(this.options.measureMillis()), this.options.driver());
		Path errors = errors(contender, "client");
		Process client = this.java.start(contender.module(), contender.client(), core, arguments, errors);
		Watchdog watchdog = new Watchdog(client, 60_000 + 2 * (warmUpMillis + this.options.measureMillis()));
		try {
			Measurement measurement = outcome(client);
			if (measurement == null) {
				throw new IOException("no result, see " + errors);
			}
			return measurement;
		}
		finally {
			client.waitFor(10, TimeUnit.SECONDS);
			client.destroyForcibly();
			watchdog.cancel();
		}
	}

	private static @Nullable Measurement outcome(Process client) throws IOException {
		BufferedReader output = new BufferedReader(
				new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
		Measurement measurement = null;
		for (String line = output.readLine(); line != null; line = output.readLine()) {
			String reason = Measurement.parseSkipped(line);
			if (reason != null) {
				throw new SkippedException(reason);
			}
			Measurement parsed = Measurement.parse(line);
			measurement = (parsed != null) ? parsed : measurement;
		}
		return measurement;
	}

	private ServerProcess server(ContenderSpec contender, @Nullable String core) throws IOException {
		String key = contender.server() + ' ' + core;
		ServerProcess running = this.servers.get(key);
		if (running == null) {
			running = new ServerProcess(this.java.start(contender.serverModule(), contender.server(), core, List.of(),
					errors(contender, "server")));
			this.servers.put(key, running);
		}
		return running;
	}

	private Path errors(ContenderSpec contender, String role) {
		return this.options.module().resolve("target/rpc").resolve(contender.name() + "-" + role + ".log");
	}

	@Override
	public void close() throws IOException {
		for (ServerProcess server : this.servers.values()) {
			server.close();
		}
	}

	/** Thrown where the JVM under measurement cannot run a work. */
	static final class SkippedException extends IOException {

		SkippedException(String message) {
			super(message);
		}

	}

	/** Ends a client that hangs. */
	private static final class Watchdog {

		private final Thread thread;

		Watchdog(Process process, long millis) {
			this.thread = new Thread(() -> {
				try {
					TimeUnit.MILLISECONDS.sleep(millis);
					process.destroyForcibly();
				}
				catch (InterruptedException ex) {
					// The client ended by itself.
				}
			}, "watchdog");
			this.thread.setDaemon(true);
			this.thread.start();
		}

		void cancel() {
			this.thread.interrupt();
		}

	}

}
