package dev.backend.autoconfigure;

import java.time.Duration;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import dev.backend.tcp.TcpBackend;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.beans.factory.ObjectProvider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.then;
import static org.mockito.BDDMockito.willAnswer;
import static org.mockito.BDDMockito.willThrow;
import static org.mockito.Mockito.mock;

@Timeout(60)
class BackendLifecycleTests {

	private final TcpBackend<?> first = mock();

	private final TcpBackend<?> second = mock();

	private final ObjectProvider<TcpBackend<?>> backends = mock();

	private final BackendLifecycle lifecycle = new BackendLifecycle(this.backends, "tcp", Duration.ZERO);

	@Test
	void whenABackendCannotBeStoppedThenTheOthersAre() {
		given(this.backends.orderedStream()).willReturn(Stream.of(this.first, this.second));
		willThrow(new IllegalStateException("forced")).given(this.first).stop();
		this.lifecycle.stop();
		then(this.second).should().stop();
		given(this.backends.orderedStream()).willReturn(Stream.of(this.first));
		this.lifecycle.stop();
		assertThat(this.lifecycle.isRunning()).isFalse();
	}

	@Test
	void severalBackendsAreStoppedAtTheSameTime() throws Exception {
		given(this.backends.orderedStream()).willReturn(Stream.of(this.first, this.second));
		CyclicBarrier together = new CyclicBarrier(2);
		AtomicInteger stopped = new AtomicInteger();
		for (TcpBackend<?> backend : new TcpBackend<?>[] { this.first, this.second }) {
			willAnswer((call) -> {
				together.await(30, TimeUnit.SECONDS);
				stopped.incrementAndGet();
				return null;
			}).given(backend).stop();
		}
		this.lifecycle.stop();
		assertThat(stopped).hasValue(2);
	}

}
