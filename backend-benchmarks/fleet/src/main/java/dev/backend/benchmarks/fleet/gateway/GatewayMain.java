package dev.backend.benchmarks.fleet.gateway;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import com.sun.management.OperatingSystemMXBean;
import dev.backend.benchmarks.rpc.backend.EchoCodec;
import dev.backend.benchmarks.rpc.backend.EchoMessage;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpGroup;
import dev.backend.tcp.TcpService;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.ParameterizedTypeReference;

/**
 * Starts the application, says when all instances were ready, and then measures itself as
 * its standard input says: {@code heap}, {@code cpu <seconds>}, {@code settled}.
 */
public final class GatewayMain {

	private static final Duration PATIENCE = Duration.ofSeconds(60);

	private static final long POLL_MILLIS = 5;

	private static final String HOSTILE = "hostile-";

	private final OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

	private final TcpBackend<EchoMessage> backend;

	private final int expected;

	private GatewayMain(TcpBackend<EchoMessage> backend, int expected) {
		this.backend = backend;
		this.expected = expected;
	}

	/**
	 * Runs the application until the standard input ends.
	 * @param arguments the port of Redis, the key, and the number of instances
	 * @throws Exception if it cannot start
	 */
	public static void main(String[] arguments) throws Exception {
		long began = System.nanoTime();
		int expected = Integer.parseInt(arguments[2]);
		ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.NONE)
			.properties(properties(arguments[0], arguments[1], expected))
			.run();
		long started = System.nanoTime();
		GatewayMain gateway = new GatewayMain(
				context.getBeanProvider(new ParameterizedTypeReference<TcpBackend<EchoMessage>>() {
				}).getObject(), expected);
		gateway.awaitSettled();
		say("READY context=%.3f ready=%.3f", (started - began) / 1e9, (System.nanoTime() - started) / 1e9);
		gateway.obey(new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)));
		Runtime.getRuntime().halt(0);
	}

	private static Map<String, Object> properties(String redisPort, String key, int expected) {
		Map<String, Object> properties = new HashMap<>();
		properties.put("spring.main.banner-mode", "off");
		properties.put("spring.data.redis.host", "127.0.0.1");
		properties.put("spring.data.redis.port", redisPort);
		properties.put("logging.level.root", "warn");
		properties.put("backend.discovery.redis.key", key);
		// Room for the hostile ones: here none is to be left out because of the others.
		int room = Math.max(10_000, expected + expected / 10);
		properties.put("backend.discovery.limits.instances", room);
		return properties;
	}

	private void obey(BufferedReader commands) throws Exception {
		for (String line = commands.readLine(); line != null; line = commands.readLine()) {
			String[] words = line.split(" ");
			switch (words[0]) {
				case "heap" -> say("HEAP bytes=%d", usedHeap());
				case "cpu" -> cpu(Double.parseDouble(words[1]));
				case "settled" -> {
					long began = System.nanoTime();
					awaitSettled();
					say("SETTLED seconds=%.3f", (System.nanoTime() - began) / 1e9);
				}
				default -> throw new IllegalArgumentException(line);
			}
		}
	}

	private void cpu(double seconds) throws InterruptedException {
		long began = System.nanoTime();
		long cpu = this.system.getProcessCpuTime();
		long rebuilds = rebuilds();
		TimeUnit.MILLISECONDS.sleep((long) (seconds * 1000));
		double nanos = System.nanoTime() - began;
		say("CPU share=%.6f rebuilds=%.3f", (this.system.getProcessCpuTime() - cpu) / nanos,
				(rebuilds() - rebuilds) / (nanos / 1e9));
	}

	private long rebuilds() {
		return this.backend.groups().values().stream().mapToLong(TcpGroup::ringRebuilds).sum();
	}

	/** Until the instances that are known, and on the rings, are as many as there are. */
	private void awaitSettled() throws InterruptedException {
		long deadline = System.nanoTime() + PATIENCE.toNanos();
		while (routed() != this.expected || known() != this.expected) {
			if (System.nanoTime() - deadline > 0) {
				throw new IllegalStateException(
						"%d instances known, %d ready (expected: %d of both after %d s); holds: %s".formatted(known(),
								routed(), this.expected, PATIENCE.toSeconds(), this.backend.holds().size()));
			}
			TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
		}
	}

	private long routed() {
		return this.backend.groups()
			.values()
			.stream()
			.flatMap((group) -> group.routing().members().stream())
			.filter(GatewayMain::friendly)
			.count();
	}

	private long known() {
		return this.backend.services().stream().filter(GatewayMain::friendly).count();
	}

	private static boolean friendly(TcpService<?> service) {
		return !service.id().startsWith(HOSTILE);
	}

	private static long usedHeap() throws InterruptedException {
		MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
		for (int i = 0; i < 4; i++) {
			TimeUnit.MILLISECONDS.sleep(200);
			memory.gc();
		}
		return memory.getHeapMemoryUsage().getUsed();
	}

	private static void say(String format, Object... values) {
		System.out.println(String.format(Locale.ROOT, format, values));
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		EchoCodec codec() {
			return new EchoCodec();
		}

		@Bean
		HelloHandler handler() {
			return new HelloHandler();
		}

	}

}
