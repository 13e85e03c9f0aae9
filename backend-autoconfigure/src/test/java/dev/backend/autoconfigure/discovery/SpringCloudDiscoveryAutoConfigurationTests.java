package dev.backend.autoconfigure.discovery;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import dev.backend.Availability;
import dev.backend.Route;
import dev.backend.autoconfigure.BackendConfigurationException;
import dev.backend.autoconfigure.event.BackendEventAutoConfiguration;
import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.Failures;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.Line;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.autoconfigure.support.SnapshotRecorder;
import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;
import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.discovery.InstanceRules;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.discovery.cloud.SpringCloudDiscoverySettings;
import dev.backend.tcp.TcpBackend;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cloud.client.CommonsClientAutoConfiguration;
import org.springframework.cloud.client.discovery.DiscoveryClient;
import org.springframework.cloud.client.discovery.composite.CompositeDiscoveryClientAutoConfiguration;
import org.springframework.cloud.client.discovery.composite.reactive.ReactiveCompositeDiscoveryClientAutoConfiguration;
import org.springframework.cloud.client.discovery.event.HeartbeatEvent;
import org.springframework.cloud.client.discovery.event.InstanceRegisteredEvent;
import org.springframework.cloud.client.discovery.event.ParentHeartbeatEvent;
import org.springframework.cloud.client.discovery.simple.InstanceProperties;
import org.springframework.cloud.client.discovery.simple.SimpleDiscoveryClientAutoConfiguration;
import org.springframework.cloud.client.discovery.simple.SimpleDiscoveryProperties;
import org.springframework.cloud.client.discovery.simple.reactive.SimpleReactiveDiscoveryClientAutoConfiguration;
import org.springframework.cloud.commons.util.UtilAutoConfiguration;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Spring Cloud's own discovery clients in a real context, and real servers.
 */
class SpringCloudDiscoveryAutoConfigurationTests {

	private static final String REACTIVE = "backend.discovery.spring-cloud.reactive=true";

	private static final String SELDOM = "backend.discovery.spring-cloud.poll-interval=1h";

	private static final String CONFIRMED_LATE = "backend.discovery.spring-cloud.confirmation-delay=1h";

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(UtilAutoConfiguration.class, CommonsClientAutoConfiguration.class,
				SimpleDiscoveryClientAutoConfiguration.class, SimpleReactiveDiscoveryClientAutoConfiguration.class,
				CompositeDiscoveryClientAutoConfiguration.class,
				ReactiveCompositeDiscoveryClientAutoConfiguration.class, DiscoveryAutoConfiguration.class,
				SpringCloudDiscoveryAutoConfiguration.class, MergedDiscoveryAutoConfiguration.class))
		.withPropertyValues("backend.discovery.sources=spring-cloud");

	@ParameterizedTest
	@ValueSource(strings = { "blocking", "reactive" })
	void theClientOfTheContextIsRead(String kind) {
		String prefix = "spring.cloud.discovery.client.simple.instances.game[0].";
		this.contextRunner
			.withPropertyValues("backend.discovery.spring-cloud.reactive=" + kind.equals("reactive"),
					prefix + "instance-id=g-1", prefix + "host=127.0.0.1", prefix + "port=7001",
					prefix + "metadata.scheme=tcp")
			.run((context) -> {
				ServiceDiscovery discovery = context.getBean(ServiceDiscovery.class);
				SnapshotRecorder recorder = new SnapshotRecorder();
				discovery.subscribe(recorder);
				await().until(() -> recorder.ids().equals(List.of("g-1")));
				assertThat(recorder.latest().instances().get(0).scheme()).isEqualTo("tcp");
				assertThat(discovery.status().state()).isEqualTo(State.UP);
				assertThat(discovery.status().source())
					.isEqualTo(kind.equals("reactive") ? "spring cloud (Composite Reactive Discovery Client)"
							: "spring cloud (Composite Discovery Client)");
				assertThat(discovery.confirmationDelay()).isEqualTo(Duration.ofSeconds(90));
			});
	}

	@Test
	void aTcpBackendReachesServersThatComeAndGo() {
		try (EchoServer first = EchoServer.start("g-1"); EchoServer second = EchoServer.start("g-2")) {
			String prefix = "spring.cloud.discovery.client.simple.instances.game[0].";
			this.contextRunner
				.withConfiguration(
						AutoConfigurations.of(BackendEventAutoConfiguration.class, TcpBackendAutoConfiguration.class))
				.withBean(LineCodec.class)
				.withPropertyValues(prefix + "instance-id=g-1", prefix + "host=127.0.0.1",
						prefix + "port=" + first.port(), prefix + "metadata.scheme=tcp",
						prefix + "metadata.routerTag=eu", "backend.tcp.removal=immediate",
						"backend.discovery.spring-cloud.poll-interval=200ms",
						"backend.discovery.spring-cloud.confirmation-delay=1s")
				.run((context) -> {
					TcpBackend<Line> backend = backend(context);
					await().until(() -> ready(backend).equals(Set.of("g-1")));
					await().ignoreExceptions().until(() -> ask(backend).equals("g-1:hello"));
					instances(context).put("game",
							List.of(properties("g-1", first.port()), properties("g-2", second.port())));
					await().until(() -> ready(backend).equals(Set.of("g-1", "g-2")));
					instances(context).put("game", List.of(properties("g-2", second.port())));
					await().until(() -> ready(backend).equals(Set.of("g-2")));
					await().ignoreExceptions().until(() -> ask(backend).equals("g-2:hello"));
					instances(context).clear();
					await().until(() -> backend.discoveryStatus().state() == State.DOWN);
					assertThat(ready(backend)).containsExactly("g-2");
				});
		}
	}

	@Test
	void eventsOfTheClientCauseARead() {
		this.contextRunner.withPropertyValues(SELDOM, CONFIRMED_LATE).run((context) -> {
			SnapshotRecorder recorder = new SnapshotRecorder();
			context.getBean(ServiceDiscovery.class).subscribe(recorder);
			await().until(() -> recorder.count() == 1);
			context.publishEvent(new HeartbeatEvent(this, 1L));
			await().until(() -> recorder.count() == 2);
			context.publishEvent(new ParentHeartbeatEvent(this, 2L));
			await().until(() -> recorder.count() == 3);
			context.publishEvent(new InstanceRegisteredEvent<>(this, "config"));
			await().until(() -> recorder.count() == 4);
			context.publishEvent(new HeartbeatEvent(this, 2L));
			await().during(Duration.ofMillis(400)).until(() -> recorder.count() == 4);
		});
	}

	@Test
	void propertiesAreBoundAndDefaultsAreSet() {
		InstanceRules rules = InstanceRules.defaults();
		this.contextRunner.run((context) -> assertThat(context.getBean(SpringCloudDiscoveryProperties.class))
			.returns(SpringCloudDiscoverySettings.defaults(), (properties) -> properties.toSettings(rules))
			.returns(false, SpringCloudDiscoveryProperties::reactive));
		this.contextRunner
			.withPropertyValues("backend.discovery.spring-cloud.services=a,b",
					"backend.discovery.spring-cloud.response-timeout=2s",
					"backend.discovery.spring-cloud.maximum-services=7", SELDOM, CONFIRMED_LATE, REACTIVE)
			.run((context) -> assertThat(context.getBean(SpringCloudDiscoveryProperties.class))
				.returns(new SpringCloudDiscoverySettings(Set.of("a", "b"), Duration.ofHours(1), Duration.ofSeconds(2),
						Duration.ofHours(1), 7, rules), (properties) -> properties.toSettings(rules))
				.returns(true, SpringCloudDiscoveryProperties::reactive));
	}

	@ParameterizedTest
	@CsvSource({ "services,' ,a'", "poll-interval,99ms", "poll-interval,91s", "response-timeout,0s",
			"confirmation-delay,1s", "confirmation-delay,2d", "maximum-services,0", "maximum-services,10001" })
	void whenAValueIsOutOfItsRangeThenStartFailsWithPropertyAndValue(String property, String value) {
		this.contextRunner.withPropertyValues("backend.discovery.spring-cloud." + property + "=" + value)
			.run((context) -> assertThat(Failures.rootOf(context))
				.hasMessageContainingAll("backend.discovery.spring-cloud.", "Expected: "));
	}

	@Test
	void whenTheSourceIsNotNamedThenTheClientIsLeftAlone() {
		this.contextRunner.withPropertyValues("backend.discovery.sources=custom")
			.run((context) -> assertThat(context).doesNotHaveBean(DiscoverySource.class)
				.doesNotHaveBean(SpringCloudEventListener.class));
	}

	@Test
	void whenTheApplicationHasADiscoveryThenTheAutoConfigurationBacksOff() {
		this.contextRunner.withBean(InMemoryDiscovery.class)
			.run((context) -> assertThat(context).hasSingleBean(ServiceDiscovery.class)
				.doesNotHaveBean(DiscoverySource.class));
	}

	@Test
	void whenThereIsNoClientThenOneIsAskedFor() {
		ApplicationContextRunner withoutClient = new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class,
					SpringCloudDiscoveryAutoConfiguration.class, MergedDiscoveryAutoConfiguration.class))
			.withPropertyValues("backend.discovery.sources=spring-cloud");
		withoutClient
			.run((context) -> assertThat(Failures.rootOf(context)).isInstanceOf(BackendConfigurationException.class)
				.hasMessageContaining("no DiscoveryClient bean"));
		withoutClient.withPropertyValues(REACTIVE)
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContaining("no ReactiveDiscoveryClient"));
	}

	@Test
	void whenThereIsOnlyAReactiveClientThenItIsRead() {
		this.contextRunner.withPropertyValues("spring.cloud.discovery.blocking.enabled=false")
			.run((context) -> assertThat(context.getBean(ServiceDiscovery.class).status().source())
				.isEqualTo("spring cloud (Composite Reactive Discovery Client)"));
	}

	@Test
	void whenSpringCloudIsNotThereThenItIsAskedFor() {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class,
					SpringCloudDiscoveryAutoConfiguration.class, MergedDiscoveryAutoConfiguration.class))
			.withClassLoader(new FilteredClassLoader(DiscoveryClient.class))
			.withPropertyValues("backend.discovery.sources=spring-cloud")
			.run((context) -> assertThat(catchThrowable(context.getBean(DiscoveryResolver.class)::resolve))
				.isInstanceOf(BackendConfigurationException.class)
				.hasMessageContaining("Spring Cloud Commons is not on the class path"));
	}

	private static ConditionFactory await() {
		return Awaitility.await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(10));
	}

	@SuppressWarnings("unchecked")
	private static TcpBackend<Line> backend(ApplicationContext context) {
		return context.getBean(TcpBackend.class);
	}

	private static Set<String> ready(TcpBackend<Line> backend) {
		return new TreeSet<>(backend.services()
			.stream()
			.filter((service) -> service.availability() == Availability.READY)
			.map((service) -> service.id())
			.toList());
	}

	private static String ask(TcpBackend<Line> backend) {
		return backend.request("game", Route.hash("user-1"), new Line(7, "hello"), Duration.ofSeconds(10))
			.join()
			.text();
	}

	private static Map<String, List<InstanceProperties>> instances(ApplicationContext context) {
		return context.getBean(SimpleDiscoveryProperties.class).getInstances();
	}

	private static InstanceProperties properties(String id, int port) {
		InstanceProperties properties = new InstanceProperties();
		properties.setInstanceId(id);
		properties.setServiceId("game");
		properties.setHost("127.0.0.1");
		properties.setPort(port);
		properties.setMetadata(Map.of("scheme", "tcp"));
		return properties;
	}

}
