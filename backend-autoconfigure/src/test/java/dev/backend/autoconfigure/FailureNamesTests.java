package dev.backend.autoconfigure;

import java.io.IOException;
import java.time.Duration;

import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.Route;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.event.BackendEventAutoConfiguration;
import dev.backend.autoconfigure.event.ServiceAddedEvent;
import dev.backend.autoconfigure.event.ServiceConnectedEvent;
import dev.backend.autoconfigure.event.ServiceReadyEvent;
import dev.backend.autoconfigure.event.ServiceTrafficEvent;
import dev.backend.autoconfigure.observation.TcpObservationAutoConfiguration;
import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.Line;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpConnection;
import dev.backend.tcp.TcpHandler;
import io.micrometer.observation.ObservationRegistry;
import io.netty.buffer.ByteBuf;
import org.aopalliance.intercept.MethodInterceptor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aop.framework.autoproxy.BeanNameAutoProxyCreator;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationListener;
import org.springframework.context.event.EventListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Whom the log names when something of the application fails: its class, not ours.
 */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class FailureNamesTests {

	private static final String THIS = FailureNamesTests.class.getName();

	private final EchoServer server = EchoServer.start("game-1");

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class, BackendEventAutoConfiguration.class,
				TcpObservationAutoConfiguration.class, TcpBackendAutoConfiguration.class))
		.withBean(InMemoryDiscovery.class, () -> new InMemoryDiscovery(this.server.instance()))
		.withBean(ObservationRegistry.class, ObservationRegistry::create)
		.withBean(LineCodec.class);

	@AfterEach
	void closeServer() {
		this.server.close();
	}

	@Test
	void whenALoginFailsThenTheHandlerIsNamed(CapturedOutput output) {
		this.contextRunner.withBean(Login.class)
			.run((context) -> await().until(() -> output.toString().contains(THIS + "$Login.onConnected failed for")));
		assertThat(output).doesNotContain("Handler.onConnected failed");
	}

	@Test
	void whenALoginFailsBehindAProxyThenTheHandlerIsNamed(CapturedOutput output) {
		proxied(false).withBean("proxied", Login.class)
			.run((context) -> await().until(() -> output.toString().contains(THIS + "$Login.onConnected failed for")));
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whenABackendListenerFailsBehindAProxyThenItIsNamed(boolean classes, CapturedOutput output) {
		proxied(classes).withBean("proxied", Hooks.class)
			.run((context) -> await()
				.until(() -> output.toString().contains("listener " + THIS + "$Hooks failed for")));
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whenACodecFailsBehindAProxyThenItIsNamed(boolean classes) {
		proxied(classes)
			.withBean("proxied", FailingCodec.class, FailingCodec::new, (definition) -> definition.setPrimary(true))
			.withBean(Client.class)
			.run((context) -> {
				TcpBackend<Line> backend = context.getBean(Client.class).backend;
				await().until(() -> backend.find("game", Route.any()) != null);
				assertThat(backend.request("game", Route.any(), new Line(7, "hello"), Duration.ofSeconds(20)))
					.failsWithin(Duration.ofSeconds(20))
					.withThrowableThat()
					.withStackTraceContaining(THIS + "$FailingCodec failed to encode");
			});
	}

	private ApplicationContextRunner proxied(boolean classes) {
		return this.contextRunner.withBean("advice", MethodInterceptor.class, () -> (call) -> call.proceed())
			.withBean(BeanNameAutoProxyCreator.class, () -> {
				BeanNameAutoProxyCreator creator = new BeanNameAutoProxyCreator();
				creator.setProxyTargetClass(classes);
				creator.setBeanNames("proxied");
				creator.setInterceptorNames("advice");
				return creator;
			});
	}

	@Test
	void whenAnEventListenerFailsThenItsMethodIsNamed(CapturedOutput output) {
		this.contextRunner.withBean(Client.class)
			.withBean(Listening.class)
			.withBean(ReadyListener.class)
			.withPropertyValues("backend.tcp.publish-traffic-events=true")
			.run((context) -> {
				await()
					.untilAsserted(() -> assertThat(output).contains("listener " + THIS + "$Listening.added failed for",
							"listener " + THIS + "$Listening.connected failed for",
							"listener " + THIS + "$ReadyListener.onApplicationEvent failed for"));
				context.getBean(Client.class).backend.broadcast("game", new Line(1, "hello"));
				await()
					.untilAsserted(() -> assertThat(output).contains("Listener " + THIS + "$Listening.traffic failed"));
			});
		assertThat(output).doesNotContain("listener dev.backend.autoconfigure.event",
				"listener dev.backend.autoconfigure.fleet");
	}

	@Test
	void whenABackendListenerFailsThenItIsNamed(CapturedOutput output) {
		this.contextRunner.withBean(Hooks.class)
			.run((context) -> await()
				.until(() -> output.toString().contains("listener " + THIS + "$Hooks failed for")));
	}

	static class FailingCodec extends LineCodec {

		@Override
		public void encode(Line message, ByteBuf out) {
			throw new IllegalStateException("on purpose");
		}

	}

	record Client(TcpBackend<Line> backend) {

	}

	static class Login implements TcpHandler<Line> {

		@Override
		public void onConnected(TcpConnection<Line> connection) {
			throw new IllegalStateException("refused on purpose");
		}

	}

	static class Listening {

		@EventListener
		void added(ServiceAddedEvent event) {
			fail();
		}

		@EventListener
		void connected(ServiceConnectedEvent event) throws IOException {
			throw new IOException("on purpose");
		}

		@EventListener
		void traffic(ServiceTrafficEvent event) {
			fail();
		}

		private static void fail() {
			throw new IllegalStateException("on purpose");
		}

	}

	static class ReadyListener implements ApplicationListener<ServiceReadyEvent> {

		@Override
		public void onApplicationEvent(ServiceReadyEvent event) {
			throw new IllegalStateException("on purpose");
		}

	}

	static class Hooks implements BackendListener {

		@Override
		public void onReady(BackendService service) {
			throw new IllegalStateException("on purpose");
		}

	}

}
