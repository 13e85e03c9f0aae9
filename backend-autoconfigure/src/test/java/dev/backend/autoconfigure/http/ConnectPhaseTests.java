package dev.backend.autoconfigure.http;

import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import dev.backend.Route;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.support.HttpLibrary;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.PayServers;
import dev.backend.autoconfigure.support.SilentPort;
import dev.backend.http.HttpBackend;
import dev.backend.test.FreePorts;
import dev.backend.test.SlowTest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.http.HttpMethod;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Requests to an instance to which there is no connection, whatever the reason and the
 * client library.
 */
@Timeout(120)
@SlowTest
class ConnectPhaseTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private static final PayServers servers = PayServers.started();

	private static @Nullable SilentPort silent;

	@BeforeAll
	static void listen() throws Exception {
		silent = new SilentPort();
	}

	@AfterAll
	static void stop() throws Exception {
		servers.close();
		if (silent != null) {
			silent.close();
		}
	}

	static Stream<Arguments> all() {
		return Arrays.stream(HttpLibrary.values())
			.flatMap((library) -> Arrays.stream(Fault.values()).map((fault) -> Arguments.of(library, fault)));
	}

	@ParameterizedTest
	@MethodSource("all")
	void whenThereIsNoConnectionThenTheNextOwnerIsAsked(HttpLibrary library, Fault fault) {
		new ApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class,
					HttpBackendAutoConfiguration.class, RoutedClientAutoConfiguration.class))
			.withPropertyValues("backend.http.enabled=true", "backend.http.probe.interval=1h")
			.withBean(InMemoryDiscovery.class, servers::discovery)
			.run((context) -> {
				HttpBackend backend = context.getBean(HttpBackend.class);
				assertThat(backend.awaitReady(LONG)).isTrue();
				String key = PayServers.keyOf("pay-2", backend);
				String next = backend.group("pay").routing().find(Route.hash(key), 2).get(1).id();
				int port = servers.port("pay-2");
				String elsewhere = fault.authority();
				Duration connectTimeout = (fault == Fault.SILENT) ? Duration.ofMillis(300) : LONG;
				HttpLibrary.Caller caller = library.caller(context, connectTimeout,
						(uri) -> (uri.getPort() == port) ? URI.create("http://" + elsewhere + uri.getPath()) : uri);
				for (HttpMethod method : List.of(HttpMethod.GET, HttpMethod.POST, HttpMethod.PUT)) {
					assertThat(caller.call(method, key, null)).as(method.name()).isEqualTo(next + " /orders");
				}
				assertThat(caller.call(HttpMethod.POST, key, "one")).isEqualTo(next + " /orders");
			});
	}

	enum Fault {

		REFUSED {
			@Override
			String authority() {
				return "127.0.0.1:" + FreePorts.one();
			}
		},

		SILENT {
			@Override
			String authority() {
				return "127.0.0.1:" + ((silent != null) ? silent.port() : 0);
			}
		},

		UNKNOWN_HOST {
			@Override
			String authority() {
				return "gone.invalid:80";
			}
		},

		/** Nobody connects to all hosts of a network. */
		UNREACHABLE {
			@Override
			String authority() {
				return "255.255.255.255:80";
			}
		};

		abstract String authority();

	}

}
