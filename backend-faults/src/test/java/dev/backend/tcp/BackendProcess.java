package dev.backend.tcp;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.RemovalMode;
import dev.backend.discovery.redis.RedisRegistrySettings;
import dev.backend.discovery.redis.RedisServiceDiscovery;
import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * A {@link TcpBackend} in a process of its own, which the system can stop in the middle
 * of everything. It writes down each event of its services.
 */
final class BackendProcess implements AutoCloseable {

	private final Process process;

	private final List<Event> events = new CopyOnWriteArrayList<>();

	/**
	 * What the process told.
	 *
	 * @param nanos when this process has read it
	 * @param text the kind of the event and the id of the service
	 */
	record Event(long nanos, String text) {
	}

	/**
	 * Starts a process.
	 * @param redisPort where the registry is
	 * @param liveness its time-outs
	 * @param environment more of its environment
	 */
	BackendProcess(int redisPort, TcpLiveness liveness, Map<String, String> environment) throws IOException {
		String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
		ProcessBuilder builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
				"-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", classPath, BackendProcess.class.getName(),
				Integer.toString(redisPort), liveness.heartbeatInterval().toString(),
				liveness.heartbeatTimeout().toString(), liveness.readIdleTimeout().toString(),
				liveness.writeProgressTimeout().toString())
			.redirectError(ProcessBuilder.Redirect.INHERIT);
		builder.environment().putAll(environment);
		this.process = builder.start();
		Thread reader = new Thread(this::read, "backend-process");
		reader.setDaemon(true);
		reader.start();
	}

	private void read() {
		try (BufferedReader out = new BufferedReader(
				new InputStreamReader(this.process.getInputStream(), StandardCharsets.UTF_8))) {
			for (String line = out.readLine(); line != null; line = out.readLine()) {
				this.events.add(new Event(System.nanoTime(), line));
			}
		}
		catch (IOException ex) {
			// The process was ended.
		}
	}

	/** What the process runs; it ends when its parent does. */
	public static void main(String[] arguments) throws IOException {
		LettuceConnectionFactory factory = new LettuceConnectionFactory(
				new RedisStandaloneConfiguration("127.0.0.1", Integer.parseInt(arguments[0])));
		factory.afterPropertiesSet();
		factory.start();
		TcpSettings settings = TcpSettings.defaults()
			.withRemoval(RemovalMode.IMMEDIATE)
			.withLiveness(new TcpLiveness(Duration.parse(arguments[1]), Duration.parse(arguments[2]),
					Duration.parse(arguments[3]), Duration.ZERO, Duration.parse(arguments[4])));
		TcpBackend<Frame> backend = TcpBackend.builder()
			.discovery(new RedisServiceDiscovery(factory, RedisRegistrySettings.defaults("games")))
			.settings(settings)
			.listener(new Printer())
			.build(new HeartbeatCodec(), new TcpHandler<>() {
				@Override
				public void onMessage(TcpConnection<Frame> connection, Frame message) {
					// The heartbeat of a server.
				}
			});
		backend.start();
		while (System.in.read() >= 0) {
			System.out.println("time " + System.currentTimeMillis());
		}
		System.exit(0);
	}

	List<Event> events() {
		return this.events;
	}

	/** How many events of a kind there were. */
	long count(String kind) {
		return this.events.stream().filter((event) -> event.text().startsWith(kind + " ")).count();
	}

	/** When an event was told, or {@code null} if it was not. */
	@Nullable Long toldAt(String text) {
		return this.events.stream()
			.filter((event) -> event.text().equals(text))
			.map(Event::nanos)
			.findFirst()
			.orElse(null);
	}

	/**
	 * Has the process tell the time of day, as an event {@code time} and milliseconds.
	 */
	void askTime() throws IOException {
		this.process.getOutputStream().write(0);
		this.process.getOutputStream().flush();
	}

	boolean isAlive() {
		return this.process.isAlive();
	}

	/** Stops the process where it is; its sockets stay open. */
	void pause() throws Exception {
		signal("STOP");
	}

	void resume() throws Exception {
		signal("CONT");
	}

	private void signal(String signal) throws Exception {
		Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(this.process.pid())).inheritIO().start();
		if (!kill.waitFor(10, TimeUnit.SECONDS) || kill.exitValue() != 0) {
			throw new IllegalStateException("kill -" + signal + " failed");
		}
	}

	@Override
	public void close() {
		this.process.destroyForcibly().onExit().join();
	}

	/** Heartbeats are requests, which a server answers. */
	private static final class HeartbeatCodec extends Frame.Codec {

		@Override
		public Frame heartbeat() {
			return Frame.request(0, "heartbeat");
		}

	}

	private static final class Printer implements BackendListener {

		private void print(String kind, BackendService service, String more) {
			System.out.println(kind + " " + service.id() + more);
		}

		@Override
		public void onAdded(BackendService service) {
			print("added", service, "");
		}

		@Override
		public void onRemoved(BackendService service) {
			print("removed", service, "");
		}

		@Override
		public void onReady(BackendService service) {
			print("ready", service, "");
		}

		@Override
		public void onDisconnected(BackendService service, @Nullable Throwable cause) {
			print("disconnected", service, (cause != null) ? ": " + cause : "");
		}

	}

}
