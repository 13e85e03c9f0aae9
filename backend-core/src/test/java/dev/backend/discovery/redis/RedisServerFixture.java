package dev.backend.discovery.redis;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import dev.backend.test.FreePorts;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import org.jspecify.annotations.Nullable;
import redis.embedded.core.ExecutableProvider;

import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * A real Redis server on a free loopback port, which a test may stop, start again empty
 * on the same port, and suspend. Its process ends with {@link #close()}, or with the JVM.
 */
public final class RedisServerFixture implements AutoCloseable {

	private static final File EXECUTABLE = executable();

	private final int port = FreePorts.one();

	private final List<String> arguments;

	private final List<AutoCloseable> closeables = new ArrayList<>();

	private @Nullable Process process;

	private RedisServerFixture(List<String> options) {
		List<String> arguments = new ArrayList<>(List.of("--port", Integer.toString(this.port), "--bind", "127.0.0.1",
				"--save", "", "--appendonly", "no", "--dir", EXECUTABLE.getParent()));
		arguments.addAll(options);
		this.arguments = arguments;
	}

	private RedisServerFixture(Path sentinelConfiguration, String monitor) {
		this.arguments = List.of(sentinelConfiguration.toString(), "--sentinel");
		try {
			Files.writeString(sentinelConfiguration, "port %d%nbind 127.0.0.1%n%s%n".formatted(this.port, monitor));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Starts a server without persistence.
	 * @param options further command line options of redis-server
	 * @return the fixture
	 */
	public static RedisServerFixture started(String... options) {
		RedisServerFixture fixture = new RedisServerFixture(List.of(options));
		fixture.start();
		return fixture;
	}

	/**
	 * Starts a server that speaks TLS only.
	 * @param options further command line options of redis-server
	 * @return the fixture
	 */
	public static RedisServerFixture tls(String... options) {
		RedisServerFixture fixture = new RedisServerFixture(List.of(options));
		fixture.arguments.addAll(List.of("--port", "0", "--tls-port", Integer.toString(fixture.port)));
		fixture.start();
		return fixture;
	}

	/** Returns a fixture whose server does not run yet. */
	public static RedisServerFixture stopped() {
		return new RedisServerFixture(List.of());
	}

	/**
	 * Starts a Sentinel that, alone, may fail over after a second.
	 * @param folder where its configuration may be written
	 * @param name the name of the master
	 * @param masterPort the port of the master
	 * @return the fixture
	 */
	public static RedisServerFixture sentinel(Path folder, String name, int masterPort) {
		RedisServerFixture fixture = new RedisServerFixture(folder.resolve("sentinel.conf"), """
				sentinel monitor %1$s 127.0.0.1 %2$d 1
				sentinel down-after-milliseconds %1$s 1000
				sentinel failover-timeout %1$s 5000
				""".formatted(name, masterPort));
		fixture.start();
		return fixture;
	}

	/** Starts the server, empty, and waits until it accepts connections. */
	public void start() {
		List<String> command = new ArrayList<>(List.of(EXECUTABLE.getPath()));
		command.addAll(this.arguments);
		if (!this.arguments.contains("--sentinel")) {
			// What a replication leaves on the disk must not be another server's content.
			command
				.addAll(List.of("--dbfilename", "dump-" + UUID.randomUUID() + ".rdb", "--rdb-del-sync-files", "yes"));
		}
		try {
			Process started = new ProcessBuilder(command).redirectErrorStream(true).start();
			this.process = started;
			Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
			awaitReady(started);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Kills the server, as a crash would. */
	public void kill() {
		running().destroyForcibly().onExit().join();
	}

	/** Stops the server's process from running; its connections stay open. */
	public void suspend() {
		signal("STOP");
	}

	/** Lets a suspended process run on. */
	public void resume() {
		signal("CONT");
	}

	public int port() {
		return this.port;
	}

	/** Returns a connection as an outside client has it: raw commands. */
	public RedisCommands<String, String> client() {
		return connect(RedisURI.Builder.redis("127.0.0.1", this.port).withTimeout(Duration.ofSeconds(5)).build());
	}

	/** Returns a pub/sub listener's received messages, from now on. */
	public List<String> listen(String channel) {
		RedisClient client = RedisClient.create(RedisURI.Builder.redis("127.0.0.1", this.port).build());
		this.closeables.add(() -> shutdown(client));
		List<String> received = new CopyOnWriteArrayList<>();
		var connection = client.connectPubSub();
		connection.addListener(new RedisPubSubAdapter<>() {
			@Override
			public void message(String from, String message) {
				received.add(message);
			}
		});
		connection.sync().subscribe(channel);
		return received;
	}

	/** Returns the factory that an application would have. */
	public LettuceConnectionFactory connectionFactory() {
		return started(new LettuceConnectionFactory(new RedisStandaloneConfiguration("127.0.0.1", this.port)));
	}

	/** Returns a factory of an application that logs in. */
	public LettuceConnectionFactory connectionFactory(String user, String password) {
		RedisStandaloneConfiguration configuration = new RedisStandaloneConfiguration("127.0.0.1", this.port);
		configuration.setUsername(user);
		configuration.setPassword(password);
		return started(new LettuceConnectionFactory(configuration));
	}

	/** Starts a factory and ends it with this fixture. */
	public LettuceConnectionFactory started(LettuceConnectionFactory factory) {
		factory.afterPropertiesSet();
		factory.start();
		this.closeables.add(0, factory::destroy);
		return factory;
	}

	/** Ends what was made here in the reverse order, and the server. */
	@Override
	public void close() {
		if (this.process != null && this.process.isAlive()) {
			resume();
		}
		for (int i = this.closeables.size() - 1; i >= 0; i--) {
			try {
				this.closeables.get(i).close();
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
		}
		if (this.process != null) {
			kill();
		}
	}

	/** Closes something before the connections and the server. */
	public <T extends AutoCloseable> T closeLater(T closeable) {
		this.closeables.add(closeable);
		return closeable;
	}

	/** Sets the rights of a user: its name, then rules. */
	public static void acl(RedisCommands<String, String> redis, String... rules) {
		StatusOutput<String, String> output = new StatusOutput<>(StringCodec.UTF8);
		CommandArgs<String, String> arguments = new CommandArgs<>(StringCodec.UTF8).add("SETUSER");
		for (String rule : rules) {
			arguments.add(rule);
		}
		redis.dispatch(CommandType.ACL, output, arguments);
	}

	/** Without a quiet period, Netty may leave buffers of the connection unreleased. */
	private static void shutdown(RedisClient client) {
		client.shutdown(20, 1000, TimeUnit.MILLISECONDS);
	}

	private RedisCommands<String, String> connect(RedisURI uri) {
		RedisClient client = RedisClient.create(uri);
		this.closeables.add(0, () -> shutdown(client));
		StatefulRedisConnection<String, String> connection = client.connect();
		return connection.sync();
	}

	private void signal(String name) {
		try {
			new ProcessBuilder("kill", "-" + name, Long.toString(running().pid())).start().waitFor();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private Process running() {
		return Objects.requireNonNull(this.process, "not started");
	}

	private static void awaitReady(Process started) throws IOException {
		BufferedReader output = new BufferedReader(
				new InputStreamReader(started.getInputStream(), StandardCharsets.UTF_8));
		StringBuilder seen = new StringBuilder();
		String line = output.readLine();
		while (line != null && !line.contains("Ready to accept connections") && !line.contains("+monitor")) {
			seen.append(line).append('\n');
			line = output.readLine();
		}
		if (line == null) {
			throw new IllegalStateException("redis-server ended: " + seen);
		}
		Thread drain = new Thread(() -> output.lines().forEach((ignored) -> {
		}), "redis-server-output");
		drain.setUncaughtExceptionHandler((thread, ended) -> {
		});
		drain.setDaemon(true);
		drain.start();
	}

	private static File executable() {
		try {
			return ExecutableProvider.newJarResourceProvider().get();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
