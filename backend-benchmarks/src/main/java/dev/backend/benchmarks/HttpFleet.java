package dev.backend.benchmarks;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.StaticDiscovery;
import dev.backend.http.HttpBackend;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpServer;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/**
 * An application that knows 100 instances of the service pay, which HttpBackend finds,
 * and as many of the service robin, which Spring Cloud finds in its properties. All are
 * one server that takes connections and says nothing.
 */
final class HttpFleet implements AutoCloseable {

	private static final int INSTANCES = 100;

	private final DisposableServer server = TcpServer.create().host("127.0.0.1").port(0).bindNow();

	private final ConfigurableApplicationContext context = start(this.server.port());

	<T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	@Override
	public void close() {
		this.context.close();
		this.server.disposeNow();
	}

	private static ConfigurableApplicationContext start(int port) {
		List<String> arguments = new ArrayList<>(List.of("--benchmark.port=" + port, "--backend.http.enabled=true",
				"--backend.http.load-balancer.enabled=true", "--backend.http.load-balancer.services=pay",
				"--backend.http.probe.interval=1h"));
		for (int i = 0; i < INSTANCES; i++) {
			arguments.add("--spring.cloud.discovery.client.simple.instances.robin[%d].uri=http://127.0.0.1:%d"
				.formatted(i, port));
		}
		SpringApplication application = new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.build();
		ConfigurableApplicationContext context = application.run(arguments.toArray(String[]::new));
		try {
			if (!context.getBean(HttpBackend.class).awaitReady(Duration.ofSeconds(30))) {
				throw new IllegalStateException("not all instances answer their probe");
			}
			return context;
		}
		catch (InterruptedException ex) {
			throw new IllegalStateException(ex);
		}
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		StaticDiscovery discovery(Environment environment) {
			int port = environment.getRequiredProperty("benchmark.port", Integer.class);
			return StaticDiscovery.of("benchmark",
					IntStream.range(0, INSTANCES)
						.mapToObj((i) -> new DiscoveredInstance("pay", "pay-" + i, "http", "127.0.0.1", port, List.of(),
								Map.of()))
						.toList());
		}

	}

}
