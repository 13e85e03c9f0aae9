package dev.backend.sample.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.embedded.core.ExecutableProvider;

import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * A real Redis server on the loopback interface, without persistence. Starts before and
 * stops after everything else.
 *
 * <p>
 * The server detaches itself into a session of its own: Ctrl-C in a terminal reaches
 * every process of the session, and an application whose Redis is gone already could not
 * deregister. A shell that reads from a pipe ends the server when this process closes its
 * end or is gone, however it went.
 */
@Component
@ConditionalOnBooleanProperty("sample.redis.embedded")
class EmbeddedRedis implements SmartLifecycle {

	private static final Logger logger = LoggerFactory.getLogger(EmbeddedRedis.class);

	private static final Duration PATIENCE = Duration.ofSeconds(10);

	/** Arguments: the folder, and the command that starts the server. */
	private static final String GUARD = """
			trap '' INT TERM HUP
			folder=$0
			"$@" || exit 1
			cat > /dev/null
			kill "$(cat "$folder/pid")"
			rm -r "$folder"
			""";

	private final int port;

	private @Nullable Process guard;

	EmbeddedRedis(SampleRedisProperties properties) {
		this.port = properties.port();
	}

	@Override
	public void start() {
		requireFreePort();
		try {
			Path folder = Files.createTempDirectory("backend-sample-redis-");
			Process started = launch(folder);
			this.guard = started;
			awaitStart(folder, started);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(
					"Redis cannot be started here (to use another one: sample.redis.embedded=false)", ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while Redis started", ex);
		}
		logger.info("Redis listens on 127.0.0.1:{}", this.port);
	}

	@Override
	public void stop() {
		Process stopping = this.guard;
		this.guard = null;
		if (stopping == null) {
			return;
		}
		try {
			stopping.getOutputStream().close();
			stopping.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS);
		}
		catch (IOException ex) {
			logger.warn("Redis on port {} may still run", this.port, ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	@Override
	public boolean isRunning() {
		return this.guard != null;
	}

	@Override
	public int getPhase() {
		return Integer.MIN_VALUE;
	}

	private void requireFreePort() {
		try (ServerSocket probe = new ServerSocket(this.port, 1, InetAddress.getLoopbackAddress())) {
			logger.debug("Port {} is free", probe.getLocalPort());
		}
		catch (IOException ex) {
			throw new InvalidConfigurationPropertyValueException("sample.redis.port", this.port,
					"The port is taken on 127.0.0.1; the sample may be running already. Choose another port, or "
							+ "sample.redis.embedded=false to use the Redis that is there.");
		}
	}

	private Process launch(Path folder) throws IOException {
		String executable = ExecutableProvider.newJarResourceProvider(folder.toFile()).get().getPath();
		return new ProcessBuilder("sh", "-c", GUARD, folder.toString(), executable, "--port",
				Integer.toString(this.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize",
				"yes", "--dir", folder.toString(), "--pidfile", folder + "/pid", "--logfile", folder + "/log")
			.redirectErrorStream(true)
			.redirectOutput(folder.resolve("log").toFile())
			.start();
	}

	private void awaitStart(Path folder, Process started) throws IOException, InterruptedException {
		long deadline = System.nanoTime() + PATIENCE.toNanos();
		while (!Files.exists(folder.resolve("pid")) || !listening()) {
			if (started.waitFor(10, TimeUnit.MILLISECONDS) || System.nanoTime() - deadline > 0) {
				throw new IOException("redis-server on port %d did not start: %s".formatted(this.port,
						Files.readString(folder.resolve("log")).strip()));
			}
		}
	}

	private boolean listening() {
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), this.port)) {
			return socket.isConnected();
		}
		catch (IOException ex) {
			return false;
		}
	}

}
