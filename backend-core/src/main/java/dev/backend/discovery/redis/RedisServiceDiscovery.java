package dev.backend.discovery.redis;

import java.time.Duration;

import dev.backend.discovery.DiscoveryStatus;
import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.discovery.SnapshotPublisher.Receiver;
import org.jspecify.annotations.Nullable;

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
public final class RedisServiceDiscovery implements ServiceDiscovery {

	private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

	private final RedisConnectionFactory connectionFactory;

	private final RedisRegistrySettings settings;

	private @Nullable RegistryWatch watch;

	private boolean closed;

	/**
	 * Creates a discovery, which does nothing until it is subscribed to.
	 * @param connectionFactory the way to Redis; started, and closed by its owner
	 * @param settings the key and how to watch it
	 */
	public RedisServiceDiscovery(RedisConnectionFactory connectionFactory, RedisRegistrySettings settings) {
		this.connectionFactory = connectionFactory;
		this.settings = settings;
	}

	/**
	 * {@inheritDoc}
	 * @throws IllegalStateException if this discovery is closed
	 */
	@Override
	public synchronized Subscription subscribe(DiscoveryListener listener) {
		if (this.closed) {
			throw new IllegalStateException("discovery of redis key '" + this.settings.key() + "' is closed");
		}
		RegistryWatch current = this.watch;
		if (current == null) {
			current = RegistryWatch.start(this.connectionFactory, this.settings);
			this.watch = current;
		}
		RegistryWatch watched = current;
		Receiver receiver = watched.publisher().add(listener);
		return () -> {
			receiver.close();
			remove(watched, receiver);
		};
	}

	/**
	 * Returns the expiry of the registry.
	 */
	@Override
	public Duration confirmationDelay() {
		return this.settings.expiry();
	}

	@Override
	public DiscoveryStatus status() {
		RegistryWatch current;
		synchronized (this) {
			current = this.watch;
		}
		return (current != null) ? current.health().status()
				: new DiscoveryStatus("redis key '" + this.settings.key() + "'", State.STARTING, 0, 0, null, null);
	}

	/**
	 * Ends all subscriptions and waits, at most two seconds, until the connections are
	 * closed. May be called twice.
	 */
	@Override
	public void close() {
		RegistryWatch ending;
		synchronized (this) {
			this.closed = true;
			ending = this.watch;
			this.watch = null;
		}
		if (ending != null) {
			ending.stop();
			ending.join(CLOSE_TIMEOUT);
		}
	}

	private synchronized void remove(RegistryWatch watched, Receiver receiver) {
		boolean last = watched.publisher().remove(receiver);
		if (last && this.watch == watched) {
			this.watch = null;
			watched.stop();
		}
	}

}
