package dev.backend.autoconfigure.tcp;

import java.time.Duration;
import java.util.Map;
import java.util.Set;

import dev.backend.RemovalMode;
import dev.backend.autoconfigure.BackendConfigurationException;
import dev.backend.autoconfigure.BackendLifecycle;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.event.BackendEventAutoConfiguration;
import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.Failures;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.Line;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.codec.MessageCodec;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.routing.ConsistentHash;
import dev.backend.tcp.DispatchMode;
import dev.backend.tcp.MessageLogLevel;
import dev.backend.tcp.MessageLogging;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpConnection;
import dev.backend.tcp.TcpHandler;
import dev.backend.tcp.TcpLimits;
import dev.backend.tcp.TcpLiveness;
import dev.backend.tcp.TcpSettings;
import dev.backend.tcp.TcpTimings;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.core.task.AsyncTaskExecutor;
import org.springframework.core.task.VirtualThreadTaskExecutor;

import static org.assertj.core.api.Assertions.assertThat;

class TcpBackendAutoConfigurationTests {

	private final ApplicationContextRunner plainRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class, BackendEventAutoConfiguration.class,
				TcpBackendAutoConfiguration.class));

	private final ApplicationContextRunner contextRunner = this.plainRunner.withBean(ServiceDiscovery.class,
			InMemoryDiscovery::new);

	@Test
	void whenNothingIsDeclaredThenThereIsNoBackendAndNoFailure() {
		this.contextRunner.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(TcpBackend.class));
	}

	@Test
	void whenNothingIsDeclaredThenNoDiscoveryIsNeeded() {
		new ApplicationContextRunner().withConfiguration(AutoConfigurations.of(TcpBackendAutoConfiguration.class))
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void whenThereIsACodecThenItsBackendIsInjectedAndStarted() {
		this.contextRunner.withUserConfiguration(Codec.class, Client.class).run((context) -> {
			assertThat(context).hasNotFailed();
			TcpBackend<Line> backend = context.getBean(Client.class).backend;
			assertThat(backend).isSameAs(context.getBean("tcpBackend"));
			assertThat(backend.running()).isTrue();
			assertThat(context.getBean(InMemoryDiscovery.class).subscriptions()).isOne();
		});
	}

	@Test
	@Timeout(60)
	void whenAHandlerSuspendsItsServiceThenTheStartDoesNotWaitForIt() {
		try (EchoServer refusing = EchoServer.start("game-1"); EchoServer server = EchoServer.start("game-2")) {
			this.plainRunner.withUserConfiguration(Codec.class, SuspendingHandler.class)
				.withBean(ServiceDiscovery.class, () -> new InMemoryDiscovery(refusing.instance(), server.instance()))
				.withPropertyValues("backend.tcp.await-ready=1h")
				.run((context) -> {
					TcpBackend<?> backend = context.getBean(TcpBackend.class);
					assertThat(backend.suspended()).isEqualTo(Map.of("game", Set.of("game-1")));
					assertThat(backend.group("game").routing().members()).hasSize(1);
				});
		}
	}

	@Test
	void whenTheContextClosesThenTheBackendCloses() {
		TcpBackend<?>[] backend = new TcpBackend<?>[1];
		this.contextRunner.withUserConfiguration(Codec.class)
			.run((context) -> backend[0] = context.getBean(TcpBackend.class));
		assertThat(backend[0].running()).isFalse();
	}

	@Test
	void whenTheHandlerWantsTheBackendThenThereIsNoCycle() {
		this.contextRunner.withUserConfiguration(Codec.class, HandlerWithBackend.class)
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void whenAnotherTypeArgumentIsInjectedThenStartFails() {
		this.contextRunner.withUserConfiguration(Codec.class, WrongClient.class)
			.run((context) -> assertThat(Failures.rootOf(context))
				.hasMessageContaining("dev.backend.tcp.TcpBackend<java.lang.String>"));
	}

	@Test
	void whenTheHandlerHandlesOtherMessagesThenStartFailsWithBothTypes() {
		this.contextRunner.withUserConfiguration(Codec.class, WrongHandler.class)
			.run((context) -> assertThat(Failures.rootOf(context)).isInstanceOf(BackendConfigurationException.class)
				.hasMessageContainingAll("No TcpHandler bean handles " + Line.class.getName(),
						"MessageCodec bean 'lineCodec'", "'wrongHandler' handles java.lang.String",
						"TcpHandler<Line>"));
	}

	@Test
	void whenThereAreTwoHandlersOfTheTypeThenStartFails() {
		this.contextRunner.withUserConfiguration(Codec.class, HandlerWithBackend.class, SecondHandler.class)
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContainingAll(
					"needs one TcpHandler, but there are 2", "handlerWithBackend", "secondHandler", "@Primary"));
	}

	@Test
	void whenAHandlerOfAnotherTypeIsThereTooThenItIsLeftAlone() {
		this.contextRunner.withUserConfiguration(Codec.class, HandlerWithBackend.class, WrongHandler.class)
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void whenTheCodecDoesNotSayItsMessagesThenStartFails() {
		this.contextRunner.withUserConfiguration(RawCodec.class)
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContainingAll(
					"MessageCodec bean 'rawCodec' does not say what its messages are", "MessageCodec<YourMessage>"));
	}

	@Test
	void whenThereIsAHandlerButNoCodecThenStartFails() {
		this.contextRunner.withUserConfiguration(WrongHandler.class)
			.run((context) -> assertThat(Failures.rootOf(context)).isInstanceOf(BackendConfigurationException.class)
				.hasMessageContainingAll("TcpHandler bean, 'wrongHandler', but there is no MessageCodec bean",
						"Declare a bean of type MessageCodec<YourMessage>"));
	}

	@Test
	void whenTcpIsConfiguredButThereIsNoCodecThenStartFails() {
		this.contextRunner.withPropertyValues("backend.tcp.limits.frame-bytes=2MB")
			.run((context) -> assertThat(Failures.rootOf(context))
				.hasMessageContainingAll("Properties below backend.tcp are set: [limits]", "no MessageCodec bean"));
	}

	@Test
	void whenDisabledThenNothingIsThere() {
		this.contextRunner.withUserConfiguration(Codec.class)
			.withPropertyValues("backend.tcp.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed()
				.doesNotHaveBean(TcpBackend.class)
				.doesNotHaveBean(TcpBackend.Builder.class)
				.doesNotHaveBean(BackendLifecycle.class));
	}

	@Test
	void whenThereAreTwoCodecsAndNoChoiceThenStartFails() {
		this.contextRunner.withUserConfiguration(Codec.class, TextCodec.class)
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContainingAll(
					"needs one MessageCodec, but there are 2", "lineCodec", "textCodec", "@Primary",
					"backend.tcp.codec", """
							backend:
							  tcp:
							    fleets:
							      one: { services: [name, name-*], codec: lineCodec }
							      other: { services: other-name, codec: textCodec }
							"""));
	}

	@Test
	void whenOneOfTwoCodecsIsPrimaryThenItIsUsed() {
		this.contextRunner.withUserConfiguration(PrimaryCodec.class, TextCodec.class, Client.class)
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(TcpBackend.class));
	}

	@Test
	void whenACodecIsNamedThenItIsUsed() {
		this.contextRunner.withUserConfiguration(Codec.class, TextCodec.class, Client.class)
			.withPropertyValues("backend.tcp.codec=lineCodec")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void whenTheNamedCodecIsNotThereThenStartFailsWithTheNames() {
		this.contextRunner.withUserConfiguration(Codec.class)
			.withPropertyValues("backend.tcp.codec=other")
			.run((context) -> assertThat(Failures.rootOf(context))
				.hasMessageContainingAll("backend.tcp.codec is 'other'", "[lineCodec]"));
	}

	@Test
	void whenTheApplicationHasTheBackendThenTheAutoConfigurationBacksOff() {
		this.contextRunner.withUserConfiguration(Codec.class, OwnBackend.class, Client.class).run((context) -> {
			assertThat(context).hasSingleBean(TcpBackend.class).hasBean("ownBackend");
			assertThat(context.getBean(Client.class).backend.running()).isTrue();
		});
	}

	@Test
	void whenTheApplicationBuildsASecondBackendThenBothAreStarted() {
		this.contextRunner.withUserConfiguration(PrimaryCodec.class, SecondBackend.class, Client.class)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBeansOfType(TcpBackend.class)).containsOnlyKeys("tcpBackend", "secondBackend")
					.allSatisfy((name, backend) -> assertThat(backend.running()).as(name).isTrue());
			});
	}

	@Test
	void whenTheApplicationHasABuilderOrSettingsThenTheAutoConfigurationBacksOff() {
		this.contextRunner.withUserConfiguration(Codec.class, OwnParts.class).run((context) -> {
			assertThat(context).hasSingleBean(TcpSettings.class).hasSingleBean(TcpBackend.Builder.class);
			assertThat(context.getBean(TcpBackend.class).settings().removal()).isEqualTo(RemovalMode.DRAIN);
		});
	}

	@Test
	void everyInjectedBuilderIsItsOwn() {
		this.contextRunner.run((context) -> assertThat(context.getBean(TcpBackend.Builder.class))
			.isNotSameAs(context.getBean(TcpBackend.Builder.class)));
	}

	@Test
	void defaultsAreThoseOfTheEngine() {
		this.contextRunner.withUserConfiguration(Codec.class)
			.run((context) -> assertThat(context.getBean(TcpBackend.class).settings())
				.isEqualTo(TcpSettings.defaults()));
	}

	@Test
	void propertiesReachTheBackend() {
		this.contextRunner.withUserConfiguration(Codec.class)
			.withPropertyValues("backend.tcp.removal=drain", "backend.tcp.consistent-hash=gobase",
					"backend.tcp.event-loops=1", "backend.tcp.connect.timeout=1s",
					"backend.tcp.connect.ready-timeout=2s", "backend.tcp.connect.backoff-initial=3ms",
					"backend.tcp.connect.backoff-max=4s", "backend.tcp.connect.stable-after=5s",
					"backend.tcp.limits.queued-messages=6", "backend.tcp.limits.outbound-bytes=7KB",
					"backend.tcp.limits.pending-requests=8", "backend.tcp.limits.inbound-messages=9",
					"backend.tcp.limits.read-ahead-bytes=12B", "backend.tcp.limits.frame-bytes=10B",
					"backend.tcp.limits.concurrent-dials=11", "backend.tcp.limits.total-bytes=3GB",
					"backend.tcp.dispatch.threads=2", "backend.tcp.dispatch.mode=ordered-by-key",
					"backend.tcp.liveness.heartbeat-interval=13s", "backend.tcp.liveness.heartbeat-timeout=14s",
					"backend.tcp.liveness.read-idle-timeout=15s", "backend.tcp.liveness.write-idle-interval=17s",
					"backend.tcp.liveness.write-progress-timeout=16s", "backend.tcp.logging.level=trace",
					"backend.tcp.logging.levels.17=info", "backend.tcp.drain-timeout=12ms",
					"backend.tcp.tick-interval=0", "backend.tcp.id-quarantine=18s", "backend.tcp.await-ready=0s")
			.run((context) -> assertThat(context.getBean(TcpBackend.class).settings()).isEqualTo(
					new TcpSettings(new TcpLimits(6, 7 * 1024, 8, 9, 12, 10, 11, 3L << 30),
							new TcpTimings(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofMillis(3),
									Duration.ofSeconds(4), Duration.ofSeconds(5), Duration.ofMillis(12), Duration.ZERO,
									Duration.ofSeconds(18)),
							new TcpLiveness(Duration.ofSeconds(13), Duration.ofSeconds(14), Duration.ofSeconds(15),
									Duration.ofSeconds(17), Duration.ofSeconds(16)),
							DispatchMode.ORDERED_BY_KEY,
							new MessageLogging(MessageLogLevel.TRACE, Map.of("17", MessageLogLevel.INFO)),
							RemovalMode.DRAIN)));
	}

	@ParameterizedTest
	@CsvSource({ "limits.queued-messages, 0", "limits.pending-requests, -1", "limits.inbound-messages, 0",
			"limits.concurrent-dials, 0", "limits.frame-bytes, 0B", "limits.read-ahead-bytes, 0B",
			"limits.frame-bytes, 3GB", "limits.outbound-bytes, -1B", "limits.total-bytes, -1B", "connect.timeout, 0s",
			"connect.ready-timeout, -1s", "connect.backoff-initial, 0s", "connect.backoff-max, 1ms",
			"connect.stable-after, -1s", "drain-timeout, -1s", "tick-interval, -1s", "id-quarantine, -1s",
			"await-ready, -1s", "event-loops, 0", "dispatch.threads, 0", "liveness.heartbeat-interval, -1s",
			"liveness.heartbeat-timeout, 3s", "liveness.read-idle-timeout, -1s", "liveness.write-idle-interval, -1s",
			"liveness.write-progress-timeout, -1s", "consistent-hash, rendezvous" })
	void whenAValueIsOutOfItsRangeThenStartFailsWithPropertyAndValue(String property, String value) {
		ApplicationContextRunner runner = this.contextRunner.withUserConfiguration(Codec.class)
			.withPropertyValues("backend.tcp." + property + "=" + value);
		runner.withClassLoader(new FilteredClassLoader("jakarta.validation"))
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContainingAll("backend.tcp." + property,
					"Expected: "));
		runner.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContaining("backend.tcp"));
	}

	@Test
	void whenAValueIsMalformedThenStartFails() {
		this.contextRunner.withUserConfiguration(Codec.class)
			.withPropertyValues("backend.tcp.connect.timeout=soon")
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContaining("'soon'"));
	}

	@Test
	void whenVirtualThreadsAreNotEnabledThenThereIsNoExecutorBean() {
		this.contextRunner.withUserConfiguration(Codec.class)
			.run((context) -> assertThat(context).doesNotHaveBean(TcpBackendAutoConfiguration.HANDLER_EXECUTOR));
	}

	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void whenVirtualThreadsAreEnabledThenHandlersRunOnThemAndTheApplicationsExecutorStays() {
		this.contextRunner.withUserConfiguration(Codec.class)
			.withConfiguration(AutoConfigurations.of(TaskExecutionAutoConfiguration.class))
			.withPropertyValues("spring.threads.virtual.enabled=true")
			.run((context) -> {
				assertThat(context.getBean(TcpBackendAutoConfiguration.HANDLER_EXECUTOR))
					.isInstanceOf(VirtualThreadTaskExecutor.class);
				assertThat(context).hasBean("applicationTaskExecutor");
				assertThat(context.getBean(AsyncTaskExecutor.class))
					.isSameAs(context.getBean("applicationTaskExecutor"));
			});
	}

	@Test
	void customizersComeLastAndInOrder() {
		StringBuilder calls = new StringBuilder();
		this.contextRunner.withUserConfiguration(Codec.class)
			.withBean("second", TcpBackendBuilderCustomizer.class, () -> ordered(2, calls))
			.withBean("first", TcpBackendBuilderCustomizer.class, () -> ordered(1, calls))
			.run((context) -> {
				assertThat(calls).hasToString("12");
				assertThat(context.getBean(TcpBackend.class).settings().removal()).isEqualTo(RemovalMode.IMMEDIATE);
			});
	}

	private static TcpBackendBuilderCustomizer ordered(int order, StringBuilder calls) {
		return new OrderedCustomizer(order, calls);
	}

	private record OrderedCustomizer(int order,
			StringBuilder calls) implements TcpBackendBuilderCustomizer, org.springframework.core.Ordered {

		@Override
		public void customize(TcpBackend.Builder builder) {
			this.calls.append(this.order);
			builder.settings(TcpSettings.defaults().withRemoval(RemovalMode.IMMEDIATE));
		}

		@Override
		public int getOrder() {
			return this.order;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Codec {

		@Bean
		MessageCodec<Line> lineCodec() {
			return new LineCodec();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class PrimaryCodec {

		@Bean
		@Primary
		LineCodec lineCodec() {
			return new LineCodec();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TextCodec {

		@Bean
		MessageCodec<String> textCodec() {
			return new StringCodec();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@SuppressWarnings("rawtypes")
	static class RawCodec {

		@Bean
		MessageCodec rawCodec() {
			return new LineCodec();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Client {

		private final TcpBackend<Line> backend;

		Client(TcpBackend<Line> backend) {
			this.backend = backend;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WrongClient {

		WrongClient(TcpBackend<String> backend) {
		}

	}

	@Configuration(value = "handlerWithBackend", proxyBeanMethods = false)
	static class HandlerWithBackend implements TcpHandler<Line> {

		HandlerWithBackend(TcpBackend<Line> backend) {
		}

	}

	@Configuration(value = "suspendingHandler", proxyBeanMethods = false)
	static class SuspendingHandler implements TcpHandler<Line> {

		@Override
		public void onConnected(TcpConnection<Line> connection) {
			if (connection.service().id().equals("game-1")) {
				connection.service().suspend();
				throw new IllegalStateException("login refused");
			}
		}

	}

	@Configuration(value = "secondHandler", proxyBeanMethods = false)
	static class SecondHandler implements TcpHandler<Line> {

	}

	@Configuration(value = "wrongHandler", proxyBeanMethods = false)
	static class WrongHandler implements TcpHandler<String> {

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnBackend {

		@Bean
		TcpBackend<Line> ownBackend(TcpBackend.Builder builder) {
			return builder.build(new LineCodec(), new TcpHandler<>() {
			});
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class SecondBackend {

		@Bean
		TcpBackend<String> secondBackend(TcpBackend.Builder builder) {
			return builder.name("second").build(new StringCodec(), new TcpHandler<>() {
			});
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnParts {

		@Bean
		TcpSettings ownSettings() {
			return TcpSettings.defaults().withRemoval(RemovalMode.DRAIN);
		}

		@Bean
		TcpBackend.Builder ownBuilder(ServiceDiscovery discovery, TcpSettings settings) {
			return TcpBackend.builder()
				.discovery(discovery)
				.settings(settings)
				.consistentHash(ConsistentHash.balanced());
		}

	}

	static class StringCodec implements MessageCodec<String> {

		@Override
		public void encode(String message, ByteBuf out) {
		}

		@Override
		public @Nullable String decode(ByteBuf in) {
			return null;
		}

	}

}
