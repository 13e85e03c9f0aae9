package dev.backend.discovery.redis;

import java.nio.charset.StandardCharsets;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.data.redis.connection.Message;
import org.springframework.data.redis.connection.MessageListener;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.SubscriptionListener;

/**
 * A subscription to the registry's channel on a connection of its own. Tells of every
 * message, whatever it says, and of every subscription, because changes may have been
 * missed before it.
 *
 * <p>
 * Not a {@code RedisMessageListenerContainer}: its start fails for good while Redis is
 * down, and its own retries are not ours to time. The owner opens a new subscription
 * instead of waiting for an old one.
 */
final class ChannelSubscription implements AutoCloseable {

	private static final Logger logger = LoggerFactory.getLogger(ChannelSubscription.class);

	private final String channel;

	private final RedisConnection connection;

	private ChannelSubscription(String channel, RedisConnection connection) {
		this.channel = channel;
		this.connection = connection;
	}

	/**
	 * Subscribes; blocks until Redis has answered.
	 * @param factory where the connection comes from
	 * @param channel the channel
	 * @param onMessage called for each message on an I/O thread; must not block
	 * @param onSubscribed called for each subscription on an I/O thread; must not block
	 * @return the subscription
	 */
	static ChannelSubscription open(RedisConnectionFactory factory, String channel, Runnable onMessage,
			Runnable onSubscribed) {
		ChannelSubscription subscription = new ChannelSubscription(channel, factory.getConnection());
		try {
			subscription.connection.subscribe(new ChangeListener(onMessage, onSubscribed),
					channel.getBytes(StandardCharsets.UTF_8));
			return subscription;
		}
		catch (RuntimeException ex) {
			subscription.close();
			throw ex;
		}
	}

	@Override
	public void close() {
		try {
			this.connection.close();
		}
		catch (RuntimeException ex) {
			logger.debug("Could not close the subscription to {}", this.channel, ex);
		}
	}

	private record ChangeListener(Runnable onMessage,
			Runnable onSubscribed) implements MessageListener, SubscriptionListener {

		@Override
		public void onMessage(Message message, byte @Nullable [] pattern) {
			this.onMessage.run();
		}

		@Override
		public void onChannelSubscribed(byte[] channel, long count) {
			this.onSubscribed.run();
		}

	}

}
