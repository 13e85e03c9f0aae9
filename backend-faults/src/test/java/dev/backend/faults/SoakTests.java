package dev.backend.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.ServiceNotFoundException;
import dev.backend.http.HttpBackend;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpCounters;
import dev.backend.tcp.TcpGroup;
import dev.backend.test.SlowTest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.ResolvableType;
import org.springframework.web.client.RestClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A fleet under load and under random faults for a while, and then in peace: every
 * request has ended once, the rings are as the registry, and nothing has grown since a
 * first, shorter round of the same. The long form is {@code mvn -Psoak}, with
 * {@code -Dsoak.duration=10m} and {@code -Dsoak.seed=…}.
 */
@SlowTest
class SoakTests {

	private static final Duration DURATION = DurationStyle.detectAndParse(System.getProperty("soak.duration", "5s"));

	private static final long SEED = Long.getLong("soak.seed", ThreadLocalRandom.current().nextInt(1_000_000));

	private static final int INSTANCES = Integer.getInteger("soak.instances", 50);

	private static final boolean LONG = DURATION.toMinutes() >= 2;

	/** A short run, after a shorter one, has not yet seen all that is made only once. */
	private static final double HEAP_GROWTH = LONG ? 0.05 : 0.3;

	/** The most threads of a pool, of which idle ones end after 30 s. */
	private static final int THREAD_GROWTH = LONG ? 0 : 32;

	/** Chunks that Netty's allocator may keep for later, some for each thread. */
	private static final long DIRECT_GROWTH = 16L << 20;

	private static final Duration QUIET = Duration.ofSeconds(60);

	private final SoakFleet fleet = new SoakFleet(INSTANCES, 5);

	private final Balance balance = new Balance();

	private final SoakAccounts accounts = new SoakAccounts();

	@AfterEach
	void closeFleet() {
		this.fleet.close();
	}

	@Test
	void whenFaultsAndLoadAreMixedThenEveryRequestEndsOnceAndNothingGrows() throws Exception {
		try (ConfigurableApplicationContext context = start(); ErrorLog log = new ErrorLog()) {
			TcpBackend<Note> tcp = tcp(context);
			HttpBackend http = context.getBean(HttpBackend.class);
			RestClient client = context.getBean(RestClient.Builder.class).build();
			try (SoakLoad load = new SoakLoad(tcp, client, this.accounts, SEED);
					SoakFaults faults = new SoakFaults(this.fleet, List.of(tcp, http), SEED)) {
				awaitPeace(tcp, http);
				round(load, faults, warmUp(), tcp, http);
				SoakMeter before = SoakMeter.read();
				Duration recovery = round(load, faults, DURATION, tcp, http);
				await().atMost(QUIET).until(() -> SoakMeter.threadCountNow() <= before.threadCount() + THREAD_GROWTH);
				SoakMeter after = SoakMeter.read();
				print(faults, recovery, tcp.group(SoakFleet.TCP).counters(), before, after);
				// A half-open connection may be noticed only now, and replaced.
				await().atMost(QUIET).untilAsserted(() -> assertAccounts(tcp));
				assertNothingHasGrown(before, after);
				assertThat(log.errors()).as("seed %d", SEED).isEmpty();
			}
		}
	}

	private static void assertNothingHasGrown(SoakMeter before, SoakMeter after) {
		assertThat(after.heap()).as("seed %d: heap", SEED).isLessThan((long) (before.heap() * (1 + HEAP_GROWTH)));
		assertThat(after.direct()).as("seed %d: direct memory", SEED).isLessThan(before.direct() + DIRECT_GROWTH);
	}

	private static Duration warmUp() {
		Duration most = Duration.ofMinutes(1);
		Duration part = DURATION.dividedBy(2);
		return (part.compareTo(most) < 0) ? part : most;
	}

	private ConfigurableApplicationContext start() {
		List<String> properties = new ArrayList<>(this.fleet.properties());
		properties.add("spring.main.banner-mode=off");
		if (LONG) {
			// Not in a JVM where other tests may look at what is logged.
			properties.add("logging.level.root=warn");
		}
		return new SpringApplicationBuilder(NoteApplication.class).web(WebApplicationType.NONE)
			.initializers((GenericApplicationContext starting) -> {
				starting.registerBean("handler", NoteHandler.class, NoteHandler::new);
				starting.registerBean("balance", Balance.class, () -> this.balance);
			})
			.run(properties.stream().map((property) -> "--" + property).toArray(String[]::new));
	}

	@SuppressWarnings("unchecked")
	private static TcpBackend<Note> tcp(ConfigurableApplicationContext context) {
		return (TcpBackend<Note>) context
			.getBeanProvider(ResolvableType.forClassWithGenerics(TcpBackend.class, Note.class))
			.getObject();
	}

	/** Returns how long it took after the last fault until all was well. */
	private Duration round(SoakLoad load, SoakFaults faults, Duration duration, TcpBackend<Note> tcp, HttpBackend http)
			throws Exception {
		load.start();
		faults.run(duration);
		long healed = System.nanoTime();
		load.stop();
		awaitPeace(tcp, http);
		return Duration.ofNanos(System.nanoTime() - healed);
	}

	/** All is settled, and the rings are as the registry. */
	private void awaitPeace(TcpBackend<Note> tcp, HttpBackend http) {
		await().atMost(QUIET).ignoreExceptionsInstanceOf(ServiceNotFoundException.class).untilAsserted(() -> {
			assertThat(this.accounts.pending()).as("seed %d: pending", SEED).isZero();
			assertThat(tcp.drained()).isEmpty();
			assertThat(tcp.suspended()).isEmpty();
			assertThat(tcp.holds()).isEmpty();
			assertThat(SoakFleet.usable(tcp.group(SoakFleet.TCP).routing().members()))
				.isEqualTo(this.fleet.registered(SoakFleet.TCP));
			assertThat(SoakFleet.usable(http.group(SoakFleet.HTTP).routing().members()))
				.isEqualTo(this.fleet.registered(SoakFleet.HTTP));
			assertThat(this.balance.connected).hasValue(INSTANCES + 5);
			assertThat(this.balance.added).hasValue(INSTANCES + 5);
		});
	}

	private void assertAccounts(TcpBackend<Note> tcp) {
		TcpGroup<Note> group = tcp.group(SoakFleet.TCP);
		this.accounts.assertEqual(group.counters());
		assertThat(group.counters().connects() - group.counters().disconnects()).isEqualTo(INSTANCES);
	}

	private void print(SoakFaults faults, Duration recovery, TcpCounters counters, SoakMeter before, SoakMeter after) {
		Map<String, Object> figures = new LinkedHashMap<>();
		figures.put("seed", SEED);
		figures.put("duration", DURATION);
		figures.putAll(this.accounts.figures());
		faults.counts().forEach((kind, count) -> figures.put("fault " + kind, count));
		figures.put("ms from the last fault to peace", recovery.toMillis());
		figures.put("dials, failed", counters.dials() + ", " + counters.dialFailures());
		figures.put("connects, disconnects", counters.connects() + ", " + counters.disconnects());
		figures.put("closed for silence, no progress",
				counters.closedForSilence() + ", " + counters.closedForNoProgress());
		figures.put("heap in KB, start, end", before.heap() / 1024 + ", " + after.heap() / 1024);
		figures.put("direct memory in KB, start, end", before.direct() / 1024 + ", " + after.direct() / 1024);
		figures.put("threads, start, end", before.threadCount() + ", " + after.threadCount());
		StringBuilder table = new StringBuilder("\nSoak\n");
		figures.forEach((name, value) -> table.append("  %-34s %s%n".formatted(name, value)));
		System.out.println(table);
	}

	/** Counts events that must come in pairs. */
	private static final class Balance implements BackendListener {

		private final AtomicInteger added = new AtomicInteger();

		private final AtomicInteger connected = new AtomicInteger();

		@Override
		public void onAdded(BackendService service) {
			this.added.incrementAndGet();
		}

		@Override
		public void onRemoved(BackendService service) {
			this.added.decrementAndGet();
		}

		@Override
		public void onConnected(BackendService service) {
			this.connected.incrementAndGet();
		}

		@Override
		public void onDisconnected(BackendService service, @Nullable Throwable cause) {
			this.connected.decrementAndGet();
		}

	}

}
