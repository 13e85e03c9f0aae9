package dev.backend.autoconfigure.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Pattern;

import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.support.ChangedProperties;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.http.HttpBackend;
import dev.backend.http.HttpEjection;
import dev.backend.http.HttpProbe;
import dev.backend.http.HttpSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

@ExtendWith(OutputCaptureExtension.class)
class HttpSettingsRefreshTests {

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class, HttpBackendAutoConfiguration.class))
		.withPropertyValues("backend.http.enabled=true")
		.withBean(InMemoryDiscovery.class);

	@Test
	void whenPropertiesChangeThenTheirValuesAreApplied() {
		this.contextRunner.withPropertyValues("backend.http.probe.path=/health").run((context) -> {
			ChangedProperties.apply(context,
					Map.of("backend.http.probe.interval", "5s", "backend.http.probe.timeout", "7s",
							"backend.http.probe.rise", "3", "backend.http.probe.fall", "4",
							"backend.http.probe.highest-status", "204", "backend.http.ejection.enabled", "true",
							"backend.http.ejection.consecutive-failures", "9", "backend.http.ejection.baseTime", "1s",
							"backend.http.ejection.maximum-time", "2s", "backend.http.ejection.maximum-percent", "25"));
			assertThat(settings(context)).isEqualTo(new HttpSettings(HttpProbe.get("/health").expecting(200, 204),
					Duration.ofSeconds(5), Duration.ofSeconds(7), 3, 4, 256,
					new HttpEjection(true, 9, Duration.ofSeconds(1), Duration.ofSeconds(2), 25)));
			ChangedProperties.apply(context, Map.of("backend.http.probe.path", "/ready"));
			assertThat(settings(context).probe().path()).isEqualTo("/ready");
		});
	}

	@ParameterizedTest
	@CsvSource({ "backend.http.probe.rise,0,at least 1", "backend.http.probe.interval,0s,> 0",
			"backend.http.ejection.maximum-percent,51,1 to 50", "backend.http.probe.timeout,soon,'soon'" })
	void whenAValueIsInvalidThenAllStaysAndTheLogNamesIt(String property, String value, String reason,
			CapturedOutput output) {
		this.contextRunner.run((context) -> {
			HttpSettings before = settings(context);
			ChangedProperties.apply(context, Map.of(property, value, "backend.http.probe.fall", "7"));
			assertThat(settings(context)).isEqualTo(before);
			assertThat(output.getAll().lines().filter((line) -> line.contains("ERROR"))).singleElement()
				.asString()
				.contains("below backend.http are not applied", property, reason);
		});
	}

	@Test
	void whenAPropertyIsReadAtStartThenItKeepsItsValueAndTheLogSaysSo(CapturedOutput output) {
		this.contextRunner.run((context) -> {
			HttpSettings before = settings(context);
			ChangedProperties.apply(context, Map.of("backend.http.probe.concurrency", "1", "backend.http.ssl.bundle",
					"x", "backend.http.probe.rise", "2", "backend.tcp.removal", "drain"));
			assertThat(settings(context)).isEqualTo(before.withThresholds(2, before.fall()));
			assertThat(output).contains("are applied: [backend.http.probe.rise]; at the next start only: "
					+ "[backend.http.probe.concurrency, backend.http.ssl.bundle]");
		});
	}

	@Test
	void whenTheApplicationHasItsOwnSettingsThenPropertiesDoNotReplaceThem() {
		HttpSettings own = HttpSettings.defaults().withThresholds(5, 5);
		this.contextRunner.withBean(HttpSettings.class, () -> own).run((context) -> {
			ChangedProperties.apply(context, Map.of("backend.http.probe.rise", "2"));
			assertThat(settings(context)).isEqualTo(own);
		});
		this.contextRunner
			.withBean("own", HttpBackend.class,
					() -> HttpBackend.builder().discovery(new InMemoryDiscovery()).settings(own).build())
			.run((context) -> {
				ChangedProperties.apply(context, Map.of("backend.http.probe.rise", "2"));
				assertThat(settings(context)).isEqualTo(own);
			});
	}

	@Test
	void withoutSpringCloudNothingIsRefreshed() {
		this.contextRunner.withClassLoader(new FilteredClassLoader("org.springframework.cloud"))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(HttpBackend.class)
				.doesNotHaveBean("httpSettingsRefresh"));
	}

	@Test
	void whatIsReadAtStartIsWhatTheReferenceSays() throws IOException {
		String row = Files.readString(Path.of("../docs/reference.md"))
			.lines()
			.dropWhile((line) -> !line.contains("properties below `backend.http`"))
			.filter((line) -> line.startsWith("| at the next start |"))
			.findFirst()
			.orElseThrow();
		assertThat(Pattern.compile("`([^`]+)`").matcher(row).results().map((match) -> match.group(1)))
			.containsExactlyInAnyOrderElementsOf(HttpSettingsRefresh.READ_AT_START);
	}

	private static HttpSettings settings(ConfigurableApplicationContext context) {
		return context.getBean(HttpBackend.class).settings();
	}

}
