package dev.backend.discovery.consul;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Sinks;

import static org.assertj.core.api.Assertions.assertThat;

class ConcurrencyLimitTests {

	private final ConcurrencyLimit limit = new ConcurrencyLimit(2);

	private final List<Integer> asked = new ArrayList<>();

	private final List<Sinks.One<String>> answers = new ArrayList<>();

	private final List<Disposable> queries = new ArrayList<>();

	@BeforeEach
	void askFour() {
		for (int i = 0; i < 4; i++) {
			int number = i;
			Sinks.One<String> answer = Sinks.one();
			this.answers.add(answer);
			this.queries.add(this.limit.apply(answer.asMono().doOnSubscribe((subscription) -> this.asked.add(number)))
				.subscribe((value) -> {
				}, (failure) -> {
				}));
		}
	}

	@Test
	void whenAllPermitsAreTakenThenTheNextOneIsAskedWhenOneIsAnswered() {
		assertThat(this.asked).containsExactly(0, 1);
		this.answers.get(0).tryEmitValue("answer");
		assertThat(this.asked).containsExactly(0, 1, 2);
		this.answers.get(2).tryEmitError(ConsulFailure.refused("500"));
		assertThat(this.asked).containsExactly(0, 1, 2, 3);
	}

	@Test
	void whenOneThatWaitsIsGivenUpThenItsTurnIsOver() {
		this.queries.get(2).dispose();
		this.queries.get(1).dispose();
		assertThat(this.asked).containsExactly(0, 1, 3);
	}

	@Test
	void whenOneIsGivenUpAfterItsAnswerThenNoPermitIsGained() {
		this.answers.get(0).tryEmitValue("answer");
		this.queries.get(0).dispose();
		assertThat(this.asked).containsExactly(0, 1, 2);
	}

}
