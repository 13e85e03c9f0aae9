package dev.backend.sample.server;

import org.jspecify.annotations.Nullable;

import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.RedisConnectionFailureException;
import org.springframework.data.redis.connection.RedisClusterConnection;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.RedisSentinelConnection;

/**
 * A way to Redis that can be cut, so that a killed server sends nothing any more: neither
 * heartbeats nor its deregistration.
 */
class SeverableConnectionFactory implements RedisConnectionFactory {

	private final RedisConnectionFactory target;

	private volatile boolean severed;

	SeverableConnectionFactory(RedisConnectionFactory target) {
		this.target = target;
	}

	void sever() {
		this.severed = true;
	}

	@Override
	public RedisConnection getConnection() {
		return target().getConnection();
	}

	@Override
	public RedisClusterConnection getClusterConnection() {
		return target().getClusterConnection();
	}

	@Override
	public RedisSentinelConnection getSentinelConnection() {
		return target().getSentinelConnection();
	}

	@Override
	public boolean getConvertPipelineAndTxResults() {
		return this.target.getConvertPipelineAndTxResults();
	}

	@Override
	public @Nullable DataAccessException translateExceptionIfPossible(RuntimeException ex) {
		return this.target.translateExceptionIfPossible(ex);
	}

	private RedisConnectionFactory target() {
		if (this.severed) {
			throw new RedisConnectionFailureException("the server was killed");
		}
		return this.target;
	}

}
