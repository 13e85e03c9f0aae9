package dev.backend.autoconfigure.observation;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import dev.backend.Route;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.Line;
import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpConnection;
import dev.backend.tcp.TcpHandler;
import dev.backend.tcp.TcpInstrumentation;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistry;
import io.micrometer.observation.tck.TestObservationRegistryAssert;
import io.micrometer.tracing.Span;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.handler.DefaultTracingObservationHandler;
import io.micrometer.tracing.handler.PropagatingReceiverTracingObservationHandler;
import io.micrometer.tracing.handler.PropagatingSenderTracingObservationHandler;
import io.micrometer.tracing.test.simple.SimpleSpan;
import io.micrometer.tracing.test.simple.SimpleTracer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Observations of requests and handlers, and the traces that come of them.
 */
@Timeout(60)
class TcpObservationTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private final EchoServer server = EchoServer.start("game-1");

	private final SimpleTracer tracer = new LinkingTracer();

	private final TestObservationRegistry registry = TestObservationRegistry.create();

	private final RecordingHandler handler = new RecordingHandler(this.tracer);

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class, TcpBackendAutoConfiguration.class,
				TcpObservationAutoConfiguration.class))
		.withPropertyValues("backend.tcp.await-ready=20s", "backend.tcp.drain-timeout=100ms")
		.withBean(InMemoryDiscovery.class, () -> new InMemoryDiscovery(this.server.instance()))
		.withBean(TracedLineCodec.class)
		.withBean(RecordingHandler.class, () -> this.handler);

	private final ApplicationContextRunner observedRunner = this.contextRunner.withBean(ObservationRegistry.class,
			() -> this.registry);

	private final ApplicationContextRunner tracedRunner = this.observedRunner.withBean(Tracer.class, () -> this.tracer);

	@AfterEach
	void stop() {
		this.server.close();
	}

	@Test
	void whenARequestEndsThenSoDoesItsObservation() {
		this.tracedRunner.run((context) -> {
			backend(context).request("game", Route.any(), new Line(1, "a"), LONG).join();
			TestObservationRegistryAssert.assertThat(this.registry)
				.hasSingleObservationThat()
				.hasNameEqualTo("backend.tcp.request")
				.hasContextualNameEqualTo("request game")
				.hasLowCardinalityKeyValue("service.name", "game")
				.hasLowCardinalityKeyValue("outcome", "reply")
				.hasHighCardinalityKeyValue("service.instance", "game-1")
				.doesNotHaveError()
				.hasBeenStopped();
		});
	}

	@Test
	void whenARequestFailsThenItsObservationHasTheError() {
		this.tracedRunner.run((context) -> {
			CompletableFuture<Line> reply = backend(context).request("game", Route.any(), new Line(1, "a push"), LONG);
			reply.cancel(false);
			TestObservationRegistryAssert.assertThat(this.registry)
				.hasObservationWithNameEqualTo("backend.tcp.request")
				.that()
				.hasLowCardinalityKeyValue("outcome", "cancelled")
				.hasError()
				.hasBeenStopped();
		});
	}

	@Test
	void whenNoReplyWillComeThenThatIsNoErrorOfTheObservation() {
		this.tracedRunner.run((context) -> {
			CompletableFuture<Line> reply = backend(context).request("game", Route.any(), new Line(1, "a push"), LONG);
			assertThat(backend(context).getService("game", "game-1").endWithoutReply(reply)).isTrue();
			TestObservationRegistryAssert.assertThat(this.registry)
				.hasObservationWithNameEqualTo("backend.tcp.request")
				.that()
				.hasLowCardinalityKeyValue("outcome", "no_reply")
				.doesNotHaveError()
				.hasBeenStopped();
		});
	}

	@Test
	void theTraceOfARequestCrossesTheWireAndGoesOnInTheHandler() {
		trace();
		this.tracedRunner.run((context) -> {
			Observation.createNotStarted("parent", this.registry)
				.observe(() -> backend(context).request("game", Route.any(), new Line(1, "a push"), LONG));
			String trace = this.handler.traces.poll(20, TimeUnit.SECONDS);
			List<SimpleSpan> spans = List.copyOf(this.tracer.getSpans());
			assertThat(spans).extracting(SimpleSpan::getKind)
				.containsExactly(null, Span.Kind.CLIENT, Span.Kind.CONSUMER);
			assertThat(trace).isEqualTo(spans.get(0).context().traceId());
			assertThat(spans.get(1).context().parentId()).isEqualTo(spans.get(0).context().spanId());
			assertThat(spans.get(2).context().parentId()).isEqualTo(spans.get(1).context().spanId());
			assertThat(this.handler.traces).isEmpty();
			await().atMost(LONG)
				.untilAsserted(() -> TestObservationRegistryAssert.assertThat(this.registry)
					.hasObservationWithNameEqualTo("backend.tcp.message")
					.that()
					.hasLowCardinalityKeyValue("service.name", "game")
					.hasHighCardinalityKeyValue("service.instance", "game-1")
					.doesNotHaveError()
					.hasBeenStopped());
		});
	}

	@Test
	void whenTheHandlerThrowsThenItsObservationHasTheErrorAndIsOver() {
		trace();
		this.handler.failure = new IllegalStateException("broken");
		this.tracedRunner.run((context) -> {
			backend(context).request("game", Route.any(), new Line(1, "a push"), LONG);
			await().atMost(LONG)
				.untilAsserted(() -> TestObservationRegistryAssert.assertThat(this.registry)
					.hasObservationWithNameEqualTo("backend.tcp.message")
					.that()
					.thenError()
					.hasMessage("broken"));
			assertThat(backend(context).group("game").counters().handlerErrors()).isEqualTo(1);
			await().atMost(LONG)
				.untilAsserted(() -> TestObservationRegistryAssert.assertThat(this.registry)
					.hasObservationWithNameEqualTo("backend.tcp.message")
					.that()
					.hasBeenStopped());
		});
	}

	@Test
	void observationsNeedATracerOrTheProperty() {
		this.observedRunner.run((context) -> assertThat(context).doesNotHaveBean(TcpInstrumentation.class));
		this.observedRunner.withPropertyValues("backend.tcp.observations.enabled=true")
			.run((context) -> assertThat(context).hasSingleBean(TcpInstrumentation.class));
		this.tracedRunner.withPropertyValues("backend.tcp.observations.enabled=false")
			.run((context) -> assertThat(context).doesNotHaveBean(TcpInstrumentation.class));
		this.contextRunner.withPropertyValues("backend.tcp.observations.enabled=true")
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(TcpInstrumentation.class));
		this.contextRunner.withClassLoader(new FilteredClassLoader("io.micrometer"))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean(TcpInstrumentation.class));
	}

	private void trace() {
		IdsPropagator propagator = new IdsPropagator(this.tracer);
		this.registry.observationConfig()
			.observationHandler(new ObservationHandler.FirstMatchingCompositeObservationHandler(
					new PropagatingSenderTracingObservationHandler<>(this.tracer, propagator),
					new PropagatingReceiverTracingObservationHandler<>(this.tracer, propagator),
					new DefaultTracingObservationHandler(this.tracer)));
	}

	@SuppressWarnings("unchecked")
	private static TcpBackend<Line> backend(ApplicationContext context) {
		return context.getBean("tcpBackend", TcpBackend.class);
	}

	static final class RecordingHandler implements TcpHandler<Line> {

		final BlockingQueue<String> traces = new LinkedBlockingQueue<>();

		private final Tracer tracer;

		volatile @Nullable RuntimeException failure;

		RecordingHandler(Tracer tracer) {
			this.tracer = tracer;
		}

		@Override
		public void onMessage(TcpConnection<Line> connection, Line message) {
			Span span = this.tracer.currentSpan();
			this.traces.add((span != null) ? span.context().traceId() : "none");
			RuntimeException failure = this.failure;
			if (failure != null) {
				throw failure;
			}
		}

	}

}
