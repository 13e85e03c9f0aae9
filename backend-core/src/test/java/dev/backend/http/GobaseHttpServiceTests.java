package dev.backend.http;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.Route;
import dev.backend.ServiceConfig;
import dev.backend.discovery.DiscoveredInstance;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The rows of docs/coming-from-gobase.md about HttpService, HttpHook and HttpEvent.
 */
@Timeout(60)
class GobaseHttpServiceTests {

	@RegisterExtension
	final HttpFixture http = new HttpFixture();

	@Test
	@Tag("gobase:hs.Conf")
	@Tag("gobase:hs.ServiceName")
	@Tag("gobase:hs.ServiceId")
	@Tag("gobase:hs.Address")
	void configurationIsWhatTheRegistrySaysInNormalForm() {
		int port = this.http.server("pay-1", 0);
		this.http.discover(new DiscoveredInstance(" Pay ", "PAY-1 ", "HTTP", "LocalHost", port, List.of(),
				Map.of("routerTag", " EU  vip ")));
		HttpBackend backend = this.http.startEmpty((builder) -> {
		});
		await().until(() -> backend.find("pay", Route.any().tag("vip")) != null);
		HttpService service = backend.getService("pay", "pay-1");
		ServiceConfig config = service.config();
		assertThat(service.name()).isEqualTo(config.name()).isEqualTo("pay");
		assertThat(service.id()).isEqualTo(config.id()).isEqualTo("pay-1");
		assertThat(config.address()).isEqualTo("LocalHost");
		assertThat(config.port()).isEqualTo(port);
		assertThat(config.tags()).containsExactlyInAnyOrder("eu", "vip");
		assertThat(config.scheme()).isEqualTo("http");
		assertThat(service.uri()).hasToString("http://LocalHost:" + port);
		assertThat(service.uri("orders?of=7")).hasToString("http://LocalHost:" + port + "/orders?of=7");
	}

	@Test
	@Tag("gobase:hs.Info")
	void infoIsMadeOnceForEachServiceAndKeptWhileItIsDown() {
		HttpBackend backend = this.http.start((builder) -> builder.infoFactory((config) -> new AtomicInteger()));
		HttpService service = backend.getService("pay", "pay-1");
		AtomicInteger info = service.info(AtomicInteger.class);
		info.set(42);
		assertThat(backend.getService("pay", "pay-2").info(AtomicInteger.class)).isNotSameAs(info);
		int port = this.http.port("pay-1");
		this.http.stop("pay-1");
		await().until(() -> service.state() == HttpState.DOWN);
		this.http.server("pay-1", port);
		await().until(() -> service.state() == HttpState.UP);
		assertThat(backend.getService("pay", "pay-1").info(AtomicInteger.class)).isSameAs(info).hasValue(42);
	}

	@Test
	@Tag("gobase:hb.RegHook")
	@Tag("gobase:HttpHook.OnAdd")
	@Tag("gobase:HttpHook.OnRemove")
	@Tag("gobase:HttpHook.OnConnected")
	@Tag("gobase:HttpHook.OnDisConnect")
	void everyHookIsToldOfTheWholeLifeOfAService() {
		int port = this.http.server("pay-1", 0);
		this.http.discover("pay-1");
		RecordingListener first = new RecordingListener();
		RecordingListener second = new RecordingListener();
		HttpBackend backend = this.http.startEmpty((builder) -> builder.listener(first).listener(second));
		await().until(() -> first.calls.contains("connected pay-1"));
		this.http.stop("pay-1");
		await().until(() -> first.calls.contains("disconnected pay-1"));
		this.http.server("pay-1", port);
		await().until(() -> first.calls.size() == 4);
		this.http.discover(new DiscoveredInstance[0]);
		await().until(() -> first.calls.contains("removed pay-1") && second.calls.contains("removed pay-1"));
		assertThat(first.calls).containsExactly("added pay-1", "connected pay-1", "disconnected pay-1",
				"connected pay-1", "disconnected pay-1", "removed pay-1");
		assertThat(second.calls).isEqualTo(first.calls);
		assertThat(backend.groups()).isEmpty();
	}

	@Test
	@Tag("gobase:HttpEvent.RedisFilter")
	@Tag("gobase:HttpEvent.GoRedisFilter")
	@Tag("gobase:HttpEvent.ConsulFilter")
	void theFilterDecides() {
		this.http.server("pay-1", 0);
		this.http.server("pay-2", 0);
		this.http.discover("pay-1", "pay-2");
		HttpBackend backend = this.http.startEmpty((builder) -> builder.filter((instance) -> instance.id().endsWith("2")
				? ServiceConfig.http("renamed", instance.id(), instance.address(), instance.port()) : null));
		await().until(() -> backend.find("renamed", Route.any()) != null);
		assertThat(backend.services()).extracting(HttpService::id).containsExactly("pay-2");
	}

	@Test
	@Tag("gobase:HttpEventHandler")
	void theDefaultsFilterByScheme() {
		int port = this.http.server("pay-1", 0);
		this.http.discover(
				new DiscoveredInstance("registered", "as-1", "http", "127.0.0.1", port, List.of(),
						Map.of("serviceName", "Pay", "nodeId", "Pay-1", "routerTag", "eu")),
				new DiscoveredInstance("web", "web-1", "", "127.0.0.1", port, List.of(), Map.of()),
				new DiscoveredInstance("shop", "shop-1", "https", "127.0.0.1", port, List.of(), Map.of()),
				new DiscoveredInstance("game", "game-1", "tcp", "127.0.0.1", port, List.of(), Map.of()));
		HttpBackend backend = this.http.startEmpty((builder) -> {
		});
		await().until(() -> backend.services().size() == 3);
		await().until(() -> backend.services().stream().allMatch((service) -> service.state() == HttpState.UP));
		assertThat(backend.services()).extracting(HttpService::id)
			.containsExactlyInAnyOrder("pay-1", "web-1", "shop-1");
		assertThat(backend.select("pay", Route.any().tag("eu")).id()).isEqualTo("pay-1");
	}

	private static final class RecordingListener implements BackendListener {

		private final List<String> calls = new CopyOnWriteArrayList<>();

		@Override
		public void onAdded(BackendService service) {
			this.calls.add("added " + service.id());
		}

		@Override
		public void onConnected(BackendService service) {
			this.calls.add("connected " + service.id());
		}

		@Override
		public void onDisconnected(BackendService service, @Nullable Throwable cause) {
			this.calls.add("disconnected " + service.id());
		}

		@Override
		public void onRemoved(BackendService service) {
			this.calls.add("removed " + service.id());
		}

	}

}
