package dev.backend.tcp;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

import dev.backend.ConnectionLostException;
import dev.backend.RequestTimeoutException;
import dev.backend.SendRejectedException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.backend.tcp.TcpFixture.fast;
import static dev.backend.tcp.TcpFixture.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Requests at random over real sockets, to servers that answer late, twice, to nobody, in
 * bursts or not at all, and drop connections, while callers time out, cancel and complete
 * on their own. {@code -Dfaults.seed} repeats a run; {@code -Dfaults.storm.requests}, by
 * default 6,000 of each caller, makes it longer.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class RequestStormTests {

	private static final int REQUESTS = Integer.getInteger("faults.storm.requests", 6_000);

	private static final int CALLERS = 3;

	private static final int IN_FLIGHT = 300;

	private static final List<Class<? extends Throwable>> ENDS = List.of(RequestTimeoutException.class,
			ConnectionLostException.class, SendRejectedException.class, CancellationException.class);

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	private final ExecutorService callers = Executors.newFixedThreadPool(CALLERS);

	private final ScheduledExecutorService canceller = Executors.newSingleThreadScheduledExecutor();

	private final Semaphore inFlight = new Semaphore(IN_FLIGHT);

	private final AtomicLong ids = new AtomicLong();

	private final Map<String, LongAdder> ends = new ConcurrentHashMap<>();

	private final Map<RequestOutcome, LongAdder> observed = new ConcurrentHashMap<>();

	private final Queue<String> errors = new ConcurrentLinkedQueue<>();

	private final AtomicInteger handled = new AtomicInteger();

	static LongStream seeds() {
		Long seed = Long.getLong("faults.seed");
		return (seed != null) ? LongStream.of(seed) : LongStream.of(1, 2);
	}

	@AfterEach
	void shutDown() {
		this.callers.shutdownNow();
		this.canceller.shutdownNow();
	}

	@ParameterizedTest(name = "seed {0}")
	@MethodSource("seeds")
	void whenRepliesAreLateDoubledUnknownOrLostThenEachRequestIsSettledOnceAndTheCountersAddUp(long seed)
			throws Exception {
		try (StormServer one = new StormServer(seed); StormServer two = new StormServer(~seed)) {
			this.tcp.discover(instance("game-1", one.server()), instance("game-2", two.server()));
			TcpBackend<Frame> backend = this.tcp.start(settings(), new TcpHandler<>() {
				@Override
				public void onMessage(TcpConnection<Frame> connection, Frame message) {
					RequestStormTests.this.handled.incrementAndGet();
				}
			});
			backend.observeRequests((service, message) -> this::observe);
			TcpFixture.ready(backend);
			List<TcpService<Frame>> services = List.of(backend.getService("game", "game-1"),
					backend.getService("game", "game-2"));
			List<Future<?>> calls = IntStream.range(0, CALLERS)
				.<Future<?>>mapToObj((caller) -> this.callers
					.submit(() -> call(services, new SplittableRandom(seed * CALLERS + caller))))
				.toList();
			for (Future<?> call : calls) {
				call.get();
			}
			assertThat(this.inFlight.tryAcquire(IN_FLIGHT, 60, TimeUnit.SECONDS)).as("all settled").isTrue();
			one.calm();
			two.calm();
			requireSums(backend.group("game").counters(), services);
		}
	}

	private static TcpSettings settings() {
		// Small enough that each of them is reached.
		return fast().withLimits(TcpLimits.defaults()
			.withQueuedMessages(128)
			.withOutboundBytes(64 * 1024)
			.withPendingRequests(160)
			.withInboundMessages(16)
			.withConcurrentDials(4));
	}

	private @Nullable Object call(List<TcpService<Frame>> services, SplittableRandom random)
			throws InterruptedException {
		for (int i = 0; i < REQUESTS; i++) {
			this.inFlight.acquire();
			// One of fifty takes an id that may be pending.
			long id = (random.nextInt(50) > 0) ? this.ids.incrementAndGet() : this.ids.get() - random.nextInt(50);
			CompletableFuture<Frame> reply = services.get(random.nextInt(2))
				.request(Frame.request(id, "to " + id), Duration.ofMillis(1 + random.nextInt(200)));
			reply.whenComplete((frame, failure) -> settled(id, frame, failure));
			interfere(reply, random);
		}
		return null;
	}

	private void interfere(CompletableFuture<Frame> reply, SplittableRandom random) {
		int micros = random.nextInt(40_000);
		switch (random.nextInt(10)) {
			case 0, 1 -> this.canceller.schedule(() -> reply.cancel(false), micros, TimeUnit.MICROSECONDS);
			case 2 -> reply.cancel(false);
			case 3 -> this.canceller.schedule(() -> reply.complete(Frame.push("own")), micros, TimeUnit.MICROSECONDS);
			case 4 -> reply.completeOnTimeout(Frame.push("own"), micros, TimeUnit.MICROSECONDS);
			default -> {
				// Nobody interferes.
			}
		}
	}

	private void settled(long id, @Nullable Frame frame, @Nullable Throwable failure) {
		if (frame != null) {
			if (frame.kind() == Frame.REPLY && frame.id() != id) {
				this.errors.add("request %d was answered with %s".formatted(id, frame));
			}
			count(this.ends, (frame.kind() == Frame.REPLY) ? "reply" : "own");
		}
		else if (failure != null) {
			if (!ENDS.contains(failure.getClass())) {
				this.errors.add("request %d ended with %s".formatted(id, failure));
			}
			count(this.ends, failure.getClass().getSimpleName());
		}
		if (failure instanceof SendRejectedException) {
			// Lest most of them are refused, and at once.
			this.canceller.schedule(() -> this.inFlight.release(), 20, TimeUnit.MILLISECONDS);
		}
		else {
			this.inFlight.release();
		}
	}

	private void observe(RequestOutcome outcome, @Nullable Throwable failure, long nanos) {
		count(this.observed, outcome);
	}

	private static <K> void count(Map<K, LongAdder> counts, K key) {
		counts.computeIfAbsent(key, (unused) -> new LongAdder()).increment();
	}

	private static <K> long sum(Map<K, LongAdder> counts, K key) {
		LongAdder count = counts.get(key);
		return (count != null) ? count.sum() : 0;
	}

	private void requireSums(TcpCounters counters, List<TcpService<Frame>> services) {
		assertThat(this.errors).isEmpty();
		long own = sum(this.ends, "CancellationException") + sum(this.ends, "own");
		await().untilAsserted(() -> {
			assertThat(this.ends.values().stream().mapToLong(LongAdder::sum).sum()).isEqualTo(REQUESTS * CALLERS);
			assertThat(counters.replies()).as("replies").isEqualTo(sum(this.ends, "reply"));
			assertThat(counters.timeouts()).as("timeouts").isEqualTo(sum(this.ends, "RequestTimeoutException"));
			assertThat(counters.lost()).as("lost").isEqualTo(sum(this.ends, "ConnectionLostException"));
			assertThat(counters.rejected()).as("rejected").isEqualTo(sum(this.ends, "SendRejectedException"));
			assertThat(sum(this.observed, RequestOutcome.REPLY)).isEqualTo(counters.replies());
			assertThat(sum(this.observed, RequestOutcome.TIMEOUT)).isEqualTo(counters.timeouts());
			assertThat(sum(this.observed, RequestOutcome.LOST)).isEqualTo(counters.lost());
			assertThat(sum(this.observed, RequestOutcome.REJECTED)).isEqualTo(counters.rejected());
			assertThat(sum(this.observed, RequestOutcome.CANCELLED)).isEqualTo(own);
			assertThat(counters.unmatchedReplies()).as("unmatched").isEqualTo(this.handled.get());
			assertThat(counters.receivedMessages()).as("received")
				.isEqualTo(counters.replies() + counters.unmatchedReplies());
			assertThat(services).allSatisfy((service) -> {
				assertThat(service.pendingRequests()).isZero();
				assertThat(service.queuedMessages()).isZero();
			});
		});
		// What there is to be settled in each way was.
		assertThat(this.ends.keySet()).containsExactlyInAnyOrder("reply", "own", "RequestTimeoutException",
				"ConnectionLostException", "SendRejectedException", "CancellationException");
		assertThat(counters.disconnects()).isBetween(counters.connects() - 2, counters.connects());
		System.out.printf("%s, %d unmatched, %d connects%n", this.ends, counters.unmatchedReplies(),
				counters.connects());
	}

}
