package dev.backend.tcp;

import java.io.IOException;

import dev.backend.RemovalMode;
import dev.backend.test.SlowTest;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * {@link RandomChanges} on real sockets, with peers that never answer a dial among the
 * others. Longer, or with another seed: {@code -Dfaults.steps=100000 -Dfaults.seed=…}.
 */
@Timeout(3600)
@SlowTest
class RandomStepsTests {

	private static final long SEED = Long.getLong("faults.seed", 20_261_125);

	/** For each removal mode. */
	private static final long STEPS = Long.getLong("faults.steps", 500);

	private static final int LONGEST_RUN = 1000;

	@ParameterizedTest
	@EnumSource
	void whenInstancesAndServersChangeThenAllEndsAsTheLastSnapshotSaysAndEventsPair(RemovalMode mode)
			throws IOException {
		try (FullBacklog unanswered = new FullBacklog()) {
			long left = STEPS;
			for (long seed = SEED; left > 0; seed++) {
				try (RandomChanges changes = new RandomChanges(mode, seed, unanswered.port())) {
					changes.run((int) Math.min(left, LONGEST_RUN));
				}
				left -= LONGEST_RUN;
			}
		}
	}

}
