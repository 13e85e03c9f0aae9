package dev.backend.autoconfigure.support;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import dev.backend.test.FreePorts;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import redis.embedded.core.ExecutableProvider;

/**
 * A real Redis on a free loopback port that a test may start and stop.
 */
public final class RedisServer implements AutoCloseable {

	private final int port = FreePorts.one();

	private @Nullable Process process;

	private final List<RedisClient> clients = new ArrayList<>();

	public static RedisServer started() {
		RedisServer server = new RedisServer();
		server.start();
		return server;
	}

	public static RedisServer stopped() {
		return new RedisServer();
	}

	public void start() {
		try {
			File executable = ExecutableProvider.newJarResourceProvider().get();
			Process started = new ProcessBuilder(executable.getPath(), "--port", Integer.toString(this.port), "--bind",
					"127.0.0.1", "--save", "", "--appendonly", "no")
				.redirectErrorStream(true)
				.redirectOutput(ProcessBuilder.Redirect.DISCARD)
				.directory(executable.getParentFile())
				.start();
			this.process = started;
			Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		Awaitility.await().pollInterval(Duration.ofMillis(10)).until(this::accepts);
	}

	public int port() {
		return this.port;
	}

	/** Returns a connection as an outside client has it. */
	public RedisCommands<String, String> commands() {
		RedisClient client = RedisClient.create(RedisURI.Builder.redis("127.0.0.1", this.port).build());
		this.clients.add(client);
		StatefulRedisConnection<String, String> connection = client.connect();
		return connection.sync();
	}

	@Override
	public void close() {
		// Without a quiet period, Netty may leave buffers of the connections unreleased.
		this.clients.forEach((client) -> client.shutdown(Duration.ofMillis(20), Duration.ofSeconds(1)));
		if (this.process != null) {
			this.process.destroyForcibly().onExit().join();
		}
	}

	private boolean accepts() {
		try (Socket socket = new Socket()) {
			socket.connect(new InetSocketAddress("127.0.0.1", this.port), 500);
			return true;
		}
		catch (IOException ex) {
			return false;
		}
	}

}
