package dev.backend.tcp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InMemoryDiscovery;
import dev.backend.execution.Backoff;
import dev.backend.execution.Backoff.Jitter;
import dev.backend.test.SlowTest;
import io.netty.channel.Channel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Peers that accept every connection and drop it: how often they are dialled. Other
 * patterns: {@code -Dfaults.seed=…}; more of them: {@code -Dfaults.peers=…}.
 */
@Timeout(120)
@SlowTest
class FlappingTests {

	private static final Logger logger = LoggerFactory.getLogger(FlappingTests.class);

	private static final long SEED = Long.getLong("faults.seed", 20_261_125);

	private static final int PEERS = Integer.getInteger("faults.peers", 300);

	private static final double STABLE = seconds(TcpTimings.defaults().stableAfter());

	private static final double WINDOW = 60;

	private static double seconds(Duration duration) {
		return duration.toNanos() / 1e9;
	}

	/** How long a connection lasts, in seconds. */
	private enum Pattern {

		AT_ONCE {
			@Override
			double age(Random random, int drop, int peer) {
				return 0;
			}
		},

		YOUNG {
			@Override
			double age(Random random, int drop, int peer) {
				return STABLE * random.nextDouble();
			}
		},

		JUST_STABLE {
			@Override
			double age(Random random, int drop, int peer) {
				return STABLE;
			}
		},

		/** Some quick ones, as many as suit the peer, then one that starts over. */
		QUICK_THEN_JUST_STABLE {
			@Override
			double age(Random random, int drop, int peer) {
				return (drop % (2 + peer % 20) == 0) ? STABLE : 0;
			}
		},

		ANY {
			@Override
			double age(Random random, int drop, int peer) {
				double age = random.nextInt(3) * STABLE / 2;
				return age + random.nextInt(2) * 0.1 * random.nextDouble();
			}
		};

		abstract double age(Random random, int drop, int peer);

	}

	/** An hour of each peer, in virtual time. */
	@ParameterizedTest
	@EnumSource
	void whenPeersFlapThenEachIsDialledAtMostOnceASecondOverAnyMinute(Pattern pattern) {
		Random random = new Random(SEED);
		int most = 0;
		long begun = 0;
		for (int peer = 0; peer < PEERS; peer++) {
			double[] dials = dials(pattern, peer, random);
			most = Math.max(most, mostInWindow(dials));
			begun += Arrays.stream(dials).filter((time) -> time < WINDOW).count();
		}
		logger.info("{}: {} dials of a peer in its first minute, {} in the worst minute of any of {} (promised: 60)",
				pattern, begun / (double) PEERS, most, PEERS);
		assertThat(most).as("%s, seed %d", pattern, SEED).isLessThanOrEqualTo(60);
	}

	private static double[] dials(Pattern pattern, int peer, Random random) {
		TcpTimings timings = TcpTimings.defaults();
		Backoff backoff = new Backoff(Jitter.FULL);
		List<Double> dials = new ArrayList<>();
		double now = 0;
		for (int drop = 1; now < 3600; drop++) {
			dials.add(now);
			double age = pattern.age(random, drop, peer);
			now += age;
			if (age >= STABLE) {
				backoff.reset();
			}
			now += backoff.next(timings.backoffInitial(), timings.backoffMax(), random).toNanos() / 1e9;
		}
		return dials.stream().mapToDouble(Double::doubleValue).toArray();
	}

	private static int mostInWindow(double[] times) {
		int most = 0;
		int first = 0;
		for (int last = 0; last < times.length; last++) {
			while (times[last] - times[first] >= WINDOW) {
				first++;
			}
			most = Math.max(most, last - first + 1);
		}
		return most;
	}

	/** One second of the promise is 20 ms here. */
	@Test
	void whenRealPeersFlapThenTheyAreDialledThatSeldom() {
		int count = 10;
		Queue<Long> accepted = new ConcurrentLinkedQueue<>();
		InMemoryDiscovery discovery = new InMemoryDiscovery();
		try (PeerServers servers = new PeerServers(1, (channel) -> {
			accepted.add(System.nanoTime());
			dropSoon(channel);
		});
				TcpBackend<Frame> backend = TcpBackend.builder()
					.discovery(discovery)
					.settings(TcpSettings.defaults().withTimings(scaled()))
					.build(new Frame.Codec(), new RecordingHandler())) {
			discovery.set(IntStream.range(0, count)
				.mapToObj((i) -> InMemoryDiscovery.instance("game", "game-" + i, servers.port(i)))
				.toArray(DiscoveredInstance[]::new));
			backend.start();
			await().atMost(Duration.ofSeconds(30))
				.until(() -> accepted.size() > count
						&& System.nanoTime() - accepted.element() > Duration.ofMillis(2400).toNanos());
			double[] times = accepted.stream().mapToDouble((nanos) -> nanos / 20e6).toArray();
			double most = mostInWindow(times) / (double) count;
			logger.info("{} dials of a flapping peer in the worst minute, 50 times as fast (promised: 60)", most);
			assertThat(most).isLessThanOrEqualTo(60);
		}
	}

	private static void dropSoon(Channel channel) {
		int roll = ThreadLocalRandom.current().nextInt(64);
		channel.eventLoop().schedule(() -> channel.close(), (roll == 0) ? 201 : 0, TimeUnit.MILLISECONDS);
	}

	private static TcpTimings scaled() {
		TcpTimings timings = TcpTimings.defaults();
		return new TcpTimings(timings.connectTimeout(), timings.readyTimeout(), timings.backoffInitial().dividedBy(50),
				timings.backoffMax().dividedBy(50), timings.stableAfter().dividedBy(50), timings.drainTimeout(),
				timings.tickInterval(), timings.idQuarantine());
	}

}
