package dev.backend.discovery.consul;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

class AnswerMemoryTests {

	private final AnswerMemory memory = new AnswerMemory(100, 200);

	@Test
	void whenAnAnswerIsTooLargeThenItFails() {
		AnswerMemory.Answer answer = this.memory.begin();
		answer.append(new byte[60]);
		assertThatExceptionOfType(ConsulFailure.class).isThrownBy(() -> answer.append(new byte[41]))
			.withMessage("answers more than 100 bytes (expected: at most that)")
			.matches(ConsulFailure::useless);
		answer.append(new byte[40]);
		assertThat(answer.whole()).hasSize(100);
	}

	@Test
	void whenAllTogetherAreTooLargeThenOnlyThoseAboveTheirShareFail() {
		AnswerMemory.Answer large = this.memory.begin();
		AnswerMemory.Answer larger = this.memory.begin();
		AnswerMemory.Answer small = this.memory.begin();
		large.append(new byte[90]);
		larger.append(new byte[95]);
		assertThatNoException().isThrownBy(() -> small.append(new byte[30]));
		assertThatExceptionOfType(ConsulFailure.class).isThrownBy(() -> large.append(new byte[1]))
			.withMessage("answers 91 bytes or more while 2 others are large, too (expected: 66 at most)");
		large.release();
		assertThatNoException().isThrownBy(() -> larger.append(new byte[5]));
	}

	@Test
	void whenAnswersAreReleasedThenTheyCountNoMore() {
		AnswerMemory.Answer answer = this.memory.begin();
		answer.append(new byte[90]);
		assertThat(this.memory.bytes()).isEqualTo(90);
		answer.release();
		answer.release();
		answer.append(new byte[90]);
		assertThat(this.memory.bytes()).isZero();
	}

}
