package dev.backend.tcp;

import dev.backend.RemovalMode;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link TcpBackend} under random snapshots and servers that come and go.
 */
@Timeout(120)
class RandomChangesTests {

	private static final int STEPS = 250;

	@ParameterizedTest
	@EnumSource
	void whenAllSettlesThenBackendIsAsTheLastSnapshotSaysAndEventsPair(RemovalMode mode) {
		try (RandomChanges changes = new RandomChanges(mode, 20_261_122, null)) {
			assertThat(changes.run(STEPS)).as("skipped connections").isPositive();
		}
	}

}
