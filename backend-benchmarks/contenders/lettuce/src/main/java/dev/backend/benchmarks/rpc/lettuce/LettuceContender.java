package dev.backend.benchmarks.rpc.lettuce;

import java.net.InetSocketAddress;

import dev.backend.benchmarks.rpc.client.Contender;
import dev.backend.benchmarks.rpc.client.ContenderClient;
import dev.backend.benchmarks.rpc.client.ReplyCallback;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.resource.EpollProvider;
import org.jspecify.annotations.Nullable;

/**
 * Lettuce with its defaults: {@code ECHO} over one connection.
 */
public final class LettuceContender implements Contender {

	private @Nullable RedisClient client;

	private @Nullable StatefulRedisConnection<byte[], byte[]> connection;

	/**
	 * Runs one work.
	 * @param arguments the arguments of a client process
	 */
	public static void main(String[] arguments) {
		ContenderClient.run(new LettuceContender(), arguments);
	}

	@Override
	public void connect(InetSocketAddress server) {
		RedisClient created = RedisClient.create(RedisURI.create(server.getHostString(), server.getPort()));
		this.client = created;
		this.connection = created.connect(ByteArrayCodec.INSTANCE);
	}

	@Override
	public void request(byte[] body, ReplyCallback callback) {
		connection().async().echo(body).whenComplete(callback);
	}

	@Override
	public byte[] request(byte[] body) {
		return connection().sync().echo(body);
	}

	private StatefulRedisConnection<byte[], byte[]> connection() {
		StatefulRedisConnection<byte[], byte[]> current = this.connection;
		if (current == null) {
			throw new IllegalStateException("not connected");
		}
		return current;
	}

	@Override
	public String transport() {
		return EpollProvider.isAvailable() ? "epoll" : "nio";
	}

	@Override
	public void close() {
		if (this.client != null) {
			this.client.shutdown();
		}
	}

}
