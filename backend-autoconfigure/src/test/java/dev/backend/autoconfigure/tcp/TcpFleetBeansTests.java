package dev.backend.autoconfigure.tcp;

import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.backend.RemovalMode;
import dev.backend.autoconfigure.BackendConfigurationException;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.fleet.Fleets;
import dev.backend.autoconfigure.support.Failures;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.Line;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.codec.MessageCodec;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpHandler;
import dev.backend.tcp.TcpSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.ConfigurationPropertiesBinding;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.autoconfigure.RefreshAutoConfiguration;
import org.springframework.cloud.context.config.annotation.RefreshScope;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Fallback;
import org.springframework.context.annotation.ScopedProxyMode;
import org.springframework.core.convert.converter.Converter;
import org.springframework.util.unit.DataSize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Which beans several fleets take: those in scopes, of parent contexts, and of other
 * backends. And what they say of fleets that have none.
 */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class TcpFleetBeansTests {

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final ApplicationContextRunner one = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class, TcpBackendAutoConfiguration.class))
		.withBean(ServiceDiscovery.class, () -> this.discovery);

	private final ApplicationContextRunner runner = this.one.withPropertyValues("backend.tcp.fleets.game.services=game",
			"backend.tcp.fleets.chat.services=chat");

	@Test
	void whenBeansInAScopeAreQualifiedThenEachIsForItsFleet() {
		this.runner.withConfiguration(AutoConfigurations.of(RefreshAutoConfiguration.class))
			.withUserConfiguration(Scoped.class)
			.run((context) -> assertThat(context).hasNotFailed().hasBean("gameTcpBackend").hasBean("chatTcpBackend"));
	}

	@Test
	void whenThereIsAFallbackThenFleetsTakeTheOther() {
		this.runner.withBean(LineCodec.class)
			.withUserConfiguration(WithFallback.class)
			.run((context) -> assertThat(context.getBean("chatTcpBackend", TcpBackend.class).settings().removal())
				.isEqualTo(RemovalMode.DRAIN));
	}

	@Test
	void whenAParentContextHasBeansOfTheSameKindThenFleetsTakeTheirOwn() {
		new ApplicationContextRunner().withBean("parentCodec", LineCodec.class)
			.withBean("parentSettings", TcpSettings.class, TcpSettings::defaults)
			.withBean("parentHandler", IntegerHandler.class)
			.run((parent) -> this.runner.withParent(parent)
				.withBean("childCodec", LineCodec.class)
				.withBean("childSettings", TcpSettings.class,
						() -> TcpSettings.defaults().withRemoval(RemovalMode.DRAIN))
				.run((context) -> assertThat(context.getBean("chatTcpBackend", TcpBackend.class).settings().removal())
					.isEqualTo(RemovalMode.DRAIN)));
	}

	@Test
	void whenAHandlerIsThatOfABackendOfTheApplicationThenFleetsNeedNone() {
		this.runner.withBean(LineCodec.class)
			.withUserConfiguration(OwnBackend.class)
			.run((context) -> assertThat(context).hasNotFailed().hasBean("gameTcpBackend").hasBean("own"));
	}

	@Test
	void whenAHandlerIsThatOfABackendOfTheApplicationThenTheOneWithoutANameNeedsNone() {
		this.one.withBean(LineCodec.class)
			.withUserConfiguration(OwnBackend.class)
			.run((context) -> assertThat(context).hasNotFailed().hasBean("tcpBackend").hasBean("own"));
	}

	@Test
	void whenAHandlerIsQualifiedForAFleetOfOtherMessagesThenTheStartFailsAndSaysSo() {
		this.runner.withUserConfiguration(WrongQualifier.class)
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContainingAll(
					"TcpHandler bean 'texts', which handles java.lang.String, is the handler of no fleet",
					"have none: [chat, game]", "the qualifier and name of no other fleet"));
	}

	@Test
	void whenAFleetIsNotReadyInTimeThenThePropertyThatItWasSetByIsNamed(CapturedOutput output) {
		this.discovery.silence();
		this.runner.withBean(LineCodec.class)
			.withPropertyValues("backend.tcp.await-ready=2ms", "backend.tcp.fleets.game.await-ready=1ms")
			.run((context) -> assertThat(context).hasNotFailed());
		assertThat(output).containsPattern("gameTcpBackend: memory .* \\(backend.tcp.fleets.game.await-ready\\)")
			.containsPattern("chatTcpBackend: memory .* \\(backend.tcp.await-ready\\)");
	}

	@Test
	void whenAFleetIsDisabledThenItsServicesAreNotToldOf(CapturedOutput output) {
		this.discovery.push(at("chat"), at("lobby"));
		this.runner.withBean(LineCodec.class)
			.withPropertyValues("backend.tcp.fleets.chat.enabled=false")
			.run((context) -> await().until(() -> output.getOut().contains("The service 'lobby' is left out")));
		assertThat(output).doesNotContain("The service 'chat' is left out");
	}

	@Test
	void whenAFleetWithoutABackendIsChangedThenItIsSaidThatItNeedsAStart(CapturedOutput output) {
		this.runner.withBean(LineCodec.class)
			.withPropertyValues("backend.tcp.fleets.chat.enabled=false")
			.run((context) -> context.publishEvent(new EnvironmentChangeEvent(context, Set
				.of("backend.tcp.fleets.chat.enabled", "backend.tcp.fleets.lobby.services", "backend.tcp.codec"))));
		assertThat(output).contains("of fleets without a backend are applied at the next start only: "
				+ "[backend.tcp.fleets.chat.enabled, backend.tcp.fleets.lobby.services]");
	}

	@Test
	void whenABackendIsThatOfAFleetThatTheStartHasNotThenItIsSaidWhatFixesFleets() {
		this.runner.withBean(LineCodec.class)
			.run((context) -> assertThatExceptionOfType(BackendConfigurationException.class)
				.isThrownBy(() -> context.getBean(Fleets.class).get("lobby"))
				.withMessageContainingAll(
						"There is a backend of the fleet 'lobby', but backend.tcp.fleets has [chat, game]",
						"ahead of time"));
	}

	@Test
	void whenTheApplicationConvertsValuesItselfThenAlsoThoseOfFleets() {
		this.runner.withBean(LineCodec.class)
			.withBean(Halves.class)
			.withPropertyValues("backend.tcp.fleets.game.limits.frame-bytes=half a megabyte")
			.run((context) -> assertThat(
					context.getBean("gameTcpBackend", TcpBackend.class).settings().limits().frameBytes())
				.isEqualTo(512 << 10));
	}

	private static DiscoveredInstance at(String service) {
		return new DiscoveredInstance(service, service + "-1", "tcp", "127.0.0.1", 1, List.of(), Map.of());
	}

	@Configuration(proxyBeanMethods = false)
	static class Scoped {

		@Bean
		@RefreshScope
		@Qualifier("game")
		LineCodec gameCodec() {
			return new LineCodec();
		}

		@Bean
		@RefreshScope(proxyMode = ScopedProxyMode.INTERFACES)
		@Qualifier("chat")
		MessageCodec<Line> chatCodec() {
			return new LineCodec();
		}

		@Bean
		@RefreshScope
		@Qualifier("game")
		LineHandler gameHandler() {
			return new LineHandler();
		}

		@Bean
		@RefreshScope
		@Qualifier("chat")
		LineHandler chatHandler() {
			return new LineHandler();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WithFallback {

		@Bean
		@Fallback
		TcpSettings fallback() {
			return TcpSettings.defaults();
		}

		@Bean
		TcpSettings regular() {
			return TcpSettings.defaults().withRemoval(RemovalMode.DRAIN);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnBackend {

		@Bean
		TextHandler texts() {
			return new TextHandler();
		}

		@Bean
		TcpBackend<String> own(ServiceDiscovery discovery, TextHandler texts) {
			return TcpBackend.builder().discovery(discovery).build(new TcpFleetTests.TextCodec(), texts);
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class WrongQualifier {

		@Bean
		@Qualifier("game")
		LineCodec gameCodec() {
			return new LineCodec();
		}

		@Bean
		@Qualifier("chat")
		TcpFleetTests.TextCodec chatCodec() {
			return new TcpFleetTests.TextCodec();
		}

		@Bean
		@Qualifier("game")
		TextHandler texts() {
			return new TextHandler();
		}

	}

	@ConfigurationPropertiesBinding
	static class Halves implements Converter<String, DataSize> {

		@Override
		public DataSize convert(String text) {
			return text.equals("half a megabyte") ? DataSize.ofKilobytes(512) : DataSize.parse(text);
		}

	}

	static class LineHandler implements TcpHandler<Line> {

	}

	static class TextHandler implements TcpHandler<String> {

	}

	static class IntegerHandler implements TcpHandler<Integer> {

	}

}
