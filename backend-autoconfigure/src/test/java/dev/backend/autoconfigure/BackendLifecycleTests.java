package dev.backend.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import dev.backend.Availability;
import dev.backend.discovery.DiscoveryStatus;
import dev.backend.discovery.InstanceCounts;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpService;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;
import static org.mockito.BDDMockito.then;
import static org.mockito.BDDMockito.willAnswer;
import static org.mockito.BDDMockito.willReturn;
import static org.mockito.BDDMockito.willThrow;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.never;

@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class BackendLifecycleTests {

	private final TcpBackend<?> first = mock();

	private final TcpBackend<?> second = mock();

	private final ObjectProvider<TcpBackend<?>> backends = mock();

	private final BackendLifecycle lifecycle = new BackendLifecycle(this.backends);

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
	void whenBackendsStartThenTheyAreWaitedForWhenThoseOfAllProtocolsAreStarted() throws Exception {
		given(this.backends.orderedStream()).willReturn(Stream.of(this.first));
		BackendLifecycle starting = new BackendLifecycle(this.backends);
		BackendReadiness readiness = readiness(starting);
		starting.start();
		then(this.first).should().start();
		then(this.first).should(never()).awaitReady(any());
		given(this.first.awaitReady(any())).willReturn(true);
		assertThat(readiness.getPhase()).isGreaterThan(starting.getPhase());
		readiness.start();
		then(this.first).should().awaitReady(any());
	}

	@Test
	void whenTheStartGoesOnThenTheWarningNamesOnlyWhatWasWaitedFor(CapturedOutput output) throws Exception {
		TcpService<?> missing = service(true);
		TcpService<?> suspended = service(false);
		given(this.backends.orderedStream()).willReturn(Stream.of(this.first));
		given(this.first.awaitReady(any())).willReturn(false);
		given(this.first.name()).willReturn("backend-tcp");
		given(this.first.discoveryStatus()).willReturn(DiscoveryStatus.starting("redis key 'games'"));
		given(this.first.instanceCounts()).willReturn(InstanceCounts.of(2));
		willReturn(List.of(missing, suspended)).given(this.first).services();
		startAndWait();
		assertThat(output.getAll().lines()).anyMatch((line) -> line.matches(
				".*backend-tcp: 1 of 2 services are not usable after \\d+m?s \\(backend\\.tcp\\.await-ready=7s\\); "
						+ "goes on without, such as: \\[expected:true .*"));
		assertThat(output).doesNotContain("expected:false");
	}

	@Test
	void whenAnotherBackendTakesAllTheTimeThenOneThatIsReadyIsNotWarnedOf(CapturedOutput output) throws Exception {
		TcpService<?> ready = service(true);
		given(ready.availability()).willReturn(Availability.READY);
		given(this.backends.orderedStream()).willReturn(Stream.of(this.first));
		given(this.first.awaitReady(any())).willReturn(false);
		given(this.first.name()).willReturn("backend-tcp");
		given(this.first.discoveryStatus()).willReturn(DiscoveryStatus.starting("redis key 'games'"));
		given(this.first.instanceCounts()).willReturn(InstanceCounts.of(1));
		willReturn(List.of(ready)).given(this.first).services();
		startAndWait();
		assertThat(output).doesNotContain("backend-tcp");
	}

	@Test
	void whenTheRegistryDoesNotAnswerThenTheWarningSaysSo(CapturedOutput output) throws Exception {
		given(this.backends.orderedStream()).willReturn(Stream.of(this.first));
		given(this.first.name()).willReturn("backend-tcp");
		given(this.first.discoveryStatus()).willReturn(DiscoveryStatus.starting("redis key 'games'"));
		startAndWait();
		assertThat(output.getAll().lines()).anyMatch((line) -> line
			.matches(".*backend-tcp: redis key 'games' has not answered within .*s \\(backend\\.tcp\\.await-ready\\); "
					+ "goes on without"));
	}

	private static BackendReadiness readiness(BackendLifecycle lifecycle) {
		return new BackendReadiness(lifecycle, (backend) -> Duration.ofSeconds(7),
				(backend) -> "backend.tcp.await-ready");
	}

	private void startAndWait() {
		this.lifecycle.start();
		readiness(this.lifecycle).start();
	}

	private static TcpService<?> service(boolean expected) {
		TcpService<?> service = mock();
		given(service.availability()).willReturn(Availability.UNAVAILABLE);
		given(service.expected()).willReturn(expected);
		given(service.toString()).willReturn("expected:" + expected);
		return service;
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
