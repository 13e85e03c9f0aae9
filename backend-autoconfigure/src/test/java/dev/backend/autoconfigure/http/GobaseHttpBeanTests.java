package dev.backend.autoconfigure.http;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.Route;
import dev.backend.ServiceConfig;
import dev.backend.ServiceInfoFactory;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.discovery.MergedDiscoveryAutoConfiguration;
import dev.backend.autoconfigure.discovery.RedisDiscoveryAutoConfiguration;
import dev.backend.autoconfigure.event.BackendEventAutoConfiguration;
import dev.backend.autoconfigure.event.BackendServiceEvent;
import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.RedisServer;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InstanceFilter;
import dev.backend.discovery.redis.RedisServiceRegistry;
import dev.backend.http.HttpBackend;
import dev.backend.http.HttpService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The rows of docs/coming-from-gobase.md about HttpBackend that name a bean, a property
 * or an event. The probe only connects, so any listener will do.
 */
@Timeout(60)
class GobaseHttpBeanTests {

	private final EchoServer server = EchoServer.start("pay-1");

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final ApplicationContextRunner emptyRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class, BackendEventAutoConfiguration.class,
				HttpBackendAutoConfiguration.class))
		.withPropertyValues("backend.http.enabled=true", "backend.http.probe.interval=20ms");

	private final ApplicationContextRunner contextRunner = this.emptyRunner.withBean(InMemoryDiscovery.class,
			() -> this.discovery);

	@AfterEach
	void closeServer() {
		this.server.close();
	}

	@Test
	@Tag("gobase:NewHttpBackendWithRedis")
	@Tag("gobase:NewHttpBackendWithGoRedis")
	void theKeyAndTheNamesMakeABackendWithTheServicesInRedis() {
		try (RedisServer redis = RedisServer.started()) {
			this.emptyRunner
				.withConfiguration(AutoConfigurations.of(DataRedisAutoConfiguration.class,
						RedisDiscoveryAutoConfiguration.class, MergedDiscoveryAutoConfiguration.class))
				.withPropertyValues("spring.data.redis.host=127.0.0.1", "spring.data.redis.port=" + redis.port(),
						"backend.discovery.redis.key=shops", "backend.discovery.redis.services=pay,shop")
				.run((context) -> {
					RedisServiceRegistry registry = context.getBean(RedisServiceRegistry.class);
					registry.register(service("mail", "mail-1"));
					registry.register(service("pay", "pay-1"));
					HttpBackend backend = context.getBean(HttpBackend.class);
					await().until(() -> backend.find("pay", Route.hash("user-1")) != null);
					registry.register(service("shop", "shop-1"));
					await().until(() -> backend.findService("shop", "shop-1") != null);
					assertThat(backend.groups()).containsOnlyKeys("pay", "shop");
				});
		}
	}

	@Test
	@Tag("gobase:hb.RegHook")
	@Tag("gobase:HttpHook.OnAdd")
	@Tag("gobase:HttpHook.OnRemove")
	@Tag("gobase:HttpHook.OnConnected")
	@Tag("gobase:HttpHook.OnDisConnect")
	void listenerBeansAreHooksAndEveryHookIsAnApplicationEvent() {
		List<String> calls = new CopyOnWriteArrayList<>();
		this.contextRunner.withBean("first", BackendListener.class, () -> readyListener("first", calls))
			.withBean("second", BackendListener.class, () -> readyListener("second", calls))
			.withBean(EventRecorder.class)
			.run((context) -> {
				List<String> events = context.getBean(EventRecorder.class).events;
				this.discovery.push(instance("pay-1"));
				await().until(() -> calls.size() == 2 && events.size() == 3);
				this.discovery.push();
				await().until(() -> events.size() == 5);
				assertThat(calls).containsExactlyInAnyOrder("first pay-1", "second pay-1");
				assertThat(events).containsExactly("ServiceAddedEvent", "ServiceConnectedEvent", "ServiceReadyEvent",
						"ServiceDisconnectedEvent", "ServiceRemovedEvent");
			});
	}

	@Test
	@Tag("gobase:HttpEvent.RedisFilter")
	@Tag("gobase:HttpEvent.GoRedisFilter")
	@Tag("gobase:HttpEvent.ConsulFilter")
	@Tag("gobase:hs.Info")
	void theFilterBeanDecidesAndTheFactoryBeanMakesTheInfo() {
		this.contextRunner
			.withBean(InstanceFilter.class,
					() -> (instance) -> instance.id().endsWith("2") ? service("renamed", instance.id()) : null)
			.withBean(ServiceInfoFactory.class, () -> (config) -> new StringBuilder(config.id()))
			.run((context) -> {
				this.discovery.push(instance("pay-1"), instance("pay-2"));
				HttpBackend backend = context.getBean(HttpBackend.class);
				await().until(() -> backend.find("renamed", Route.any()) != null);
				assertThat(backend.services()).extracting(HttpService::id).containsExactly("pay-2");
				assertThat(backend.getService("renamed", "pay-2").info(StringBuilder.class)).hasToString("pay-2");
			});
	}

	private ServiceConfig service(String name, String id) {
		return ServiceConfig.http(name, id, "127.0.0.1", this.server.port());
	}

	private DiscoveredInstance instance(String id) {
		return new DiscoveredInstance("pay", id, "http", "127.0.0.1", this.server.port(), List.of(), Map.of());
	}

	private static BackendListener readyListener(String name, List<String> calls) {
		return new BackendListener() {
			@Override
			public void onReady(BackendService service) {
				calls.add(name + " " + service.id());
			}
		};
	}

	static class EventRecorder implements ApplicationListener<BackendServiceEvent> {

		private final List<String> events = new CopyOnWriteArrayList<>();

		@Override
		public void onApplicationEvent(BackendServiceEvent event) {
			this.events.add(event.getClass().getSimpleName());
		}

	}

}
