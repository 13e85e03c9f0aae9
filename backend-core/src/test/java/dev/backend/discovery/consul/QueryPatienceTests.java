package dev.backend.discovery.consul;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@ExtendWith(OutputCaptureExtension.class)
class QueryPatienceTests {

	private static final Duration LONG = Duration.ofMinutes(1);

	private static final Duration SHORT = Duration.ofMillis(5);

	private final Scheduler loop = Schedulers.newSingle("query-patience-tests", true);

	@AfterEach
	void end() {
		this.loop.dispose();
	}

	/** As one that fails on another thread at the moment at which it is given up. */
	@Test
	void whenAQueryFailsAfterItWasGivenUpThenThatIsNoError(CapturedOutput output) {
		AtomicReference<CoreSubscriber<? super String>> asker = new AtomicReference<>();
		Mono<String> query = Mono.fromDirect((subscriber) -> {
			asker.set(Operators.toCoreSubscriber(subscriber));
			subscriber.onSubscribe(Operators.emptySubscription());
		});
		Disposable asking = QueryPatience.limit(query, LONG, LONG, this.loop).subscribe();
		asking.dispose();
		asker.get().onError(new IllegalStateException("late"));
		assertThatExceptionOfType(ConsulFailure.class)
			.isThrownBy(() -> QueryPatience.limit(query, SHORT, SHORT, this.loop).block(LONG));
		asker.get().onError(new IllegalStateException("later"));
		assertThat(output.getAll()).isEmpty();
	}

	@Test
	void whenAQueryTakesTooLongThenItFailsWithTheNamedTime() {
		assertThatExceptionOfType(ConsulFailure.class)
			.isThrownBy(() -> QueryPatience.limit(Mono.never(), SHORT, LONG, this.loop).block(LONG))
			.withMessage("no answer for 60000ms")
			.matches(ConsulFailure::unanswered);
	}

	@Test
	void whenAQueryIsAnsweredOrFailsInTimeThenThatComesOnTheLoop() {
		assertThat(QueryPatience.limit(Mono.just("answer"), LONG, LONG, this.loop)
			.map((answer) -> answer + " on " + Thread.currentThread().getName())
			.block(LONG)).startsWith("answer on query-patience-tests");
		assertThatExceptionOfType(ConsulFailure.class).isThrownBy(
				() -> QueryPatience.limit(Mono.error(ConsulFailure.refused("500")), LONG, LONG, this.loop).block(LONG))
			.withMessage("500");
	}

}
