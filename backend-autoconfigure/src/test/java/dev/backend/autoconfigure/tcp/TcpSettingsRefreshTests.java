package dev.backend.autoconfigure.tcp;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

import dev.backend.RemovalMode;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.support.ChangedProperties;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.tcp.DispatchMode;
import dev.backend.tcp.MessageLogLevel;
import dev.backend.tcp.MessageLogging;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpHandler;
import dev.backend.tcp.TcpSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.autoconfigure.ConfigurationPropertiesRebinderAutoConfiguration;
import org.springframework.cloud.autoconfigure.RefreshAutoConfiguration;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(OutputCaptureExtension.class)
class TcpSettingsRefreshTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class, TcpBackendAutoConfiguration.class))
		.withBean(InMemoryDiscovery.class)
		.withBean(LineCodec.class);

	@Test
	void whenPropertiesChangeThenTheirValuesAreApplied() {
		this.contextRunner
			.withConfiguration(AutoConfigurations.of(RefreshAutoConfiguration.class,
					ConfigurationPropertiesRebinderAutoConfiguration.class))
			.withPropertyValues("backend.tcp.removal=immediate", "backend.tcp.logging.levels.3=warn")
			.run((context) -> {
				TcpSettings before = context.getBean(TcpBackend.class).settings();
				ChangedProperties.apply(context,
						Map.of("backend.tcp.dispatch.mode", "concurrent", "backend.tcp.logging.level", "info",
								"backend.tcp.logging.levels.7", "off", "backend.tcp.limits.queued-messages", "5",
								"backend.tcp.drainTimeout", "3s", "unrelated", "x"));
				TcpSettings after = context.getBean(TcpBackend.class).settings();
				assertThat(after.logging()).isEqualTo(new MessageLogging(MessageLogLevel.INFO,
						Map.of("3", MessageLogLevel.WARN, "7", MessageLogLevel.OFF)));
				assertThat(after.dispatch()).isEqualTo(DispatchMode.CONCURRENT);
				assertThat(after.limits().queuedMessages()).isEqualTo(5);
				assertThat(after.timings().drainTimeout()).isEqualTo(Duration.ofSeconds(3));
				assertThat(after.removal()).isEqualTo(RemovalMode.IMMEDIATE);
				assertThat(after.liveness()).isEqualTo(before.liveness());
				ChangedProperties.apply(context, Map.of("backend.tcp.logging.level", "error"));
				assertThat(context.getBean(TcpBackend.class).settings().logging().level())
					.isEqualTo(MessageLogLevel.ERROR);
			});
	}

	@ParameterizedTest
	@CsvSource({ "backend.tcp.limits.queued-messages,0,at least 1", "backend.tcp.drain-timeout,-1s,>= 0",
			"backend.tcp.drain-timeout,soon,'soon'", "backend.tcp.logging.levels.7,loud,loud",
			"backend.tcp.connect.backoff-max,1ms,at least backend.tcp.connect.backoff-initial",
			"backend.tcp.removal,${missing},missing" })
	void whenAValueIsInvalidThenAllStaysAndTheLogNamesIt(String property, String value, String reason,
			CapturedOutput output) {
		this.contextRunner.run((context) -> {
			TcpSettings before = context.getBean(TcpBackend.class).settings();
			ChangedProperties.apply(context, Map.of(property, value, "backend.tcp.logging.level", "info"));
			assertThat(context.getBean(TcpBackend.class).settings()).isEqualTo(before);
			assertThat(output.getAll().lines().filter((line) -> line.contains("ERROR"))).singleElement()
				.asString()
				.contains("not applied", property, reason);
			ChangedProperties.in(context).remove(property);
			ChangedProperties.apply(context, Map.of("backend.tcp.logging.level", "warn"));
			assertThat(context.getBean(TcpBackend.class).settings().logging().level()).isEqualTo(MessageLogLevel.WARN);
		});
	}

	@Test
	void whenNoPropertyOfTheBackendChangedThenNothingIsApplied() {
		this.contextRunner.run((context) -> {
			TcpSettings before = context.getBean(TcpBackend.class).settings();
			ChangedProperties.in(context).put("backend.tcp.limits.queued-messages", "5");
			context
				.publishEvent(new EnvironmentChangeEvent(context, Set.of("backend.tcpx", "backend.discovery.sources")));
			assertThat(context.getBean(TcpBackend.class).settings()).isEqualTo(before);
		});
	}

	@Test
	void whenAPropertyIsReadAtStartThenItKeepsItsValueAndTheLogSaysSo(CapturedOutput output) {
		this.contextRunner.run((context) -> {
			TcpSettings before = context.getBean(TcpBackend.class).settings();
			ChangedProperties.apply(context,
					Map.of("backend.tcp.consistent-hash", "gobase", "backend.tcp.dispatch.threads", "5",
							"backend.tcp.limits.outbound-bytes", "1KB", "backend.tcp.limits.concurrent-dials", "1",
							"backend.tcp.tick-interval", "5s", "backend.tcp.removal", "drain"));
			assertThat(context.getBean(TcpBackend.class).settings()).isEqualTo(before.withRemoval(RemovalMode.DRAIN));
			assertThat(output).contains("are applied: [backend.tcp.removal]; at the next start only: "
					+ "[backend.tcp.consistent-hash, backend.tcp.dispatch.threads, backend.tcp.limits.concurrent-dials, "
					+ "backend.tcp.limits.outbound-bytes, backend.tcp.tick-interval]");
		});
	}

	@Test
	void whenTheApplicationHasItsOwnSettingsThenPropertiesDoNotReplaceThem() {
		TcpSettings own = TcpSettings.defaults().withRemoval(RemovalMode.DRAIN);
		this.contextRunner.withBean(TcpSettings.class, () -> own).run((context) -> {
			ChangedProperties.apply(context, Map.of("backend.tcp.removal", "immediate"));
			assertThat(context.getBean(TcpBackend.class).settings()).isEqualTo(own);
		});
	}

	@Test
	void whenThereAreSeveralBackendsThenThoseWithSettingsOfTheirOwnAreLeftAlone() {
		TcpSettings own = TcpSettings.defaults().withRemoval(RemovalMode.DRAIN);
		this.contextRunner.withBean("same", TcpBackend.class, () -> backend(TcpSettings.defaults()))
			.withBean("own", TcpBackend.class, () -> backend(own))
			.run((context) -> {
				ChangedProperties.apply(context, Map.of("backend.tcp.removal", "immediate"));
				assertThat(context.getBean("same", TcpBackend.class).settings().removal())
					.isEqualTo(RemovalMode.IMMEDIATE);
				assertThat(context.getBean("own", TcpBackend.class).settings()).isEqualTo(own);
			});
	}

	@Test
	void whenSpringCloudIsNotThereThenTheContextStarts() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("org.springframework.cloud"))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(TcpBackend.class)
				.doesNotHaveBean("tcpSettingsRefresh"));
	}

	@Test
	void whatIsReadAtStartIsWhatTheReferenceSays() throws IOException {
		String row = Files.readString(Path.of("../docs/reference.md"))
			.lines()
			.filter((line) -> line.startsWith("| at the next start |"))
			.findFirst()
			.orElseThrow();
		assertThat(Pattern.compile("`([^`]+)`").matcher(row).results().map((match) -> match.group(1)))
			.containsExactlyInAnyOrderElementsOf(TcpSettingsRefresh.READ_AT_START);
	}

	private static TcpBackend<?> backend(TcpSettings settings) {
		return TcpBackend.builder()
			.discovery(new InMemoryDiscovery())
			.settings(settings)
			.build(new LineCodec(), new TcpHandler<>() {
			});
	}

}
