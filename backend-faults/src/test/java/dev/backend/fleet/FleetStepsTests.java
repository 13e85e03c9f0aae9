package dev.backend.fleet;

import java.util.Random;

import dev.backend.RemovalMode;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * {@link FleetModel} for many steps, in runs of any length. A failure names its seed, and
 * {@code -Dfaults.seed=… -Dfaults.steps=1} repeats that run; more of them:
 * {@code -Dfaults.steps=10000000}.
 */
@Timeout(3600)
class FleetStepsTests {

	private static final long SEED = Long.getLong("faults.seed", 20_261_125);

	/** For each removal mode. */
	private static final long STEPS = Long.getLong("faults.steps", 35_000);

	private static final int LONGEST_RUN = 1000;

	@ParameterizedTest
	@EnumSource
	void whenInstancesAndConnectionsChangeThenAllEndsAsTheLastSnapshotSaysAndEventsPair(RemovalMode mode) {
		long left = STEPS;
		for (long seed = SEED; left > 0; seed++) {
			int steps = 20 + new Random(seed).nextInt(LONGEST_RUN);
			new FleetModel(mode, seed).run(steps);
			left -= steps;
		}
	}

}
