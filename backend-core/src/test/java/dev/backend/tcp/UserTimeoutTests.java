package dev.backend.tcp;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

import dev.backend.discovery.InMemoryDiscovery;
import io.netty.channel.Channel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link UserTimeout} on the transports that are there.
 */
@Timeout(60)
class UserTimeoutTests {

	@Test
	void whenConnectedThenTheSystemHasTheWriteProgressTimeoutWhereTheTransportCan() throws Exception {
		InMemoryDiscovery discovery = new InMemoryDiscovery();
		AtomicReference<Channel> channel = new AtomicReference<>();
		TcpLiveness liveness = new TcpLiveness(Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO,
				Duration.ofMillis(12_345));
		try (TestServer server = TestServer.silent();
				TcpBackend<Frame> backend = TcpBackend.builder()
					.discovery(discovery)
					.settings(TcpSettings.defaults().withLiveness(liveness))
					.clientCustomizer(
							(client) -> client.doOnConnected((connection) -> channel.set(connection.channel())))
					.build(new Frame.Codec(), new RecordingHandler())) {
			discovery.set(InMemoryDiscovery.instance("game", "game-1", server.port()));
			backend.start();
			assertThat(backend.awaitReady(Duration.ofSeconds(20))).isTrue();
			assertThat(channel.get() instanceof EpollSocketChannel).isEqualTo(Epoll.isAvailable());
			assertThat(channel.get().config().getOption(EpollChannelOption.TCP_USER_TIMEOUT))
				.isEqualTo(Epoll.isAvailable() ? Integer.valueOf(12_345) : null);
		}
	}

	@Test
	void whenTransportDoesNotHaveItThenNothingIsSet() {
		NioSocketChannel channel = new NioSocketChannel();
		assertThat(UserTimeout.set(channel, Duration.ofSeconds(10))).isFalse();
		channel.unsafe().closeForcibly();
	}

	@Test
	void whenTimeoutIsZeroThenTheOneOfTheSystemStays() {
		Channel channel = Epoll.isAvailable() ? new EpollSocketChannel() : new NioSocketChannel();
		assertThat(UserTimeout.set(channel, Duration.ZERO)).isFalse();
		assertThat(UserTimeout.set(channel, Duration.ofDays(10_000))).isEqualTo(Epoll.isAvailable());
		channel.unsafe().closeForcibly();
		assertThat(UserTimeout.set(channel, Duration.ofSeconds(10))).isFalse();
	}

}
