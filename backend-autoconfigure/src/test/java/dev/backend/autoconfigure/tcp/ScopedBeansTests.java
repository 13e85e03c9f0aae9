package dev.backend.autoconfigure.tcp;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import dev.backend.BackendService;
import dev.backend.Route;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.event.BackendEventAutoConfiguration;
import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.Line;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.codec.MessageCodec;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpConnection;
import dev.backend.tcp.TcpHandler;
import io.netty.buffer.ByteBuf;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cloud.autoconfigure.RefreshAutoConfiguration;
import org.springframework.cloud.context.config.annotation.RefreshScope;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.ScopedProxyMode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A codec and a handler in a scope that is refreshed while there are connections.
 */
@Timeout(60)
class ScopedBeansTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	private final EchoServer server = EchoServer.start("game-1");

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(RefreshAutoConfiguration.class, DiscoveryAutoConfiguration.class,
				BackendEventAutoConfiguration.class, TcpBackendAutoConfiguration.class))
		.withBean(InMemoryDiscovery.class, () -> new InMemoryDiscovery(this.server.instance()))
		.withBean(Client.class);

	@AfterEach
	void closeServer() {
		this.server.close();
	}

	@Test
	void whenTheScopeIsRefreshedThenConnectionsStayAndGoOnWithTheNewBeans() {
		this.contextRunner.withUserConfiguration(Scoped.class).run((context) -> {
			assertThat(context).hasNotFailed();
			TcpBackend<Line> backend = context.getBean(Client.class).backend;
			Scoped scoped = context.getBean(Scoped.class);
			await().until(() -> scoped.connected.equals(List.of(1)));
			awaitUsable(backend);
			assertThat(ask(backend)).isEqualTo("game-1:1");
			context.getBean(org.springframework.cloud.context.scope.refresh.RefreshScope.class).refreshAll();
			assertThat(ask(backend)).isEqualTo("game-1:2");
			assertThat(this.server.connections()).isOne();
			this.server.disconnectAll();
			await().until(() -> scoped.connected.equals(List.of(1, 2)));
			awaitUsable(backend);
			assertThat(ask(backend)).isEqualTo("game-1:2");
		});
	}

	@Test
	void whenTheCodecOfAConnectionIsItsOwnThenTheConnectionKeepsIt() {
		this.contextRunner.withUserConfiguration(OfConnections.class).run((context) -> {
			TcpBackend<Line> backend = context.getBean(Client.class).backend;
			awaitUsable(backend);
			assertThat(ask(backend)).isEqualTo("game-1:1");
			context.getBean(org.springframework.cloud.context.scope.refresh.RefreshScope.class).refreshAll();
			assertThat(ask(backend)).isEqualTo("game-1:1");
			this.server.disconnectAll();
			await().ignoreExceptions().untilAsserted(() -> assertThat(ask(backend)).isEqualTo("game-1:2"));
		});
	}

	private static void awaitUsable(TcpBackend<Line> backend) {
		await().until(() -> backend.find("game", Route.any()) != null);
	}

	/** Returns which server has answered, and which codec wrote the question. */
	private static String ask(TcpBackend<Line> backend) {
		return backend.request("game", Route.any(), new Line(7, ""), TIMEOUT).join().text();
	}

	record Client(TcpBackend<Line> backend) {

	}

	@Configuration(proxyBeanMethods = false)
	static class Scoped {

		private final AtomicInteger codecs = new AtomicInteger();

		private final AtomicInteger handlers = new AtomicInteger();

		private final List<Integer> connected = new CopyOnWriteArrayList<>();

		@Bean
		@RefreshScope
		NumberedCodec codec() {
			return new NumberedCodec(this.codecs.incrementAndGet());
		}

		@Bean
		@RefreshScope(proxyMode = ScopedProxyMode.INTERFACES)
		TcpHandler<Line> handler() {
			int number = this.handlers.incrementAndGet();
			return new TcpHandler<>() {
				@Override
				public void onConnected(TcpConnection<Line> connection) {
					Scoped.this.connected.add(number);
				}
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OfConnections {

		private final AtomicInteger codecs = new AtomicInteger();

		@Bean
		@RefreshScope
		MessageCodec<Line> codec() {
			return new ConnectionCodec(this.codecs.incrementAndGet());
		}

	}

	/** Writes its number for the text. */
	static class NumberedCodec extends LineCodec {

		private final int number;

		NumberedCodec(int number) {
			this.number = number;
		}

		@Override
		public void encode(Line message, ByteBuf out) {
			super.encode(new Line(message.id(), Integer.toString(this.number)), out);
		}

	}

	static class ConnectionCodec extends NumberedCodec {

		private final int number;

		ConnectionCodec(int number) {
			super(number);
			this.number = number;
		}

		@Override
		public MessageCodec<Line> forConnection(BackendService service) {
			return new NumberedCodec(this.number);
		}

	}

}
