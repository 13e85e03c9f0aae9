package dev.backend.autoconfigure.tcp;

import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.event.BackendEventAutoConfiguration;
import dev.backend.autoconfigure.support.AheadOfTime;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.Line;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.codec.MessageCodec;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpHandler;
import org.junit.jupiter.api.Test;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Primary;
import org.springframework.core.test.tools.CompileWithForkedClassLoader;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whether the beans can be made by the classes that Spring generates ahead of time.
 */
class AheadOfTimeTests {

	@Test
	@CompileWithForkedClassLoader
	void theBackendStartsFromGeneratedClasses() {
		AheadOfTime.run(Application.class, TestPropertyValues.empty(),
				(context) -> assertThat(context.getBean(Client.class).backend.running()).isTrue());
	}

	@Test
	@CompileWithForkedClassLoader
	void theBackendsOfFleetsStartFromGeneratedClasses() {
		AheadOfTime.run(
				Gateway.class, TestPropertyValues.of("backend.tcp.fleets.game.services=game",
						"backend.tcp.fleets.chat.services=chat", "backend.tcp.fleets.chat.codec=chatCodec"),
				(context) -> {
					Clients clients = context.getBean(Clients.class);
					assertThat(clients.game.running()).isTrue();
					assertThat(clients.chat.running()).isTrue();
					assertThat(clients.game).isSameAs(context.getBean("gameTcpBackend"));
					assertThat(clients.chat).isSameAs(context.getBean("chatTcpBackend"));
				});
	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DiscoveryAutoConfiguration.class, BackendEventAutoConfiguration.class,
			TcpBackendAutoConfiguration.class })
	static class Application {

		@Bean
		InMemoryDiscovery discovery() {
			return new InMemoryDiscovery();
		}

		@Bean
		MessageCodec<Line> codec() {
			return new LineCodec();
		}

		@Bean
		Client client(TcpBackend<Line> backend) {
			return new Client(backend);
		}

	}

	static class Client implements TcpHandler<Line> {

		private final TcpBackend<Line> backend;

		Client(TcpBackend<Line> backend) {
			this.backend = backend;
		}

	}

	/** Two fleets with messages of one type, which only qualifiers tell apart. */
	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DiscoveryAutoConfiguration.class, TcpBackendAutoConfiguration.class })
	static class Gateway {

		@Bean
		InMemoryDiscovery discovery() {
			return new InMemoryDiscovery();
		}

		@Bean
		@Primary
		MessageCodec<Line> codec() {
			return new LineCodec();
		}

		@Bean
		MessageCodec<Line> chatCodec() {
			return new LineCodec();
		}

		@Bean
		Clients clients(@Qualifier("game") TcpBackend<Line> game, @Qualifier("chat") TcpBackend<Line> chat) {
			return new Clients(game, chat);
		}

	}

	static class Clients {

		private final TcpBackend<Line> game;

		private final TcpBackend<Line> chat;

		Clients(TcpBackend<Line> game, TcpBackend<Line> chat) {
			this.game = game;
			this.chat = chat;
		}

	}

}
