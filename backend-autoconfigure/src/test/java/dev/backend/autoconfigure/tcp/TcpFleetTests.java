package dev.backend.autoconfigure.tcp;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import dev.backend.RemovalMode;
import dev.backend.Route;
import dev.backend.autoconfigure.BackendConfigurationException;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.support.ChangedProperties;
import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.Failures;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.Line;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.codec.MessageCodec;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.tcp.MessageLogLevel;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpConnection;
import dev.backend.tcp.TcpHandler;
import dev.backend.tcp.TcpSettings;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.SystemEnvironmentPropertySource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Several fleets by properties.
 */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class TcpFleetTests {

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class, TcpBackendAutoConfiguration.class))
		.withBean(InMemoryDiscovery.class)
		.withUserConfiguration(Codecs.class)
		.withPropertyValues("backend.tcp.fleets.game.services=game,battle-*", "backend.tcp.fleets.game.codec=lineCodec",
				"backend.tcp.fleets.chat.services=chat");

	@Test
	void everyFleetHasABackendOfItsMessagesUnderItsNameAndQualifier() {
		this.runner.withUserConfiguration(Clients.class).run((context) -> {
			assertThat(context).hasNotFailed();
			Clients clients = context.getBean(Clients.class);
			assertThat(context.getBeansOfType(TcpBackend.class)).containsOnlyKeys("gameTcpBackend", "chatTcpBackend");
			assertThat(context.getBean("gameTcpBackend")).isSameAs(clients.game).isSameAs(clients.gameByQualifier);
			assertThat(context.getBean("chatTcpBackend")).isSameAs(clients.chat);
			assertThat(clients.game.running()).isTrue();
			assertThat(clients.chat.running()).isTrue();
			assertThat(clients.game.name()).isEqualTo("gameTcpBackend");
		});
	}

	@Test
	void eachServiceIsDialledByItsFleetAloneAndWhatNobodyClaimsIsToldOnce(CapturedOutput output) {
		try (EchoServer game = EchoServer.start("one"); EchoServer chat = EchoServer.start("one")) {
			InMemoryDiscovery discovery = new InMemoryDiscovery(at("battle-1", game), at("chat", chat),
					at("lobby", game));
			this.runner
				.withBean("servers", ServiceDiscovery.class, () -> discovery,
						(definition) -> definition.setPrimary(true))
				.run((context) -> {
					TcpBackend<?> games = context.getBean("gameTcpBackend", TcpBackend.class);
					TcpBackend<?> chats = context.getBean("chatTcpBackend", TcpBackend.class);
					await().until(() -> games.find("battle-1", Route.any()) != null);
					await().until(() -> chats.find("chat", Route.any()) != null);
					discovery.push(at("battle-1", game), at("chat", chat), at("lobby", game), at("lobby", chat));
					await().until(() -> games.instanceCounts() != null && games.instanceCounts().seen() == 4);
					await().until(() -> chats.instanceCounts() != null && chats.instanceCounts().seen() == 4);
					assertThat(games.groups()).containsOnlyKeys("battle-1");
					assertThat(chats.groups()).containsOnlyKeys("chat");
					assertThat(game.connections()).isOne();
					assertThat(chat.connections()).isOne();
				});
		}
		assertThat(output.getOut().lines().filter((line) -> line.contains("no fleet below backend.tcp.fleets")))
			.singleElement()
			.asString()
			.contains("The service 'lobby' is left out", "{chat=[chat], game=[battle-*, game]}");
	}

	@Test
	void aFleetHasItsOwnValuesAndTheRestOfAllFleets() {
		this.runner
			.withPropertyValues("backend.tcp.removal=drain", "backend.tcp.limits.queued-messages=7",
					"backend.tcp.logging.levels.1=warn", "backend.tcp.fleets.chat.limits.frame-bytes=64KB",
					"backend.tcp.fleets.chat.removal=immediate", "backend.tcp.fleets.chat.logging.levels.2=info")
			.run((context) -> {
				TcpSettings game = settings(context, "gameTcpBackend");
				TcpSettings chat = settings(context, "chatTcpBackend");
				assertThat(game.removal()).isEqualTo(RemovalMode.DRAIN);
				assertThat(chat.removal()).isEqualTo(RemovalMode.IMMEDIATE);
				assertThat(game.limits().frameBytes()).isEqualTo(1 << 20);
				assertThat(chat.limits().frameBytes()).isEqualTo(64 << 10);
				assertThat(chat.limits().queuedMessages()).isEqualTo(7);
				assertThat(game.logging().levels()).isEqualTo(Map.of("1", MessageLogLevel.WARN));
				assertThat(chat.logging().levels())
					.isEqualTo(Map.of("1", MessageLogLevel.WARN, "2", MessageLogLevel.INFO));
			});
	}

	@Test
	void theValueOfAFleetWinsWhateverItsSource() {
		this.runner
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.addFirst(new SystemEnvironmentPropertySource("systemEnvironment",
						Map.of("BACKEND_TCP_REMOVAL", "drain", "BACKEND_TCP_FLEETS_CHAT_LIMITS_QUEUEDMESSAGES", "8"))))
			.withPropertyValues("backend.tcp.fleets.chat.removal=immediate", "backend.tcp.limits.queued-messages=7")
			.run((context) -> {
				assertThat(settings(context, "gameTcpBackend").removal()).isEqualTo(RemovalMode.DRAIN);
				assertThat(settings(context, "gameTcpBackend").limits().queuedMessages()).isEqualTo(7);
				assertThat(settings(context, "chatTcpBackend").removal()).isEqualTo(RemovalMode.IMMEDIATE);
				assertThat(settings(context, "chatTcpBackend").limits().queuedMessages()).isEqualTo(8);
			});
	}

	@ParameterizedTest
	@CsvSource({ "backend.tcp.fleets.chat.drain-timeout, -1s, backend.tcp.fleets.chat.drain-timeout",
			"backend.tcp.drain-timeout, -1s, backend.tcp.drain-timeout",
			"backend.tcp.fleets.chat.liveness.heartbeat-timeout, 1s, backend.tcp.fleets.chat.liveness.heartbeat-timeout",
			"backend.tcp.fleets.chat.await-ready, -1s, backend.tcp.fleets.chat.await-ready",
			"backend.tcp.fleets.chat.dispatch.threads, 0, backend.tcp.fleets.chat.dispatch.threads",
			"backend.tcp.fleets.chat.consistent-hash, other, backend.tcp.fleets.chat.consistent-hash" })
	void whenAValueIsOutOfItsRangeThenTheStartFailsWithTheNameItWasSetBy(String property, String value, String named) {
		this.runner.withPropertyValues(property + "=" + value)
			.withClassLoader(new FilteredClassLoader("jakarta.validation"))
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContaining(" " + named + " ")
				.hasMessageContaining("Expected: "));
	}

	@Test
	void whenAValueOfAFleetBreaksAConstraintThenTheStartFails() {
		this.runner.withPropertyValues("backend.tcp.fleets.chat.limits.queued-messages=0")
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContaining("backend.tcp")
				.hasMessageContaining("fleets"));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', value = { "game,chat|the service 'chat'", "ch*|the service 'chat'",
			"*t|the service 'chat'", "*|the service 'chat'" })
	void whenAServiceIsClaimedTwiceThenTheStartFails(String services, String shared) {
		this.runner.withPropertyValues("backend.tcp.fleets.game.services=" + services)
			.run((context) -> assertThat(Failures.rootOf(context)).isInstanceOf(BackendConfigurationException.class)
				.hasMessageContainingAll("Two fleets below backend.tcp.fleets claim " + shared, "'chat'", "'game'",
						"Let each service belong to one fleet."));
	}

	@Test
	void whenAFleetNamesNoServicesThenTheStartFailsAlthoughThereAreSomeAbove() {
		this.runner.withPropertyValues("backend.tcp.fleets.lobby.codec=lineCodec", "backend.tcp.services=lobby")
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContaining(
					"Property backend.tcp.fleets.lobby.services with value 'not set' is invalid: Expected: the names"));
	}

	@ParameterizedTest
	@CsvSource({ "backend.tcp.fleets.Game.services, Game", "backend.tcp.fleets.[a.b].services, a.b",
			"backend.tcp.fleets.1a.services, 1a" })
	void whenTheNameOfAFleetCannotBeOneThenTheStartFails(String property, String name) {
		this.runner.withPropertyValues(property + "=x")
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContainingAll("backend.tcp.fleets",
					"'" + name + "'", "lower-case letters"));
	}

	@Test
	void whenFleetsAreNestedThenTheStartFails() {
		this.runner.withPropertyValues("backend.tcp.fleets.game.fleets.more.services=x")
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContaining("no fleets within a fleet"));
	}

	@Test
	void whenAFleetIsDisabledThenItHasNoBackend() {
		this.runner.withPropertyValues("backend.tcp.fleets.game.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed()
				.hasBean("chatTcpBackend")
				.doesNotHaveBean("gameTcpBackend"));
	}

	@Test
	void whenAFleetIsDisabledThenItsHandlerMayStay() {
		this.runner.withBean("lines", ThreadNames.class, () -> new ThreadNames(ConcurrentHashMap.newKeySet()))
			.withPropertyValues("backend.tcp.fleets.game.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed().hasBean("chatTcpBackend"));
		this.runner.withBean("wrong", WrongHandler.class)
			.withPropertyValues("backend.tcp.fleets.game.enabled=false")
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContaining("TcpHandler bean 'wrong'"));
	}

	@Test
	void fleetsShareTheirThreadsUnlessOneHasItsOwn() {
		try (EchoServer server = EchoServer.start("one")) {
			Set<String> threads = ConcurrentHashMap.newKeySet();
			ApplicationContextRunner three = this.runner
				.withBean("servers", ServiceDiscovery.class,
						() -> new InMemoryDiscovery(at("game", server), at("battle-1", server), at("own", server)),
						(definition) -> definition.setPrimary(true))
				.withBean("lines", ThreadNames.class, () -> new ThreadNames(threads))
				.withPropertyValues("backend.tcp.dispatch.threads=1", "backend.tcp.fleets.game.services=game",
						"backend.tcp.fleets.battle.services=battle-1", "backend.tcp.fleets.battle.codec=lineCodec",
						"backend.tcp.fleets.own.services=own", "backend.tcp.fleets.own.codec=lineCodec",
						"backend.tcp.fleets.own.dispatch.threads=2");
			three.run((context) -> {
				await().untilAsserted(() -> assertThat(threads).hasSize(2)
					.anyMatch((name) -> name.startsWith("backend-tcp-handler"))
					.anyMatch((name) -> name.startsWith("ownTcpBackend-handler")));
				assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName)
					.noneMatch((name) -> name.startsWith("gameTcpBackend-io"));
			});
		}
		await().untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName)
			.noneMatch((name) -> name.startsWith("backend-tcp-")));
	}

	@Test
	void whenTheNameHasDashesThenTheBeanHasHumps() {
		this.runner
			.withPropertyValues("backend.tcp.fleets.eu-game.services=eu", "backend.tcp.fleets.eu-game.codec=lineCodec")
			.withInitializer((context) -> context.getEnvironment()
				.getPropertySources()
				.addFirst(new SystemEnvironmentPropertySource("systemEnvironment",
						Map.of("BACKEND_TCP_FLEETS_EUGAME_REMOVAL", "drain"))))
			.run((context) -> assertThat(settings(context, "euGameTcpBackend").removal()).isEqualTo(RemovalMode.DRAIN));
	}

	@Test
	void whenThereIsNoCodecForAFleetThenTheStartFailsAndSaysHowToNameIt() {
		this.runner.withPropertyValues("backend.tcp.fleets.lobby.services=lobby")
			.withBean("third", LineCodec.class)
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContainingAll(
					"The fleet 'lobby' needs one MessageCodec, but there are 2", "backend.tcp.fleets.lobby.codec",
					"qualifier 'lobby'"));
		this.runner.withPropertyValues("backend.tcp.fleets.game.codec=other")
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContaining(
					"backend.tcp.fleets.game.codec is 'other', but there is no MessageCodec bean of that name"));
	}

	@Test
	void whenThereIsOneCodecThenEveryFleetUsesItAndHandlersAreToldApartByQualifier() {
		try (EchoServer server = EchoServer.start("one")) {
			new ApplicationContextRunner()
				.withConfiguration(
						AutoConfigurations.of(DiscoveryAutoConfiguration.class, TcpBackendAutoConfiguration.class))
				.withBean(InMemoryDiscovery.class, () -> new InMemoryDiscovery(at("game", server), at("chat", server)))
				.withBean(LineCodec.class)
				.withUserConfiguration(SameTypeHandlers.class)
				.withPropertyValues("backend.tcp.fleets.game.services=game", "backend.tcp.fleets.chat.services=chat")
				.run((context) -> {
					SeenBy game = context.getBean("gameHandler", SeenBy.class);
					SeenBy others = context.getBean("others", SeenBy.class);
					await().until(() -> game.seen.equals(List.of("game")) && others.seen.equals(List.of("chat")));
				});
		}
	}

	@Test
	void whenTwoHandlersFitAFleetThenTheStartFails() {
		this.runner.withUserConfiguration(TwoHandlers.class)
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContainingAll(
					"The fleet 'game' needs one TcpHandler of " + Line.class.getName(), "[one, two]",
					"qualifier 'game'"));
	}

	@Test
	void whenAHandlerIsOfNoFleetThenTheStartFails() {
		this.runner.withBean("wrong", WrongHandler.class)
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContainingAll("TcpHandler bean 'wrong'",
					"java.lang.Integer", "[chat, game]"));
	}

	@Test
	void whenABeanIsQualifiedThenItIsForItsFleetAlone() {
		this.runner.withUserConfiguration(QualifiedSettings.class).run((context) -> {
			assertThat(settings(context, "chatTcpBackend").removal()).isEqualTo(RemovalMode.IMMEDIATE);
			assertThat(settings(context, "gameTcpBackend").removal()).isEqualTo(RemovalMode.DRAIN);
		});
	}

	@Test
	void whenPropertiesChangeThenEachFleetHasItsOwn(CapturedOutput output) {
		this.runner.withPropertyValues("backend.tcp.fleets.chat.drain-timeout=7s").run((context) -> {
			ChangedProperties.apply(context,
					Map.of("backend.tcp.drain-timeout", "3s", "backend.tcp.fleets.game.removal", "drain"));
			assertThat(settings(context, "gameTcpBackend").timings().drainTimeout()).isEqualTo(Duration.ofSeconds(3));
			assertThat(settings(context, "gameTcpBackend").removal()).isEqualTo(RemovalMode.DRAIN);
			assertThat(settings(context, "chatTcpBackend").timings().drainTimeout()).isEqualTo(Duration.ofSeconds(7));
			assertThat(settings(context, "chatTcpBackend").removal()).isEqualTo(RemovalMode.ON_DISCONNECT);
			ChangedProperties.apply(context,
					Map.of("backend.tcp.fleets.chat.tick-interval", "-1s", "backend.tcp.limits.queued-messages", "5"));
			assertThat(settings(context, "gameTcpBackend").limits().queuedMessages()).isEqualTo(5);
			assertThat(settings(context, "chatTcpBackend").limits().queuedMessages()).isEqualTo(16384);
			ChangedProperties.apply(context, Map.of("backend.tcp.fleets.chat.tick-interval", "2s"));
			assertThat(settings(context, "chatTcpBackend").limits().queuedMessages()).isEqualTo(5);
		});
		assertThat(output).contains(
				"Changed properties of the fleet 'game' are applied: [backend.tcp.drain-timeout, "
						+ "backend.tcp.fleets.game.removal]",
				"below backend.tcp of the fleet 'chat' are not applied", "backend.tcp.fleets.chat.tick-interval: ",
				"at the next start only: [backend.tcp.fleets.chat.tick-interval]");
	}

	@Test
	void withoutFleetsTheServicesOfTheOneCanBeLimited() {
		try (EchoServer server = EchoServer.start("one")) {
			new ApplicationContextRunner()
				.withConfiguration(
						AutoConfigurations.of(DiscoveryAutoConfiguration.class, TcpBackendAutoConfiguration.class))
				.withBean(InMemoryDiscovery.class, () -> new InMemoryDiscovery(at("game", server), at("chat", server)))
				.withBean(LineCodec.class)
				.withPropertyValues("backend.tcp.services=g*")
				.run((context) -> {
					TcpBackend<?> backend = context.getBean(TcpBackend.class);
					await().until(() -> backend.findGroup("game") != null);
					assertThat(backend.groups()).containsOnlyKeys("game");
				});
		}
	}

	private static TcpSettings settings(ConfigurableApplicationContext context, String bean) {
		return context.getBean(bean, TcpBackend.class).settings();
	}

	private static DiscoveredInstance at(String service, EchoServer server) {
		return new DiscoveredInstance(service, "id-" + server.port(), "tcp", "127.0.0.1", server.port(), List.of(),
				Map.of());
	}

	@Configuration(proxyBeanMethods = false)
	static class Codecs {

		@Bean
		MessageCodec<Line> lineCodec() {
			return new LineCodec();
		}

		@Bean
		@Qualifier("chat")
		MessageCodec<String> textCodec() {
			return new TextCodec();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Clients {

		private final TcpBackend<Line> game;

		private final TcpBackend<?> gameByQualifier;

		private final TcpBackend<String> chat;

		Clients(TcpBackend<Line> game, @Qualifier("game") TcpBackend<?> gameByQualifier, TcpBackend<String> chat) {
			this.game = game;
			this.gameByQualifier = gameByQualifier;
			this.chat = chat;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class SameTypeHandlers {

		@Bean
		@Qualifier("game")
		SeenBy gameHandler() {
			return new SeenBy();
		}

		@Bean
		SeenBy others() {
			return new SeenBy();
		}

	}

	static class SeenBy implements TcpHandler<Line> {

		private volatile List<String> seen = List.of();

		@Override
		public void onConnected(TcpConnection<Line> connection) {
			this.seen = List.of(connection.service().name());
		}

	}

	static class ThreadNames implements TcpHandler<Line> {

		private final Set<String> threads;

		ThreadNames(Set<String> threads) {
			this.threads = threads;
		}

		@Override
		public void onConnected(TcpConnection<Line> connection) {
			this.threads.add(Thread.currentThread().getName());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class TwoHandlers {

		@Bean
		SeenBy one() {
			return new SeenBy();
		}

		@Bean
		SeenBy two() {
			return new SeenBy();
		}

	}

	static class WrongHandler implements TcpHandler<Integer> {

	}

	@Configuration(proxyBeanMethods = false)
	static class QualifiedSettings {

		@Bean
		@Qualifier("chat")
		TcpSettings ofChat() {
			return TcpSettings.defaults().withRemoval(RemovalMode.IMMEDIATE);
		}

		@Bean
		@Qualifier("game")
		TcpBackendBuilderCustomizer ofGame() {
			return (builder) -> builder.settings(TcpSettings.defaults().withRemoval(RemovalMode.DRAIN));
		}

	}

	static class TextCodec implements MessageCodec<String> {

		@Override
		public void encode(String message, ByteBuf out) {
			out.writeCharSequence(message + "\n", StandardCharsets.UTF_8);
		}

		@Override
		public @Nullable String decode(ByteBuf in) {
			int length = in.bytesBefore((byte) '\n');
			if (length < 0) {
				return null;
			}
			String text = in.readCharSequence(length, StandardCharsets.UTF_8).toString();
			in.skipBytes(1);
			return text;
		}

	}

}
