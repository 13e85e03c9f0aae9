package dev.backend.discovery.redis;

import java.time.Duration;

import dev.backend.discovery.WatchedDiscovery;

import org.springframework.data.redis.connection.RedisConnectionFactory;

/**
 * Watches one key of the registry in Redis and, unless switched off, stands for election
 * as its checker.
 *
 * <p>
 * It watches while it has subscriptions, on daemon threads named after the key. Redis
 * need not be there at the start. While it is away, the last snapshot stands,
 * {@link #status()} says why within five seconds, and reads are tried at least every
 * second. Every successful read is pushed, also one that found no change, so that a
 * listener can count it as a confirmation.
 *
 * <p>
 * While Redis answers but takes no writes, heartbeats fail and entries expire that are
 * alive: they stay, {@link #status()} is down and says why.
 *
 * <p>
 * A {@code LettuceConnectionFactory} is copied: same servers, credentials, TLS and event
 * loops, but connections of its own (one, and one for the channel) with the settings'
 * response time-out and a reconnect delay of at most the longest retry delay. Any other
 * factory is used as it is; without Lettuce the key is polled instead of subscribed to.
 *
 * <p>
 * A key that a fleet of the other {@link RegistryLayout} uses is refused: the status is
 * down with that reason and no snapshot comes. If that fleet appears later, the view
 * stays and goes on, the check rests, and the status names the reason.
 */
public final class RedisServiceDiscovery extends WatchedDiscovery<RedisWatch> {

	private final RedisConnectionFactory connectionFactory;

	private final RedisRegistrySettings settings;

	/**
	 * Creates a discovery, which does nothing until it is subscribed to.
	 * @param connectionFactory the way to Redis; started, and closed by its owner
	 * @param settings the key and how to watch it
	 */
	public RedisServiceDiscovery(RedisConnectionFactory connectionFactory, RedisRegistrySettings settings) {
		super(settings.source());
		this.connectionFactory = connectionFactory;
		this.settings = settings;
	}

	/**
	 * Returns the expiry of the registry.
	 */
	@Override
	public Duration confirmationDelay() {
		return this.settings.timings().expiry();
	}

	@Override
	protected RedisWatch startWatch() {
		return RedisWatch.start(this.connectionFactory, this.settings);
	}

}
