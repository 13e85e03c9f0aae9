package dev.backend.tcp;

import java.time.Duration;
import java.util.List;

import dev.backend.RemovalMode;
import dev.backend.Route;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static dev.backend.tcp.TcpFixture.fast;
import static dev.backend.tcp.TcpFixture.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests of what happens when the registry misses most of a group at once.
 */
class TcpLossTests {

	@RegisterExtension
	private final TcpFixture fixture = new TcpFixture();

	private TcpBackend<Frame> start(RemovalMode removal, Duration confirmationDelay) throws Exception {
		return TcpFixture.ready(this.fixture.start(new Frame.Codec(), this.fixture.handler(),
				(builder) -> builder.settings(fast().withRemoval(removal)).confirmationDelay(confirmationDelay)));
	}

	@ParameterizedTest
	@EnumSource
	void whenEverythingIsMissedThenThoseThatAnswerStayOnTheRingsAndOnlyThose(RemovalMode removal) throws Exception {
		TestServer one = this.fixture.server(TestServer.echo("one "));
		TestServer two = this.fixture.server(TestServer.echo("two "));
		this.fixture.discover(instance("game-1", one), instance("game-2", two));
		TcpBackend<Frame> backend = start(removal, Duration.ofHours(1));
		this.fixture.discover();
		this.fixture.discover();
		await().untilAsserted(() -> assertThat(backend.holds()).containsOnlyKeys("game"));
		assertThat(backend.group("game").routing().members()).hasSize(2);
		two.close();
		await().untilAsserted(() -> assertThat(backend.group("game").routing().members())
			.containsExactly(backend.getService("game", "game-1")));
		assertThat(backend.find("game", Route.any())).isNotNull();
		assertThat(this.fixture.handler().calls).doesNotContain("disconnected game-1");
		assertThat(backend.holdsStarted()).isOne();
	}

	@Test
	void whenAnotherReadConfirmsTheLossThenTheyGo() throws Exception {
		TestServer one = this.fixture.server(TestServer.echo("one "));
		this.fixture.discover(instance("game-1", one));
		TcpBackend<Frame> backend = start(RemovalMode.IMMEDIATE, Duration.ofMillis(50));
		await().untilAsserted(() -> {
			this.fixture.discover();
			assertThat(backend.groups()).isEmpty();
		});
		assertThat(backend.holds()).isEmpty();
		assertThat(backend.services()).isEqualTo(List.of());
	}

}
