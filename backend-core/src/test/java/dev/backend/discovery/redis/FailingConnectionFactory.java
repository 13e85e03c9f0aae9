package dev.backend.discovery.redis;

import org.jspecify.annotations.Nullable;

import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * A factory that fails when told. It is a subclass, and so used as it is.
 */
final class FailingConnectionFactory extends LettuceConnectionFactory {

	private volatile @Nullable Throwable failure;

	FailingConnectionFactory(int port) {
		super(new RedisStandaloneConfiguration("127.0.0.1", port));
	}

	/** From now on throws this, or nothing, in place of a connection. */
	void fail(@Nullable Throwable failure) {
		this.failure = failure;
	}

	@Override
	public RedisConnection getConnection() {
		Throwable thrown = this.failure;
		if (thrown instanceof RuntimeException exception) {
			throw exception;
		}
		if (thrown instanceof Error error) {
			throw error;
		}
		return super.getConnection();
	}

}
