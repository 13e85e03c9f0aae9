package dev.backend.discovery.consul;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;

import dev.backend.discovery.DiscoveryLoop;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

@ExtendWith(OutputCaptureExtension.class)
class QueryLoopTests {

	private static final Duration LONG = Duration.ofMinutes(1);

	private static final Duration SHORT = Duration.ofMillis(5);

	private final DiscoveryLoop thread = new DiscoveryLoop("query-loop-tests");

	private final QueryLoop loop = new QueryLoop(this.thread);

	@AfterEach
	void end() {
		this.thread.close(() -> {
		});
	}

	/** As one that fails on another thread at the moment at which it is given up. */
	@Test
	void whenAQueryFailsAfterItWasGivenUpThenThatIsNoError(CapturedOutput output) {
		AtomicReference<CoreSubscriber<? super String>> asker = new AtomicReference<>();
		Mono<String> query = Mono.fromDirect((subscriber) -> {
			asker.set(Operators.toCoreSubscriber(subscriber));
			subscriber.onSubscribe(Operators.emptySubscription());
		});
		Disposable asking = this.loop.answer(query, LONG, LONG).subscribe();
		asking.dispose();
		asker.get().onError(new IllegalStateException("late"));
		assertThatExceptionOfType(ConsulFailure.class)
			.isThrownBy(() -> this.loop.answer(query, SHORT, SHORT).block(LONG));
		asker.get().onError(new IllegalStateException("later"));
		assertThat(output.getAll()).isEmpty();
	}

	@Test
	void whenAQueryTakesTooLongThenItFailsWithTheNamedTime() {
		assertThatExceptionOfType(ConsulFailure.class)
			.isThrownBy(() -> this.loop.answer(Mono.never(), SHORT, LONG).block(LONG))
			.withMessage("no answer for 1m")
			.matches(ConsulFailure::unanswered);
	}

	@Test
	void whenAQueryIsAnsweredOrFailsInTimeThenThatComesOnTheLoop() {
		assertThat(this.loop.answer(Mono.just("answer"), LONG, LONG)
			.map((answer) -> answer + " on " + Thread.currentThread().getName())
			.block(LONG)).startsWith("answer on query-loop-tests");
		assertThatExceptionOfType(ConsulFailure.class)
			.isThrownBy(() -> this.loop.answer(Mono.error(ConsulFailure.refused("500")), LONG, LONG).block(LONG))
			.withMessage("500");
	}

}
