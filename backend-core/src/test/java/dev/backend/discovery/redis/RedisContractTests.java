package dev.backend.discovery.redis;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import dev.backend.discovery.DiscoveryContract;
import dev.backend.discovery.InstanceRule;
import dev.backend.discovery.InstanceRules;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.test.SlowTest;
import io.lettuce.core.api.sync.RedisCommands;

import static dev.backend.discovery.redis.OutsideFleet.member;

/**
 * What every source must do, done by that of Redis.
 */
@SlowTest
class RedisContractTests extends DiscoveryContract {

	@Override
	protected Registry registry() {
		return new RedisRegistry();
	}

	/** A registry whose members are kept alive by another client. */
	private static final class RedisRegistry implements Registry {

		private static final String HOSTILE = "game&bad&127.0.0.1/any?x=&7001&tcp";

		private final RedisServerFixture server = RedisServerFixture.started();

		private final RedisCommands<String, String> redis = this.server.client();

		private final OutsideFleet fleet = new OutsideFleet(this.redis, "games");

		private final ScheduledExecutorService heartbeats = Executors.newSingleThreadScheduledExecutor();

		private final AtomicBoolean error = new AtomicBoolean();

		private final Set<String> listed = new LinkedHashSet<>();

		private boolean hostile;

		private boolean failing;

		RedisRegistry() {
			this.heartbeats.scheduleWithFixedDelay(this::beat, 100, 100, TimeUnit.MILLISECONDS);
		}

		@Override
		public ServiceDiscovery open(InstanceRules rules) {
			InstanceRule throwing = (instance) -> {
				if (this.error.getAndSet(false)) {
					throw new NoClassDefFoundError("forced");
				}
				return null;
			};
			return new RedisServiceDiscovery(this.server.connectionFactory(),
					RedisRegistrySettings.defaults("games")
						.withRules(rules.withAllowed(throwing))
						.withChecker(RedisCheckerSettings.off())
						.withTimings(RedisRegistryTimings.defaults()
							.withExpiry(Duration.ofMillis(1500), Duration.ofMillis(500))
							.withReadInterval(Duration.ofMillis(200))));
		}

		@Override
		public synchronized void list(String... ids) {
			Set<String> before = new LinkedHashSet<>(this.listed);
			this.listed.clear();
			for (String id : ids) {
				this.listed.add(member("game", id, 7001));
			}
			if (!this.failing) {
				before.removeAll(this.listed);
				if (!before.isEmpty()) {
					// At once: no read is to see half of it.
					this.redis.zrem("games", before.toArray(String[]::new));
				}
				this.listed.forEach(this.fleet::register);
			}
		}

		private synchronized void beat() {
			if (!this.failing) {
				this.listed.forEach(this.fleet::beat);
				if (this.hostile) {
					this.fleet.beat(HOSTILE);
				}
			}
		}

		/** Whatever reads the key is refused. */
		@Override
		public synchronized void fail() {
			this.failing = true;
			this.redis.del("games");
			this.redis.set("games", "no registry");
		}

		@Override
		public synchronized void recover() {
			this.redis.del("games");
			this.failing = false;
			beat();
		}

		@Override
		public synchronized void addHostile() {
			this.hostile = true;
			beat();
		}

		@Override
		public boolean throwError() {
			this.error.set(true);
			return true;
		}

		@Override
		public void close() {
			this.heartbeats.shutdownNow();
			this.server.close();
		}

	}

}
