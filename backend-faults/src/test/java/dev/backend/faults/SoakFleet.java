package dev.backend.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.sun.net.httpserver.HttpServer;
import dev.backend.ServiceConfig;
import dev.backend.discovery.redis.RedisRegistrySettings;
import dev.backend.discovery.redis.RedisRegistryTimings;
import dev.backend.discovery.redis.RedisServerFixture;
import dev.backend.discovery.redis.RedisServiceRegistry;
import dev.backend.discovery.redis.Registration;
import dev.backend.fleet.FleetService;
import dev.backend.test.fault.FaultProxy;

/**
 * Instances behind proxies that register in a real Redis by heartbeats, as services of
 * their own do.
 */
final class SoakFleet implements AutoCloseable {

	static final String TCP = "game";

	static final String HTTP = "pay";

	private static final RedisRegistrySettings SETTINGS = RedisRegistrySettings.defaults("games")
		.withTimings(RedisRegistryTimings.defaults().withExpiry(Duration.ofSeconds(2), Duration.ofMillis(500)));

	private final RedisServerFixture redis = RedisServerFixture.started();

	private final RedisServiceRegistry registry = this.redis
		.closeLater(new RedisServiceRegistry(this.redis.connectionFactory(), SETTINGS));

	private final ExecutorService httpThreads = Executors.newFixedThreadPool(8);

	private final List<Instance> instances = new ArrayList<>();

	SoakFleet(int tcp, int http) {
		for (int i = 0; i < tcp; i++) {
			NotePeer peer = new NotePeer();
			add(ServiceConfig.tcp(TCP, TCP + "-" + i, "127.0.0.1", peer.port()), peer);
		}
		for (int i = 0; i < http; i++) {
			HttpServer server = httpServer();
			add(ServiceConfig.http(HTTP, HTTP + "-" + i, "127.0.0.1", server.getAddress().getPort()),
					() -> server.stop(0));
		}
	}

	private void add(ServiceConfig config, AutoCloseable server) {
		this.redis.closeLater(server);
		FaultProxy proxy = new FaultProxy(config.port());
		Registration registration = this.registry.register(config.withAddress("127.0.0.1", proxy.port()));
		this.instances.add(new Instance(registration, config.port(), proxy));
	}

	private HttpServer httpServer() {
		try {
			HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
			server.setExecutor(this.httpThreads);
			server.createContext("/", (exchange) -> {
				exchange.getRequestBody().readAllBytes();
				exchange.sendResponseHeaders(200, -1);
				exchange.close();
			});
			server.start();
			return server;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * What makes an application use this fleet, and notice quickly what happens to it.
	 */
	List<String> properties() {
		return List.of("spring.data.redis.host=127.0.0.1", "spring.data.redis.port=" + this.redis.port(),
				"spring.cloud.consul.enabled=false", "backend.discovery.redis.key=" + SETTINGS.key(),
				"backend.discovery.redis.expiry=2s", "backend.discovery.redis.heartbeat=500ms",
				"backend.tcp.connect.timeout=2s", "backend.tcp.connect.backoff-max=1s",
				"backend.tcp.liveness.heartbeat-interval=500ms", "backend.tcp.liveness.heartbeat-timeout=2s",
				"backend.tcp.liveness.write-progress-timeout=2s", "backend.http.enabled=true",
				"backend.http.probe.interval=500ms", "backend.http.probe.timeout=1s",
				"backend.http.route.services=" + HTTP, "spring.http.clients.connect-timeout=1s",
				"spring.http.clients.read-timeout=1s");
	}

	RedisServerFixture redis() {
		return this.redis;
	}

	List<Instance> instances() {
		return this.instances;
	}

	/** What is registered of a service, as it stands in the registry. */
	Set<String> registered(String name) {
		return describe(this.instances.stream().map(Instance::config).filter((config) -> config.name().equals(name)));
	}

	/** The same of what a ring holds. */
	static Set<String> usable(Collection<? extends FleetService> members) {
		return describe(members.stream().map(FleetService::config));
	}

	private static Set<String> describe(Stream<ServiceConfig> configs) {
		return configs.map((config) -> config.label() + config.tags()).collect(Collectors.toSet());
	}

	@Override
	public void close() {
		this.instances.forEach(Instance::close);
		this.redis.close();
		this.httpThreads.shutdownNow();
	}

	/** An instance, and where it is at present. */
	static final class Instance {

		private final Registration registration;

		private final int port;

		private FaultProxy proxy;

		Instance(Registration registration, int port, FaultProxy proxy) {
			this.registration = registration;
			this.port = port;
			this.proxy = proxy;
		}

		ServiceConfig config() {
			return this.registration.service();
		}

		FaultProxy proxy() {
			return this.proxy;
		}

		/** Registers under another address, and leaves the present one. */
		void move() {
			FaultProxy left = this.proxy;
			this.proxy = new FaultProxy(this.port);
			this.registration.update(config().withAddress("127.0.0.1", this.proxy.port()));
			left.close();
		}

		void tag(String... tags) {
			this.registration.update(config().withTags(tags));
		}

		private void close() {
			this.proxy.close();
		}

	}

}
