package dev.backend.registries;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;

import dev.backend.Availability;
import dev.backend.codec.DelimiterFraming;
import dev.backend.codec.MessageCodec;
import dev.backend.codec.TextCodec;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.DiscoveryStatus;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpConnection;
import dev.backend.tcp.TcpHandler;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/**
 * An application with the starter and a registry's client, both with their defaults, but
 * for the removal, which is immediate: what discovery takes away is disconnected.
 */
final class Gateway implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(Gateway.class);

	private final ConfigurableApplicationContext context;

	private volatile @Nullable DiscoverySnapshot latest;

	private Gateway(ConfigurableApplicationContext context) {
		this.context = context;
		context.getBean(ServiceDiscovery.class).subscribe((snapshot) -> this.latest = snapshot);
	}

	static Gateway start(String... properties) {
		return new Gateway(new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.properties("spring.application.name=gateway", "backend.discovery.sources=spring-cloud",
					"backend.tcp.removal=immediate")
			.properties(properties)
			.run());
	}

	/** The ids of the instances that the source lists. */
	Set<String> listed() {
		DiscoverySnapshot snapshot = this.latest;
		Set<String> ids = new TreeSet<>();
		if (snapshot != null) {
			snapshot.instances()
				.stream()
				.filter((instance) -> instance.name().equalsIgnoreCase("game"))
				.forEach((instance) -> ids.add(instance.id()));
		}
		return ids;
	}

	/** The ids of the instances that are connected. */
	Set<String> ready() {
		return new TreeSet<>(backend().services()
			.stream()
			.filter((service) -> service.availability() == Availability.READY)
			.map((service) -> service.id())
			.toList());
	}

	/** The ids of those that have been disconnected. */
	List<String> disconnected() {
		return this.context.getBean(Recorder.class).disconnected;
	}

	DiscoveryStatus status() {
		return this.context.getBean(ServiceDiscovery.class).status();
	}

	/** Waits for something, and logs how long it took. */
	Duration measure(String what, Duration atMost, BooleanSupplier condition) {
		long began = System.nanoTime();
		Awaitility.await(what)
			.atMost(atMost)
			.pollInterval(Duration.ofMillis(20))
			.pollDelay(Duration.ZERO)
			.until(condition::getAsBoolean);
		Duration took = Duration.ofNanos(System.nanoTime() - began);
		logger.info("MEASURED {}: {} ms", what, took.toMillis());
		return took;
	}

	@SuppressWarnings("unchecked")
	private TcpBackend<String> backend() {
		return this.context.getBean(TcpBackend.class);
	}

	@Override
	public void close() {
		this.context.close();
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		MessageCodec<String> codec() {
			return new TextCodec(DelimiterFraming.line(), StandardCharsets.UTF_8);
		}

		@Bean
		Recorder recorder() {
			return new Recorder();
		}

	}

	private static final class Recorder implements TcpHandler<String> {

		private final List<String> disconnected = new CopyOnWriteArrayList<>();

		@Override
		public void onDisconnected(TcpConnection<String> connection, @Nullable Throwable cause) {
			logger.info("disconnected: {}", connection.service().id());
			this.disconnected.add(connection.service().id());
		}

	}

}
