package dev.backend.benchmarks.rpc.boot;

import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;

import dev.backend.benchmarks.rpc.backend.BackendContender;
import dev.backend.benchmarks.rpc.backend.EchoCodec;
import dev.backend.benchmarks.rpc.backend.EchoMessage;
import dev.backend.benchmarks.rpc.client.ContenderClient;
import dev.backend.tcp.TcpBackend;
import io.micrometer.core.instrument.MeterRegistry;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.ParameterizedTypeReference;

/**
 * The same client as an application of Spring Boot has it: the auto-configured bean
 * beside the actuator, its instances in the properties, each request in the timer of
 * Boot's meter registry.
 */
public final class BootContender extends BackendContender {

	private @Nullable ConfigurableApplicationContext context;

	/**
	 * Runs one work.
	 * @param arguments the arguments of a client process
	 */
	public static void main(String[] arguments) {
		ContenderClient.run(new BootContender(), arguments);
	}

	@Override
	public void connect(InetSocketAddress server) throws Exception {
		super.connect(server);
		// Throws if requests are not timed.
		context().getBean(MeterRegistry.class).get("backend.tcp.requests").timers();
	}

	@Override
	public void connectIdle(InetSocketAddress server, int count) {
		throw new UnsupportedOperationException("connectIdle");
	}

	@Override
	protected TcpBackend<EchoMessage> start(InetSocketAddress server, int count) {
		ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.NONE)
			.properties(properties(server, count))
			.run();
		this.context = context;
		return context.getBeanProvider(new ParameterizedTypeReference<TcpBackend<EchoMessage>>() {
		}).getObject();
	}

	private static Map<String, Object> properties(InetSocketAddress server, int count) {
		Map<String, Object> properties = new HashMap<>();
		properties.put("spring.main.banner-mode", "off");
		properties.put("logging.level.root", "warn");
		properties.put("backend.discovery.sources", "static");
		String uri = "tcp://" + server.getAddress().getHostAddress() + ":" + server.getPort();
		for (int i = 0; i < count; i++) {
			String instance = "backend.discovery.static.services.echo[" + i + "].";
			properties.put(instance + "id", "echo-" + i);
			properties.put(instance + "uri", uri);
		}
		return properties;
	}

	@Override
	public void close() {
		context().close();
	}

	private ConfigurableApplicationContext context() {
		ConfigurableApplicationContext context = this.context;
		if (context == null) {
			throw new IllegalStateException("not connected");
		}
		return context;
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Application {

		@Bean
		EchoCodec codec() {
			return new EchoCodec();
		}

	}

}
