package dev.backend.tcp;

import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.ConnectionLostException;
import dev.backend.Route;
import dev.backend.discovery.InMemoryDiscovery;
import dev.backend.discovery.InstanceFilter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static dev.backend.tcp.TcpFixture.instance;
import static dev.backend.tcp.TwoServices.assertAnswered;
import static dev.backend.tcp.TwoServices.assertOthersUntouched;
import static dev.backend.tcp.TwoServices.assertSameConnection;
import static dev.backend.tcp.TwoServices.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * Listeners, observers of requests, factories and filters that throw: what they look at
 * goes on without them, and the others are asked and told all the same.
 */
@Timeout(60)
class ThrowingHooksTests {

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	private final TwoServices services = new TwoServices(this.tcp);

	@ParameterizedTest
	@EnumSource
	void whenEveryMethodOfAListenerThrowsThenTheNextListenerHearsAllAndNothingStops(Trouble trouble) throws Exception {
		Queue<String> heard = new ConcurrentLinkedQueue<>();
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(fast(), this.services.handler(),
				new Listener((event) -> trouble.strike()), new Listener(heard::add)));
		assertSameConnection(backend);
		this.services.troubled().dropConnections();
		await().until(() -> Collections.frequency(heard, "ready game-1") == 2);
		assertAnswered(backend);
		this.tcp.discover(InMemoryDiscovery.instance("chat", "1", this.services.other().port()));
		this.services.troubled().stop();
		await().until(() -> heard.contains("removed game-1"));
		assertThat(heard).filteredOn((event) -> event.endsWith("game-1") && !event.contains("bytes"))
			.containsExactly("added game-1", "connected game-1", "ready game-1", "disconnected game-1",
					"connected game-1", "ready game-1", "disconnected game-1", "removed game-1");
		assertThat(heard).contains("bytes sent game-1", "bytes received game-1");
		assertOthersUntouched(backend);
	}

	/** Tells all that it hears. */
	private record Listener(Consumer<String> told) implements BackendListener {

		private void hear(String event, BackendService service) {
			this.told.accept(event + " " + service.id());
		}

		@Override
		public void onAdded(BackendService service) {
			hear("added", service);
		}

		@Override
		public void onRemoved(BackendService service) {
			hear("removed", service);
		}

		@Override
		public void onConnected(BackendService service) {
			hear("connected", service);
		}

		@Override
		public void onReady(BackendService service) {
			hear("ready", service);
		}

		@Override
		public void onDisconnected(BackendService service, @Nullable Throwable cause) {
			hear("disconnected", service);
		}

		@Override
		public void onSent(BackendService service, int bytes) {
			hear("bytes sent", service);
		}

		@Override
		public void onReceived(BackendService service, int bytes) {
			hear("bytes received", service);
		}

	}

	static Stream<RequestObserver<Frame>> brokenObservers() {
		return Stream.of(Trouble.values())
			.flatMap((trouble) -> Stream.of((service, message) -> trouble.strike(),
					(service, message) -> (outcome, failure, nanos) -> trouble.strike(),
					(service, message) -> new RequestObservation<>() {
						@Override
						public Frame message(Frame message) {
							return trouble.strike();
						}

						@Override
						public void ended(RequestOutcome outcome, @Nullable Throwable failure, long nanos) {
							trouble.strike();
						}
					}));
	}

	@ParameterizedTest
	@MethodSource("brokenObservers")
	void whenAnObserverOfRequestsThrowsThenTheyEndAllTheSameAndTheOthersAreTold(RequestObserver<Frame> broken)
			throws Exception {
		AtomicInteger told = new AtomicInteger();
		RequestObserver<Frame> counting = (service, message) -> (outcome, failure, nanos) -> told.incrementAndGet();
		TestServer silent = this.tcp.server(TestServer.silent());
		this.tcp.discover(instance("game-1", silent),
				InMemoryDiscovery.instance("chat", "1", this.services.other().port()));
		TcpBackend<Frame> backend = this.services.start(new Frame.Codec(), this.services.handler());
		backend.observeRequests(broken);
		assertThat(backend.request("chat", Route.any(), Frame.request(1, "alone"), LONG)).succeedsWithin(LONG);
		backend.observeRequests(counting);
		backend.observeRequests(broken);
		assertThat(backend.request("chat", Route.any(), Frame.request(1, "x"), LONG)).succeedsWithin(LONG);
		List<CompletableFuture<Frame>> lost = IntStream.range(0, 10)
			.mapToObj((i) -> request(backend, i, "never answered"))
			.toList();
		await().until(() -> silent.received().size() == 10);
		silent.dropConnections();
		lost.forEach((request) -> assertThat(request).failsWithin(LONG)
			.withThrowableThat()
			.withCauseInstanceOf(ConnectionLostException.class));
		assertThat(told).hasValue(11);
		await().until(() -> backend.group("game").counters().connects() == 2);
		assertOthersUntouched(backend);
	}

	@ParameterizedTest
	@EnumSource
	void whenTheFactoryOfAnInfoThrowsThenThatServiceHasNone(Trouble trouble) throws Exception {
		TcpBackend<Frame> backend = TcpFixture
			.ready(this.tcp.start(new Frame.Codec(), this.services.handler(), (builder) -> builder
				.infoFactory((config) -> config.id().equals("game-1") ? trouble.strike() : "info")));
		assertThatExceptionOfType(IllegalStateException.class)
			.isThrownBy(() -> backend.getService("game", "game-1").info(String.class))
			.withMessageContaining("game/game-1")
			.withMessageContaining("none (expected: java.lang.String)");
		assertThat(backend.getService("chat", "1").info(String.class)).isEqualTo("info");
		assertSameConnection(backend);
	}

	@ParameterizedTest
	@EnumSource
	void whenTheFilterThrowsForAnEntryThenOnlyThatIsLeftOutUntilItDoesNot(Trouble trouble) throws Exception {
		TestServer late = this.tcp.server(TestServer.echo(""));
		AtomicInteger calls = new AtomicInteger();
		InstanceFilter tcp = InstanceFilter.forSchemes(List.of("tcp"));
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(new Frame.Codec(), this.services.handler(),
				(builder) -> builder
					.filter((instance) -> (instance.id().equals("game-2") && calls.incrementAndGet() == 1)
							? trouble.strike() : tcp.map(instance))));
		Runnable snapshot = () -> this.tcp.discover(instance("game-2", late),
				instance("game-1", this.services.troubled()),
				InMemoryDiscovery.instance("chat", "1", this.services.other().port()),
				InMemoryDiscovery.instance("chat", "2", this.services.other().port()));
		snapshot.run();
		await().until(() -> backend.findService("chat", "2") != null);
		assertThat(calls).hasValue(1);
		assertThat(backend.findService("game", "game-2")).isNull();
		snapshot.run();
		await().until(() -> backend.findService("game", "game-2") != null);
		assertThat(backend.awaitReady(LONG)).isTrue();
		assertAnswered(backend);
		assertThat(backend.group("chat").counters().disconnects()).isZero();
	}

}
