package dev.backend.tcp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.backend.discovery.InMemoryDiscovery;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * {@link TcpHandler#scope} around the callbacks of real connections, and
 * {@link CallbackScope} by itself.
 */
@Timeout(60)
class CallbackScopeTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private static final int THREADS = 3;

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final TestServer server = TestServer.silent();

	private final ExecutorService pool = Executors.newFixedThreadPool(THREADS);

	private @Nullable TcpBackend<Frame> backend;

	@AfterEach
	void closeAll() {
		if (this.backend != null) {
			this.backend.close();
		}
		this.server.close();
		this.pool.shutdownNow();
		MDC.clear();
	}

	private TcpBackend<Frame> start(DispatchMode mode, TcpHandler<Frame> handler) {
		TcpTimings timings = TcpTimings.defaults();
		this.discovery.set(InMemoryDiscovery.instance("game", "game-1", this.server.port()));
		TcpBackend<Frame> backend = TcpBackend.builder()
			.discovery(this.discovery)
			.handlerExecutor(this.pool)
			.settings(TcpSettings.defaults()
				.withDispatch(mode)
				.withTimings(new TcpTimings(timings.connectTimeout(), timings.readyTimeout(), Duration.ofMillis(10),
						Duration.ofMillis(50), timings.stableAfter(), Duration.ofSeconds(2), Duration.ofMillis(10),
						timings.idQuarantine())))
			.build(new Frame.Codec(), handler);
		this.backend = backend;
		backend.start();
		return backend;
	}

	@ParameterizedTest
	@EnumSource(DispatchMode.class)
	void everyCallbackSeesTheEntriesOfItsScopeAndTheThreadKeepsNone(DispatchMode mode) throws Exception {
		Queue<String> seen = new ConcurrentLinkedQueue<>();
		TcpBackend<Frame> backend = start(mode, new TcpHandler<>() {
			@Override
			public CallbackScope scope(TcpService<Frame> service, @Nullable TcpConnection<Frame> connection,
					@Nullable Frame message) {
				assertThat(MDC.get("trace")).isNull();
				return CallbackScope.mdc(Map.of("trace", (message != null) ? message.text() : service.id()));
			}

			@Override
			public void onConnected(TcpConnection<Frame> connection) {
				seen.add("connected " + MDC.get("trace"));
			}

			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) {
				seen.add("message %s %s".formatted(message.text(), MDC.get("trace")));
				throw new IllegalStateException("on purpose");
			}

			@Override
			public void onTick(TcpService<Frame> service) {
				seen.add("tick " + MDC.get("trace"));
			}

			@Override
			public void onDisconnected(TcpConnection<Frame> connection, @Nullable Throwable cause) {
				seen.add("disconnected " + MDC.get("trace"));
			}
		});
		assertThat(backend.awaitReady(LONG)).isTrue();
		TcpService<Frame> service = backend.getService("game", "game-1");
		for (int i = 0; i < 100; i++) {
			this.server.sendToAll(Frame.push("" + i));
		}
		await().until(() -> service.counters().handlerErrors() == 100);
		await().until(() -> seen.contains("tick game-1"));
		this.server.dropConnections();
		await().until(() -> seen.contains("disconnected game-1"));
		backend.close();
		assertThat(seen).contains("connected game-1")
			.allMatch((line) -> line.endsWith("game-1") || line.matches("message (\\d+) \\1"));
		assertThat(leftOnThreads()).containsOnly(Map.of());
	}

	/** What the logging context of each thread of the pool holds. */
	private List<Map<String, String>> leftOnThreads() throws Exception {
		CyclicBarrier all = new CyclicBarrier(THREADS);
		List<Future<Map<String, String>>> futures = new ArrayList<>();
		for (int i = 0; i < THREADS; i++) {
			futures.add(this.pool.submit(() -> {
				all.await();
				Map<String, String> context = MDC.getCopyOfContextMap();
				return (context != null) ? context : Map.of();
			}));
		}
		List<Map<String, String>> result = new ArrayList<>();
		for (Future<Map<String, String>> future : futures) {
			result.add(future.get(20, TimeUnit.SECONDS));
		}
		return result;
	}

	@Test
	void scopeIsOpenedBeforeAndClosedAfterTheCallbackOnItsThread() throws Exception {
		Queue<String> events = new ConcurrentLinkedQueue<>();
		TcpBackend<Frame> backend = start(DispatchMode.ORDERED, new TcpHandler<>() {
			@Override
			public CallbackScope scope(TcpService<Frame> service, @Nullable TcpConnection<Frame> connection,
					@Nullable Frame message) {
				if (message == null) {
					return CallbackScope.none();
				}
				Thread thread = Thread.currentThread();
				events.add("open " + message.text());
				return () -> events.add("close " + (Thread.currentThread() == thread));
			}

			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) {
				events.add("message " + message.text());
			}
		});
		assertThat(backend.awaitReady(LONG)).isTrue();
		this.server.sendToAll(Frame.push("1"));
		this.server.sendToAll(Frame.push("2"));
		await().until(() -> events.size() == 6);
		assertThat(events).containsExactly("open 1", "message 1", "close true", "open 2", "message 2", "close true");
	}

	@ParameterizedTest
	@EnumSource(DispatchMode.class)
	void whenScopeCannotBeOpenedOrClosedThenTheCallbackFailsAndTheNextOneRuns(DispatchMode mode) throws Exception {
		Queue<String> handled = new ConcurrentLinkedQueue<>();
		TcpBackend<Frame> backend = start(mode, new TcpHandler<>() {
			@Override
			public CallbackScope scope(TcpService<Frame> service, @Nullable TcpConnection<Frame> connection,
					@Nullable Frame message) {
				if (message != null && message.text().equals("open")) {
					throw new IllegalStateException("on purpose");
				}
				return () -> {
					if (message != null && message.text().equals("close")) {
						throw new AssertionError("on purpose");
					}
				};
			}

			@Override
			public void onMessage(TcpConnection<Frame> connection, Frame message) {
				handled.add(message.text());
			}
		});
		assertThat(backend.awaitReady(LONG)).isTrue();
		TcpService<Frame> service = backend.getService("game", "game-1");
		for (String text : List.of("open", "close", "last")) {
			this.server.sendToAll(Frame.push(text));
		}
		await().until(() -> handled.size() == 2);
		await().until(() -> service.backlog().size() == 0);
		assertThat(handled).containsExactlyInAnyOrder("close", "last");
		assertThat(service.counters().handlerErrors()).isEqualTo(2);
		assertThat(service.counters().connects()).isEqualTo(1);
	}

	@Test
	void whenScopeOfConnectedCannotBeOpenedThenConnectionIsClosedAndMadeAgain() throws Exception {
		AtomicInteger connected = new AtomicInteger();
		CountDownLatch disconnected = new CountDownLatch(1);
		TcpBackend<Frame> backend = start(DispatchMode.ORDERED, new TcpHandler<>() {
			@Override
			public CallbackScope scope(TcpService<Frame> service, @Nullable TcpConnection<Frame> connection,
					@Nullable Frame message) {
				// Of the second connection, the state is known before it is counted.
				if (service.state() == TcpState.CONNECTED && service.counters().disconnects() == 0) {
					throw new IllegalStateException("on purpose");
				}
				return CallbackScope.none();
			}

			@Override
			public void onConnected(TcpConnection<Frame> connection) {
				connected.incrementAndGet();
			}

			@Override
			public void onDisconnected(TcpConnection<Frame> connection, @Nullable Throwable cause) {
				disconnected.countDown();
			}
		});
		assertThat(disconnected.await(20, TimeUnit.SECONDS)).isTrue();
		TcpFixture.ready(backend);
		assertThat(connected).hasValue(1);
		assertThat(backend.getService("game", "game-1").counters().connects()).isEqualTo(2);
	}

	@Test
	void whatAHandlerThrowsIsLoggedInItsScope() {
		Queue<String> lines = new ConcurrentLinkedQueue<>();
		AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {

			@Override
			protected void append(ILoggingEvent event) {
				lines.add(event.getFormattedMessage() + " " + event.getMDCPropertyMap());
			}

		};
		appender.start();
		Logger logger = (Logger) LoggerFactory.getLogger(ScopedHandler.class);
		logger.addAppender(appender);
		try {
			start(DispatchMode.ORDERED, new TcpHandler<>() {

				@Override
				public CallbackScope scope(TcpService<Frame> service, @Nullable TcpConnection<Frame> connection,
						@Nullable Frame message) {
					return (message != null) ? CallbackScope.mdc(Map.of("trace", message.text()))
							: CallbackScope.none();
				}

				@Override
				public void onMessage(TcpConnection<Frame> connection, Frame message) {
					throw new IllegalStateException("broken");
				}

			});
			this.server.sendToAll(Frame.push("t-1"));
			await().until(() -> !lines.isEmpty());
			assertThat(lines.element()).contains("onMessage failed for game/game-1").endsWith("{trace=t-1}");
		}
		finally {
			logger.detachAppender(appender);
		}
	}

	@Test
	void whenMdcScopeIsClosedThenFormerValuesAreBack() {
		MDC.put("outer", "1");
		Map<String, String> entries = new HashMap<>(Map.of("outer", "2", "inner", "3"));
		CallbackScope scope = CallbackScope.mdc(entries);
		assertThat(MDC.get("outer")).isEqualTo("2");
		assertThat(MDC.get("inner")).isEqualTo("3");
		entries.clear();
		scope.close();
		assertThat(MDC.getCopyOfContextMap()).isEqualTo(Map.of("outer", "1"));
	}

	@Test
	void defaultScopeIsAlwaysTheSameObject() {
		assertThat(CallbackScope.none()).isSameAs(CallbackScope.none());
	}

}
