package dev.backend.fleet;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link CountersByName} at times that the test says.
 */
class CountersByNameTests {

	private long now = Duration.ofHours(-1).toNanos();

	private final CountersByName<AtomicInteger> counters = new CountersByName<>(AtomicInteger::new, () -> this.now);

	private void pass(Duration time) {
		this.now += time.toNanos();
	}

	@Test
	void whenANameComesBackWithinTheHourThenItsCountersGoOn() {
		AtomicInteger game = this.counters.get("game");
		this.counters.retain(Set.of());
		pass(Duration.ofMinutes(59));
		this.counters.retain(Set.of());
		assertThat(this.counters.get("game")).isSameAs(game);
		pass(Duration.ofMinutes(59));
		this.counters.retain(Set.of("game"));
		this.counters.retain(Set.of());
		pass(Duration.ofMinutes(59));
		this.counters.retain(Set.of());
		assertThat(this.counters.get("game")).isSameAs(game);
	}

	@Test
	void whenANameIsGoneForAnHourThenItsCountersAreForgotten() {
		AtomicInteger game = this.counters.get("game");
		AtomicInteger pay = this.counters.get("pay");
		this.counters.retain(Set.of("pay"));
		pass(Duration.ofHours(1));
		this.counters.retain(Set.of("pay"));
		assertThat(this.counters.size()).isEqualTo(1);
		assertThat(this.counters.get("pay")).isSameAs(pay);
		assertThat(this.counters.get("game")).isNotSameAs(game);
	}

	@Test
	void whenNamesRotateThenThoseGoneLongestAreForgottenBeyondAThousand() {
		for (int i = 0; i < 5000; i++) {
			this.counters.get("name-" + i).set(i);
			this.counters.retain(Set.of("name-" + i, "always"));
			this.counters.get("always");
			pass(Duration.ofMillis(1));
		}
		assertThat(this.counters.size()).isLessThanOrEqualTo(1002);
		assertThat(this.counters.get("name-4500")).hasValue(4500);
		assertThat(this.counters.get("name-0")).hasValue(0);
	}

}
