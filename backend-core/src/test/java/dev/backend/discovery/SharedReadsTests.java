package dev.backend.discovery;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import dev.backend.codec.DelimiterFraming;
import dev.backend.codec.TextCodec;
import dev.backend.discovery.guard.GuardedDiscovery;
import dev.backend.discovery.guard.SnapshotFileDiscovery;
import dev.backend.fleet.FleetBackend;
import dev.backend.http.HttpBackend;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpConnection;
import dev.backend.tcp.TcpHandler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Backends that watch the same source, whatever is around that.
 */
@Timeout(60)
class SharedReadsTests {

	private final PolledRegistry registry = new PolledRegistry();

	private final PolledRegistry other = new PolledRegistry();

	private static TcpBackend<String> tcp(ServiceDiscovery discovery) {
		return TcpBackend.builder()
			.discovery(discovery)
			.build(new TextCodec(DelimiterFraming.line(), StandardCharsets.UTF_8), new TcpHandler<>() {
				@Override
				public void onMessage(TcpConnection<String> connection, String message) {
				}
			});
	}

	@Test
	void whenBackendsWatchOneSourceThenItIsReadOnceForAll(@TempDir Path folder) {
		InstanceRules rules = InstanceRules.defaults();
		ServiceDiscovery guarded = GuardedDiscovery.of(this.registry.open(rules), rules);
		ServiceDiscovery merged = MergedDiscovery.of(List.of(guarded, this.other.open(rules)));
		this.registry.list("a");
		this.other.list("b");
		try (ServiceDiscovery file = SnapshotFileDiscovery.of(merged, folder.resolve("file.json"), Duration.ofDays(1),
				rules);
				TcpBackend<String> first = tcp(file);
				TcpBackend<String> second = tcp(file);
				HttpBackend third = HttpBackend.builder().discovery(file).build()) {
			for (FleetBackend<?, ?> backend : List.of(first, second, third)) {
				backend.start();
			}
			await().until(() -> first.services().size() == 2 && second.services().size() == 2
					&& third.instanceCounts() != null);
			assertThat(this.registry.watches).hasValue(1);
			assertThat(this.other.watches).hasValue(1);
			assertThat(first.discoveryReads().succeeded()).isPositive();
			first.stop();
			this.registry.list("a", "c");
			await().until(() -> second.services().size() == 3);
			assertThat(this.registry.watches).hasValue(1);
		}
	}

}
