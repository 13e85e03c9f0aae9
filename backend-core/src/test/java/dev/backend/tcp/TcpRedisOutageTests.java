package dev.backend.tcp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import dev.backend.RemovalMode;
import dev.backend.Route;
import dev.backend.ServiceConfig;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.DiscoveryStatus;
import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.discovery.redis.RedisRegistrySettings;
import dev.backend.discovery.redis.RedisRegistryTimings;
import dev.backend.discovery.redis.RedisServerFixture;
import dev.backend.discovery.redis.RedisServiceDiscovery;
import dev.backend.discovery.redis.RedisServiceRegistry;
import dev.backend.test.SlowTest;
import dev.backend.test.fault.FaultProxy;
import io.lettuce.core.Range;
import io.lettuce.core.api.sync.RedisCommands;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What happens to Redis, or on the way to it, must not happen to the connections: with
 * the removal mode that is quickest to close, an expiry that is over before Redis is
 * back, and real servers.
 */
@SlowTest
@Execution(ExecutionMode.CONCURRENT)
class TcpRedisOutageTests {

	private static final int SERVERS = 5;

	/** Three times what the project promises for the state and its reason. */
	private static final Duration NOTICED = Duration.ofSeconds(15);

	/** Three times what the project promises for the view, after Redis is right. */
	private static final Duration RECOVERED = Duration.ofSeconds(9);

	private static final Duration EXPIRY = Duration.ofSeconds(3);

	/** How long Redis is stopped; the build's is just longer than the expiry. */
	private static final Duration OUTAGE = Duration.ofSeconds(Integer.getInteger("backend.test.outage-seconds", 4));

	private static final String USER = "fleet";

	private static final String PASSWORD = "pa55-word";

	private static final RedisRegistrySettings SETTINGS = RedisRegistrySettings.defaults("games")
		.withTimings(RedisRegistryTimings.defaults().withExpiry(EXPIRY, Duration.ofSeconds(1)));

	@RegisterExtension
	private final TcpFixture fixture = new TcpFixture();

	private final RedisServerFixture redis = RedisServerFixture.started();

	private final FaultProxy proxy = new FaultProxy(this.redis.port());

	private final List<TestServer> servers = new ArrayList<>();

	private @Nullable TcpBackend<Frame> backend;

	private RedisServiceDiscovery discovery;

	private volatile Set<String> view = Set.of();

	private RedisCommands<String, String> client;

	@BeforeEach
	void startFleet() throws Exception {
		this.client = this.redis.client();
		allow(this.client);
		RedisStandaloneConfiguration configuration = new RedisStandaloneConfiguration("127.0.0.1", this.proxy.port());
		configuration.setUsername(USER);
		configuration.setPassword(PASSWORD);
		LettuceConnectionFactory factory = this.redis.started(new LettuceConnectionFactory(configuration));
		RedisServiceRegistry registry = this.redis.closeLater(new RedisServiceRegistry(factory, SETTINGS));
		this.discovery = this.redis.closeLater(new RedisServiceDiscovery(factory, SETTINGS));
		for (int i = 0; i < SERVERS; i++) {
			TestServer server = this.fixture.server(TestServer.echo("echo "));
			this.servers.add(server);
			registry.register(ServiceConfig.tcp("game", "game-" + i, "127.0.0.1", server.port()));
		}
		this.discovery.subscribe((snapshot) -> {
			Set<String> ids = new HashSet<>();
			snapshot.instances().stream().map(DiscoveredInstance::id).forEach(ids::add);
			this.view = ids;
		});
		await().until(this::viewIsRight);
		this.backend = this.fixture.start(new Frame.Codec(), this.fixture.handler(),
				(builder) -> builder.discovery(this.discovery)
					.settings(TcpFixture.fast().withRemoval(RemovalMode.IMMEDIATE)));
		await().until(() -> connections().size() == SERVERS);
		TcpFixture.ready(backend());
	}

	@AfterEach
	void stopFleet() {
		backend().close();
		this.redis.close();
		this.proxy.close();
	}

	@Test
	void whenRedisIsKilledAndRestartedEmptyThenNothingIsDropped() {
		Set<Object> before = connections();
		this.redis.kill();
		assertDown("no answer");
		outage();
		this.redis.start();
		allow(this.redis.client());
		assertUnharmed(before);
	}

	@Test
	void whenRedisIsSuspendedForLongerThanTheExpiryThenNothingIsDropped() {
		Set<Object> before = connections();
		this.redis.suspend();
		assertDown("no answer");
		outage();
		this.redis.resume();
		assertUnharmed(before);
	}

	@Test
	void whenRedisLosesItsDataThenNothingIsDropped() {
		Set<Object> before = connections();
		this.client.flushall();
		assertUnharmed(before);
		this.client.scriptFlush();
		assertUnharmed(before);
	}

	@Test
	void whenTheMasterBecomesAReplicaAndAnotherIsPromotedThenNothingIsDropped() {
		Set<Object> before = connections();
		try (RedisServerFixture other = RedisServerFixture.started()) {
			RedisCommands<String, String> promoted = other.client();
			allow(promoted);
			promoted.replicaof("127.0.0.1", this.redis.port());
			await().until(() -> promoted.info("replication").contains("master_link_status:up"));
			// The connections stay, and lead to a server that refuses to write.
			promoted.replicaofNoOne();
			this.client.replicaof("127.0.0.1", other.port());
			this.proxy.target(other.port());
			assertUnharmed(before);
			await().untilAsserted(
					() -> assertThat(promoted.zcount("games", Range.create(now(promoted) - 2000, now(promoted))))
						.isEqualTo(SERVERS));
			this.redis.kill();
			assertUnharmed(before);
			backend().close();
		}
	}

	@Test
	void whenAccessIsDeniedForLongerThanTheExpiryThenNothingIsDropped() {
		Set<Object> before = connections();
		RedisServerFixture.acl(this.client, USER, "resetkeys", "-@all");
		assertDown("Redis denies access");
		outage();
		allow(this.client);
		assertUnharmed(before);
	}

	@Test
	void whenTheKeyHasAnotherTypeForLongerThanTheExpiryThenNothingIsDropped() {
		Set<Object> before = connections();
		this.client.set("games", "text");
		assertDown("another type");
		outage();
		this.client.del("games");
		assertUnharmed(before);
	}

	@Test
	void whenGarbageAndHostileMembersAreWrittenThenNothingIsDropped() {
		Set<Object> before = connections();
		double now = now(this.client);
		IntStream.range(0, 300).forEach((i) -> this.client.zadd("games", now, "garbage " + i + "\u001b[2J\n\u0000"));
		this.client.zadd("games", now, "&&&&");
		this.client.zadd("games", now, "game&game-x&127.0.0.1&99999&tcp");
		this.client.zadd("games", now, "game&" + "x".repeat(9000) + "&127.0.0.1&7001&tcp");
		this.client.zadd("games", now, "game&game-y\u202e&127.0.0.1&http&tcp&weight=NaN;=;%zz=%;a");
		this.client.publish("_{games}_channel_", "\u0000 garbage");
		await().atMost(RECOVERED).until(() -> this.discovery.status().rejected() == 304);
		assertUnharmed(before);
	}

	@Test
	void whenConnectionsToRedisAreResetThenNothingIsDropped() {
		Set<Object> before = connections();
		this.proxy.reset();
		assertUnharmed(before);
		this.proxy.refuse();
		assertDown("no answer");
		this.proxy.heal();
		assertUnharmed(before);
	}

	@Test
	void whenTheNetworkSwallowsEverythingForLongerThanTheExpiryThenNothingIsDropped() {
		Set<Object> before = connections();
		this.proxy.blackhole();
		assertDown("no answer");
		outage();
		this.proxy.heal();
		assertUnharmed(before);
	}

	@Test
	void whenTheNetworkIsSlowAndCutsAnswersInPiecesThenTheViewStaysUp() {
		Set<Object> before = connections();
		this.proxy.slow(Duration.ofMillis(2));
		this.proxy.slice(7);
		this.client.zadd("games", now(this.client), "game&garbage");
		this.client.publish("_{games}_channel_", "reg");
		await().until(() -> this.discovery.status().rejected() == 1);
		assertUnharmed(before);
	}

	private void assertDown(String reason) {
		await().atMost(NOTICED).until(() -> this.discovery.status().state() == State.DOWN);
		assertThat(this.discovery.status().reason()).startsWith("redis key 'games': ").contains(reason);
	}

	/** As long as it takes until every entry has expired. */
	private static void outage() {
		await().pollDelay(OUTAGE).atMost(OUTAGE.plusSeconds(10)).until(() -> true);
	}

	/** The view is right and the state is up in time; no connection was touched. */
	private void assertUnharmed(Set<Object> before) {
		await().atMost(RECOVERED).until(() -> this.discovery.status().state() == State.UP && viewIsRight());
		DiscoveryStatus status = this.discovery.status();
		assertThat(status.sinceLastRead()).isNotNull();
		// Until a loss would be confirmed, had the view not recovered.
		await().until(() -> backend().holds().isEmpty());
		assertThat(connections()).isEqualTo(before);
		assertThat(this.fixture.handler().calls).noneMatch((call) -> call.startsWith("disconnected"));
		assertThat(backend().group("game").routing().members()).hasSize(SERVERS);
		for (int i = 0; i < SERVERS; i++) {
			CompletableFuture<Frame> reply = backend().request("game", Route.hash("key-" + i),
					Frame.request(1000L + i, "hello"), Duration.ofSeconds(5));
			assertThat(reply.join().text()).isEqualTo("echo hello");
		}
	}

	private boolean viewIsRight() {
		return this.view
			.equals(Set.of(IntStream.range(0, SERVERS).mapToObj((i) -> "game-" + i).toArray(String[]::new)));
	}

	/** The servers' ends of the connections; each new one is another object. */
	private Set<Object> connections() {
		Set<Object> connections = new HashSet<>();
		this.servers.forEach((server) -> connections.addAll(server.connections()));
		return connections;
	}

	private TcpBackend<Frame> backend() {
		return Objects.requireNonNull(this.backend);
	}

	private static double now(RedisCommands<String, String> redis) {
		List<String> time = redis.time();
		return Long.parseLong(time.get(0)) * 1000.0 + Long.parseLong(time.get(1)) / 1000.0;
	}

	private static void allow(RedisCommands<String, String> redis) {
		RedisServerFixture.acl(redis, USER, "on", ">" + PASSWORD, "+@all", "~*", "&*");
	}

}
