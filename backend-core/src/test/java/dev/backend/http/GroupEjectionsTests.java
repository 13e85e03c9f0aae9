package dev.backend.http;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class GroupEjectionsTests {

	private final GroupEjections group = new GroupEjections();

	private final HttpEjection settings = HttpEjection.on();

	private final List<String> readmitted = new ArrayList<>();

	private Runnable instance(String name) {
		this.group.joined();
		return () -> this.readmitted.add(name);
	}

	@ParameterizedTest
	@CsvSource({ "1,0", "2,1", "3,1", "4,2", "5,2", "10,5" })
	void neverMoreThanHalfAreEjected(int members, int expected) {
		int ejected = 0;
		for (Runnable member : instances(members)) {
			ejected += this.group.eject(member, this.settings) ? 1 : 0;
		}
		assertThat(ejected).isEqualTo(expected);
	}

	@Test
	void whenManyAreToBeEjectedAtOnceThenStillNotMoreThanHalf() throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(4);
		try {
			for (int round = 0; round < 500; round++) {
				assertThat(ejectedAtOnce(threads)).isEqualTo(3);
			}
		}
		finally {
			threads.shutdownNow();
		}
	}

	private static int ejectedAtOnce(ExecutorService threads) throws Exception {
		GroupEjections group = new GroupEjections();
		CyclicBarrier start = new CyclicBarrier(4);
		for (int i = 0; i < 7; i++) {
			group.joined();
		}
		List<Future<Integer>> counts = new ArrayList<>();
		for (int thread = 0; thread < 4; thread++) {
			counts.add(threads.submit(() -> {
				start.await();
				int ejected = 0;
				for (int i = 0; i < 2; i++) {
					int id = i;
					ejected += group.eject(() -> assertThat(id).isNegative(), HttpEjection.on()) ? 1 : 0;
				}
				return ejected;
			}));
		}
		int sum = 0;
		for (Future<Integer> count : counts) {
			sum += count.get();
		}
		return sum;
	}

	@Test
	void whoIsEjectedIsNotEjectedTwice() {
		Runnable one = instances(4).get(0);
		assertThat(this.group.eject(one, this.settings)).isTrue();
		assertThat(this.group.eject(one, this.settings)).isFalse();
		this.group.readmitted(one);
		assertThat(this.group.eject(one, this.settings)).isTrue();
	}

	@Test
	void whenOthersGoThenTheFirstOfTheEjectedComesBack() {
		List<Runnable> all = instances(4);
		this.group.eject(all.get(1), this.settings);
		this.group.eject(all.get(0), this.settings);
		this.group.left(all.get(2), this.settings);
		assertThat(this.readmitted).containsExactly("1");
		this.group.left(all.get(3), this.settings);
		assertThat(this.readmitted).containsExactly("1");
		this.group.left(all.get(1), this.settings);
		assertThat(this.readmitted).containsExactly("1", "0");
	}

	@Test
	void whenAnEjectedOneGoesThenItIsNotReadmitted() {
		List<Runnable> all = instances(2);
		this.group.eject(all.get(0), this.settings);
		this.group.left(all.get(0), this.settings);
		assertThat(this.readmitted).isEmpty();
	}

	@Test
	void whenEjectionIsSwitchedOffThenAllComeBack() {
		List<Runnable> all = instances(4);
		this.group.eject(all.get(0), this.settings);
		this.group.eject(all.get(1), this.settings);
		this.group.trim(this.settings);
		assertThat(this.readmitted).isEmpty();
		this.group.trim(HttpEjection.off());
		assertThat(this.readmitted).containsExactly("0", "1");
	}

	@Test
	void aShareOfMoreThanHalfIsRefused() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new HttpEjection(true, 5, this.settings.baseTime(), this.settings.maximumTime(), 51))
			.withMessage("maximumPercent: 51 (expected: 1 to 50)");
		assertThatIllegalArgumentException().isThrownBy(() -> this.settings.after(0))
			.withMessage("consecutiveFailures: 0 (expected: at least 1)");
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.settings.lasting(this.settings.maximumTime(), this.settings.baseTime()))
			.withMessage("maximumTime: 30s (expected: at least baseTime, 5m)");
	}

	private List<Runnable> instances(int members) {
		List<Runnable> all = new ArrayList<>();
		for (int i = 0; i < members; i++) {
			all.add(instance(String.valueOf(i)));
		}
		return all;
	}

}
