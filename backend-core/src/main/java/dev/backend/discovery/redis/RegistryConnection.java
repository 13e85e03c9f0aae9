package dev.backend.discovery.redis;

import java.net.SocketAddress;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;

import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.resource.ClientResources;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * The registry's own connection to Redis: a copy of the application's Lettuce connection
 * factory with connections of its own, a short command time-out and a reconnect delay of
 * at most a second. The application's connection would queue our commands behind its own,
 * time out after a minute and, after a longer outage, reconnect only half a minute later.
 *
 * <p>
 * A connection whose command failed is thrown away by {@link #reset(int)} rather than
 * trusted to recover: it may be half open, or lead to a server that is no master any
 * more. Of several threads that fail on the same connection only the first resets it.
 *
 * <p>
 * A factory that cannot be copied (not Lettuce, a subclass, static replicas) is used as
 * it is, with its time-outs, and never reset.
 */
final class RegistryConnection implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(RegistryConnection.class);

	private final String source;

	private final RedisConnectionFactory factory;

	private final @Nullable LettuceConnectionFactory own;

	private final @Nullable ClientResources resources;

	private int generation;

	private RegistryConnection(String source, RedisConnectionFactory factory, @Nullable LettuceConnectionFactory own,
			@Nullable ClientResources resources) {
		this.source = source;
		this.factory = factory;
		this.own = own;
		this.resources = resources;
	}

	/**
	 * Creates it; the first command connects.
	 * @param factory the application's factory
	 * @param settings the key and the time-outs
	 * @param onReconnected called, on an I/O thread, when a lost connection is back
	 * @return the connection
	 */
	static RegistryConnection open(RedisConnectionFactory factory, RedisRegistrySettings settings,
			Runnable onReconnected) {
		if (!LettuceFactoryCopy.canCopy(factory)) {
			return new RegistryConnection(settings.source(), factory, null, null);
		}
		LettuceFactoryCopy copy = LettuceFactoryCopy.of((LettuceConnectionFactory) factory, settings);
		copy.factory().getRequiredNativeClient().addListener(new ReconnectListener(onReconnected));
		return new RegistryConnection(settings.source(), copy.factory(), copy.factory(), copy.resources());
	}

	RedisConnectionFactory factory() {
		return this.factory;
	}

	/** Whether subscribing returns at once, as it does with Lettuce only. */
	boolean canSubscribe() {
		return this.factory instanceof LettuceConnectionFactory;
	}

	synchronized int generation() {
		return this.generation;
	}

	/**
	 * Throws the connection away, so that the next command makes a new one. In a Cluster
	 * the slot may have another owner by now: the nodes are asked.
	 * @param failedGeneration the {@link #generation()} from before the command that
	 * failed
	 */
	void reset(int failedGeneration) {
		synchronized (this) {
			if (this.own == null || this.generation != failedGeneration) {
				return;
			}
			this.generation++;
		}
		try {
			this.own.resetConnection();
			if (this.own.getNativeClient() instanceof RedisClusterClient cluster) {
				cluster.refreshPartitionsAsync();
			}
		}
		catch (RuntimeException ex) {
			logger.debug("{}: could not close a failed connection", this.source, ex);
		}
	}

	@Override
	public void close() {
		if (this.own != null) {
			this.own.destroy();
		}
		if (this.resources != null) {
			this.resources.shutdown();
		}
	}

	/**
	 * Tells of a connection that comes back, not of a new one: that one's maker knows.
	 */
	private static final class ReconnectListener implements RedisConnectionStateListener {

		private final Set<RedisChannelHandler<?, ?>> known = Collections
			.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

		private final Runnable onReconnected;

		ReconnectListener(Runnable onReconnected) {
			this.onReconnected = onReconnected;
		}

		@Override
		public void onRedisConnected(RedisChannelHandler<?, ?> connection, SocketAddress address) {
			if (!this.known.add(connection)) {
				this.onReconnected.run();
			}
		}

	}

}
