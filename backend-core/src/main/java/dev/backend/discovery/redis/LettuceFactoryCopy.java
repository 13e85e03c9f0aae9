package dev.backend.discovery.redis;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import dev.backend.settings.RetryDelays;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SocketOptions.KeepAliveOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.event.DefaultEventPublisherOptions;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;

import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.RedisPassword;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration.LettuceClientConfigurationBuilder;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration.LettuceSslClientConfigurationBuilder;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * A copy of a Lettuce connection factory: the same server or servers, credentials, TLS
 * and event loops, but connections of its own that fail and come back quickly.
 *
 * @param factory the started copy
 * @param resources what to shut down with it; of what the original owns, this ends
 * nothing
 */
record LettuceFactoryCopy(LettuceConnectionFactory factory, ClientResources resources) {

	/** Without one, Netty may leave open, and unreleased, what is still to be closed. */
	private static final Duration QUIET_PERIOD = Duration.ofMillis(100);

	/**
	 * Returns whether the parts of a factory can all be read. The list of static replicas
	 * cannot, see {@link #hasServer}. Nor can the user's name be if the configuration was
	 * handed over under its general type.
	 */
	static boolean canCopy(RedisConnectionFactory factory) {
		if (!(factory instanceof LettuceConnectionFactory lettuce)
				|| factory.getClass() != LettuceConnectionFactory.class) {
			return false;
		}
		if (!standalone(lettuce)) {
			return true;
		}
		if (!hasServer(lettuce)) {
			return false;
		}
		return matches(lettuce, lettuce.getStandaloneConfiguration()) || lettuce.getPassword() == null;
	}

	static LettuceFactoryCopy of(LettuceConnectionFactory original, RedisRegistrySettings settings) {
		ClientResources resources = resources(original, settings.retry());
		LettuceConnectionFactory copy = new LettuceConnectionFactory(server(original),
				client(original, resources, settings.timings().responseTimeout()));
		copy.afterPropertiesSet();
		copy.start();
		return new LettuceFactoryCopy(copy, resources);
	}

	/**
	 * The application's event loops and all else that it has, with another delay between
	 * reconnects. What a builder is given counts as shared: shutting the product down
	 * leaves it alone. {@code ClientResources.mutate()} would not do: its product claims
	 * the shut-down.
	 */
	private static ClientResources resources(LettuceConnectionFactory original, RetryDelays retry) {
		ClientResources.Builder builder = ClientResources.builder()
			.reconnectDelay(Delay.equalJitter(retry.initial(), retry.maximum(), retry.initial().toMillis(),
					TimeUnit.MILLISECONDS));
		original.getClientConfiguration().getClientResources().ifPresent((shared) -> share(shared, builder));
		return builder.build();
	}

	/** Latencies are published by their owner; twice would be wrong. */
	private static void share(ClientResources shared, ClientResources.Builder builder) {
		builder.eventLoopGroupProvider(shared.eventLoopGroupProvider())
			.eventExecutorGroup(shared.eventExecutorGroup())
			.timer(shared.timer())
			.eventBus(shared.eventBus())
			.addressResolverGroup(shared.addressResolverGroup())
			.socketAddressResolver(shared.socketAddressResolver())
			.nettyCustomizer(shared.nettyCustomizer())
			.commandLatencyRecorder(shared.commandLatencyRecorder())
			.commandLatencyPublisherOptions(DefaultEventPublisherOptions.disabled())
			.tracing(shared.tracing());
	}

	private static RedisConfiguration server(LettuceConnectionFactory original) {
		RedisConfiguration cluster = original.getClusterConfiguration();
		if (cluster != null) {
			return cluster;
		}
		RedisConfiguration sentinel = original.getSentinelConfiguration();
		if (sentinel != null) {
			return sentinel;
		}
		RedisConfiguration socket = original.getSocketConfiguration();
		return (socket != null) ? socket : standaloneServer(original);
	}

	/** A configuration that was handed over under its general type is not returned. */
	private static RedisStandaloneConfiguration standaloneServer(LettuceConnectionFactory original) {
		if (matches(original, original.getStandaloneConfiguration())) {
			return original.getStandaloneConfiguration();
		}
		RedisStandaloneConfiguration server = new RedisStandaloneConfiguration(original.getHostName(),
				original.getPort());
		server.setDatabase(original.getDatabase());
		return server;
	}

	/** Without the preferred nodes to read from: the registry is read from the master. */
	private static LettuceClientConfiguration client(LettuceConnectionFactory original, ClientResources resources,
			Duration timeout) {
		LettuceClientConfiguration configuration = original.getClientConfiguration();
		LettuceClientConfigurationBuilder builder = LettuceClientConfiguration.builder()
			.clientResources(resources)
			.clientOptions(options(original, timeout))
			.commandTimeout(timeout)
			.shutdownQuietPeriod(QUIET_PERIOD)
			.shutdownTimeout(Duration.ofMillis(500));
		configuration.getClientName().ifPresent(builder::clientName);
		configuration.getRedisCredentialsProviderFactory().ifPresent(builder::redisCredentialsProviderFactory);
		if (configuration.isUseSsl()) {
			LettuceSslClientConfigurationBuilder ssl = builder.useSsl().verifyPeer(configuration.getVerifyMode());
			if (configuration.isStartTls()) {
				ssl.startTls();
			}
		}
		return builder.build();
	}

	/**
	 * A timed-out command is cancelled, lest it be written when the connection is back.
	 */
	private static ClientOptions options(LettuceConnectionFactory original, Duration timeout) {
		ClientOptions options = original.getClientConfiguration()
			.getClientOptions()
			.orElseGet(() -> (original.getClusterConfiguration() != null) ? ClusterClientOptions.create()
					: ClientOptions.create());
		KeepAliveOptions keepAlive = KeepAliveOptions.builder()
			.enable()
			.idle(Duration.ofSeconds(5))
			.interval(Duration.ofSeconds(2))
			.count(3)
			.build();
		SocketOptions socket = options.getSocketOptions().mutate().connectTimeout(timeout).keepAlive(keepAlive).build();
		return options.mutate().socketOptions(socket).timeoutOptions(TimeoutOptions.enabled(timeout)).build();
	}

	private static boolean matches(LettuceConnectionFactory factory, RedisStandaloneConfiguration server) {
		return factory.getHostName().equals(server.getHostName()) && factory.getPort() == server.getPort()
				&& factory.getDatabase() == server.getDatabase()
				&& RedisPassword.of(factory.getPassword()).equals(server.getPassword());
	}

	/**
	 * Whether the factory's client leads to a server of its own. That of a list of static
	 * replicas does not, and nothing else tells: asked for its server, such a factory
	 * answers {@code localhost:6379}. A client without a server says so before it misses
	 * the codec, so nothing is connected to here.
	 */
	private static boolean hasServer(LettuceConnectionFactory factory) {
		if (!factory.isRunning() || !(factory.getNativeClient() instanceof RedisClient client)) {
			return true;
		}
		try {
			client.connect((RedisCodec<?, ?>) null).close();
			return true;
		}
		catch (IllegalArgumentException ex) {
			return true;
		}
		catch (IllegalStateException ex) {
			return false;
		}
	}

	private static boolean standalone(LettuceConnectionFactory factory) {
		return factory.getClusterConfiguration() == null && factory.getSentinelConfiguration() == null
				&& factory.getSocketConfiguration() == null;
	}

}
