package dev.backend.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.backend.Route;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.event.BackendEventAutoConfiguration;
import dev.backend.autoconfigure.http.HttpBackendAutoConfiguration;
import dev.backend.autoconfigure.registration.RegistrationAutoConfiguration;
import dev.backend.autoconfigure.registration.RegistrationStatus;
import dev.backend.autoconfigure.registration.ServiceRegistrar;
import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.Line;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.http.HttpBackend;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpConnection;
import dev.backend.tcp.TcpHandler;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;
import org.springframework.test.context.TestContextManager;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Contexts that pause, as those do that tests keep for later, that restart, as those do
 * that are restored from a checkpoint, and that make their beans when they are needed.
 */
@Timeout(60)
class ContextPauseTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	private final EchoServer server = EchoServer.start("game-1");

	@AfterEach
	void closeServer() {
		this.server.close();
	}

	@Test
	void whenTheContextPausesThenItHoldsNoConnectionAndWorksWhenItGoesOn() {
		try (ConfigurableApplicationContext context = run(false)) {
			await().until(() -> this.server.connections() == 1);
			InMemoryDiscovery discovery = context.getBean(InMemoryDiscovery.class);
			assertThat(discovery.subscriptions()).isEqualTo(2);
			context.pause();
			await().until(() -> this.server.connections() == 0);
			assertThat(discovery.subscriptions()).isZero();
			assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName)
				.noneMatch((name) -> name.startsWith("backend-tcp") || name.startsWith("backend-http"));
			context.start();
			expectAnswer(context);
			assertThat(context.getBean(HttpBackend.class).running()).isTrue();
		}
	}

	@Test
	void whenTheContextRestartsThenTheBackendWorks() {
		try (ConfigurableApplicationContext context = run(false)) {
			expectAnswer(context);
			context.restart();
			expectAnswer(context);
		}
	}

	@Test
	void whenBeansAreMadeLazilyThenTheBackendStartsAllTheSame() {
		try (ConfigurableApplicationContext context = run(true)) {
			await().until(() -> this.server.connections() == 1);
			expectAnswer(context);
		}
		await().until(() -> this.server.connections() == 0);
	}

	@Test
	void whenHandlersHaveAnExecutorOfTheContextThenItPausesAfterThemAndGoesOnBeforeThem() {
		try (ConfigurableApplicationContext context = run(false, Handling.class)) {
			Handling handling = context.getBean(Handling.class);
			await().until(() -> handling.calls.equals(List.of("connected")));
			context.pause();
			assertThat(handling.calls).containsExactly("connected", "disconnected");
			context.start();
			assertThat(handling.calls).as("ready when the start returns")
				.containsExactly("connected", "disconnected", "connected");
		}
	}

	@Test
	void whenTestsTurnToAnotherContextThenTheFirstHoldsNothingUntilTheyComeBack() throws Exception {
		TestContextManager first = new TestContextManager(First.class);
		TestContextManager second = new TestContextManager(Second.class);
		try {
			ApplicationContext paused = turnTo(first);
			EchoServer server = paused.getBean(EchoServer.class);
			Registrar registrar = paused.getBean(Registrar.class);
			await().until(() -> server.connections() == 1);
			assertThat(registrar.registered).hasSize(1);
			first.afterTestClass();
			ApplicationContext other = turnTo(second);
			assertThat(other).isNotSameAs(paused);
			await().until(() -> server.connections() == 0);
			assertThat(registrar.registered).isEmpty();
			expectAnswer(other);
			second.afterTestClass();
			assertThat(turnTo(first)).isSameAs(paused);
			expectAnswer(paused);
			assertThat(registrar.registered).hasSize(1);
			first.afterTestClass();
		}
		finally {
			first.getTestContext().markApplicationContextDirty(null);
			second.getTestContext().markApplicationContextDirty(null);
		}
	}

	private static ApplicationContext turnTo(TestContextManager manager) throws Exception {
		manager.beforeTestClass();
		return manager.getTestContext().getApplicationContext();
	}

	private ConfigurableApplicationContext run(boolean lazy, Class<?>... sources) {
		return new SpringApplicationBuilder(Application.class).sources(sources)
			.web(WebApplicationType.NONE)
			.lazyInitialization(lazy)
			.initializers((context) -> context.getBeanFactory().registerSingleton("server", this.server))
			.properties("backend.http.enabled=true", "backend.tcp.await-ready=20s")
			.run();
	}

	private static void expectAnswer(ApplicationContext context) {
		TcpBackend<Line> backend = context.getBean(Client.class).backend;
		await().until(() -> backend.findGroup("game") != null && backend.find("game", Route.any()) != null);
		assertThat(backend.request("game", Route.any(), new Line(7, "hello"), TIMEOUT).join().text())
			.isEqualTo("game-1:hello");
	}

	record Client(TcpBackend<Line> backend) {

	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DiscoveryAutoConfiguration.class, BackendEventAutoConfiguration.class,
			TcpBackendAutoConfiguration.class, HttpBackendAutoConfiguration.class })
	static class Application {

		@Bean
		InMemoryDiscovery discovery(EchoServer server) {
			return new InMemoryDiscovery(server.instance());
		}

		@Bean
		LineCodec codec() {
			return new LineCodec();
		}

		@Bean
		Client client(TcpBackend<Line> backend) {
			return new Client(backend);
		}

	}

	@SpringBootTest(classes = { Application.class, Served.class }, webEnvironment = WebEnvironment.NONE,
			properties = { "which=first", "backend.registration.enabled=true", "backend.registration.address=127.0.0.1",
					"backend.registration.port=7001", "spring.application.name=gateway" })
	static class First {

	}

	@SpringBootTest(classes = { Application.class, Served.class }, webEnvironment = WebEnvironment.NONE,
			properties = { "which=second", "backend.registration.enabled=true",
					"backend.registration.address=127.0.0.1", "backend.registration.port=7001",
					"spring.application.name=gateway" })
	static class Second {

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration(RegistrationAutoConfiguration.class)
	static class Served {

		@Bean
		EchoServer server() {
			return EchoServer.start("game-1");
		}

		@Bean
		Registrar registrar() {
			return new Registrar();
		}

	}

	static class Registrar implements ServiceRegistrar {

		private final List<DiscoveredInstance> registered = new CopyOnWriteArrayList<>();

		@Override
		public AutoCloseable register(DiscoveredInstance instance) {
			this.registered.add(instance);
			return () -> this.registered.remove(instance);
		}

		@Override
		public List<RegistrationStatus> registrations() {
			return List.of();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Handling {

		private final List<String> calls = new CopyOnWriteArrayList<>();

		@Bean
		ThreadPoolTaskExecutor tcpHandlerExecutor() {
			return new ThreadPoolTaskExecutor();
		}

		@Bean
		TcpHandler<Line> handler() {
			return new TcpHandler<>() {
				@Override
				public void onConnected(TcpConnection<Line> connection) {
					Handling.this.calls.add("connected");
				}

				@Override
				public void onDisconnected(TcpConnection<Line> connection, @Nullable Throwable cause) {
					Handling.this.calls.add("disconnected");
				}
			};
		}

	}

}
