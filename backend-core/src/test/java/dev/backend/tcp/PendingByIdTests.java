package dev.backend.tcp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link PendingById}, with its {@link RequestTable} and {@link IdQuarantine}, against
 * two maps.
 */
class PendingByIdTests {

	private static final int BOUND = 60;

	private static final int BITS = 8;

	private static final long QUARANTINE_NANOS = 3_000;

	private final PendingById<String> pending = new PendingById<>();

	/** By the id in its own type; whole numbers as {@link Long}. */
	private final Map<Object, RequestFuture<String>> model = new HashMap<>();

	/** Until when ids that were given up are not free, the oldest first. */
	private final Map<Object, Long> quarantine = new LinkedHashMap<>();

	private final List<RequestFuture<String>> handedOver = new ArrayList<>();

	private TcpSettings settings = settings(Duration.ofNanos(QUARANTINE_NANOS), BOUND);

	private long now;

	/** The id that was given out last. */
	private long lastId;

	private static TcpSettings settings(Duration quarantine, int bound) {
		TcpTimings timings = TcpTimings.defaults();
		TcpLimits limits = TcpLimits.defaults();
		return TcpSettings.defaults()
			.withTimings(new TcpTimings(timings.connectTimeout(), timings.readyTimeout(), timings.backoffInitial(),
					timings.backoffMax(), timings.stableAfter(), timings.drainTimeout(), timings.tickInterval(),
					quarantine))
			.withLimits(limits.withPendingRequests(bound));
	}

	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 3, 4, 5 })
	void behavesAsMapsOfWhatIsPendingAndOfWhatIsInQuarantine(long seed) {
		Random random = new Random(seed);
		this.now = random.nextLong();
		for (int step = 0; step < 20_000; step++) {
			this.now += random.nextInt(20);
			step(random);
			assertThat(this.pending.size()).isEqualTo(this.model.size());
		}
		clear();
	}

	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 3 })
	void givesOutTheNextIdThatIsNeitherPendingNorInQuarantine(long seed) {
		this.settings = settings(Duration.ofNanos(QUARANTINE_NANOS), 200);
		Random random = new Random(seed);
		this.now = random.nextLong();
		int refused = 0;
		for (int step = 0; step < 20_000; step++) {
			this.now += random.nextInt(20);
			int choice = random.nextInt(100);
			long id = 1 + random.nextInt(255);
			if (choice < 60) {
				refused += addWithNewId(this.now + random.nextInt(4_000)) ? 0 : 1;
			}
			else if (choice < 75) {
				remove(id);
			}
			else if (choice < 85) {
				giveUp(id);
			}
			else if (choice < 90) {
				release(id);
			}
			else {
				expire();
			}
			assertThat(this.pending.size()).isEqualTo(this.model.size());
		}
		assertThat(refused).isPositive();
	}

	private void step(Random random) {
		int choice = random.nextInt(1_000);
		if (choice < 500) {
			add(id(random), this.now + random.nextInt(4_000));
		}
		else if (choice < 550) {
			addAndTakeBack(id(random), this.now + random.nextInt(4_000));
		}
		else if (choice < 800) {
			remove(id(random));
		}
		else if (choice < 900) {
			giveUp(id(random));
		}
		else if (choice < 950) {
			release(id(random));
		}
		else if (choice < 998) {
			expire();
		}
		else {
			clear();
		}
	}

	/**
	 * Few enough that they meet; whole numbers of all types and signs, text, and objects
	 * whose hash codes meet each other and the numbers.
	 */
	private static Object id(Random random) {
		int number = random.nextInt(600) - 300;
		return switch (random.nextInt(7)) {
			case 0 -> number;
			case 1 -> (long) number << 40;
			case 2 -> (short) number;
			case 3 -> (byte) number;
			case 4 -> "text " + number;
			case 5 -> new Clash(number);
			default -> (long) number;
		};
	}

	private static Object key(Object id) {
		return (id instanceof Number number) ? number.longValue() : id;
	}

	private RequestFuture<String> request(Object id, long deadline) {
		return new RequestFuture<>(id, "message", deadline);
	}

	private long quarantined(Object id) {
		Long end = this.quarantine.get(key(id));
		return (end != null) ? Math.max(0, end - this.now) : 0;
	}

	private void add(Object id, long deadline) {
		RequestFuture<String> request = request(id, deadline);
		boolean free = !this.model.containsKey(key(id)) && quarantined(id) == 0;
		assertThat(this.pending.add(request, this.now)).isEqualTo(free);
		if (free) {
			this.model.put(key(id), request);
			this.quarantine.remove(key(id));
			request.written(null);
		}
		else {
			assertThat(this.pending.quarantined(request, this.now)).isEqualTo(quarantined(id));
		}
	}

	private boolean addWithNewId(long deadline) {
		RequestFuture<String> request = new RequestFuture<>(null, "message", deadline);
		boolean added = this.pending.addWithNewId(request, BITS, this.now);
		long expected = this.lastId;
		for (int i = 0; i < 255; i++) {
			expected = expected % 255 + 1;
			if (!this.model.containsKey(expected) && quarantined(expected) == 0) {
				assertThat(added).isTrue();
				assertThat(request.number()).isEqualTo(expected);
				this.lastId = expected;
				this.model.put(expected, request);
				this.quarantine.remove(expected);
				request.written(null);
				return true;
			}
		}
		assertThat(added).isFalse();
		return false;
	}

	private void addAndTakeBack(Object id, long deadline) {
		RequestFuture<String> request = request(id, deadline);
		if (this.pending.add(request, this.now)) {
			this.pending.release(request);
			this.quarantine.remove(key(id));
			assertThat(this.model).doesNotContainKey(key(id));
		}
	}

	private void remove(Object id) {
		RequestFuture<String> removed = RequestIds.isNumeric(id) ? this.pending.remove(RequestIds.numeric(id))
				: this.pending.remove(id);
		assertThat((Object) removed).isSameAs(this.model.remove(key(id)));
		if (removed == null) {
			this.quarantine.remove(key(id));
		}
	}

	private void giveUp(Object id) {
		RequestFuture<String> other = request(id, this.now);
		this.pending.giveUp(other, this.now, this.settings);
		RequestFuture<String> request = this.model.remove(key(id));
		if (request != null) {
			this.pending.giveUp(request, this.now, this.settings);
			quarantine(key(id));
		}
	}

	private void release(Object id) {
		RequestFuture<String> request = this.model.remove(key(id));
		if (request != null) {
			this.pending.release(request);
			this.pending.release(request);
		}
	}

	private void quarantine(Object key) {
		this.quarantine.values().removeIf((end) -> end - this.now <= 0);
		while (this.quarantine.size() >= this.settings.limits().pendingRequests()) {
			this.quarantine.remove(this.quarantine.keySet().iterator().next());
		}
		this.quarantine.put(key, this.now + QUARANTINE_NANOS);
	}

	private void expire() {
		this.handedOver.clear();
		long next = this.pending.expire(this.now, this.settings, this.handedOver::add);
		List<RequestFuture<String>> over = this.model.values()
			.stream()
			.filter((request) -> request.deadline() - this.now <= 0)
			.toList();
		assertThat(this.handedOver).containsExactlyInAnyOrderElementsOf(over);
		for (RequestFuture<String> request : this.handedOver) {
			Object id = request.objectId();
			Object key = (id != null) ? id : (Object) request.number();
			this.model.remove(key);
			quarantine(key);
		}
		this.quarantine.values().removeIf((end) -> end - this.now <= 0);
		assertThat(this.pending.quarantined()).isEqualTo(this.quarantine.size());
		long earliest = this.model.values()
			.stream()
			.mapToLong((request) -> request.deadline() - this.now)
			.min()
			.orElse(Long.MAX_VALUE);
		assertThat(next).isPositive().isLessThanOrEqualTo(earliest);
	}

	private void clear() {
		this.handedOver.clear();
		this.pending.clear(this.handedOver::add);
		assertThat(this.handedOver).containsExactlyInAnyOrderElementsOf(this.model.values());
		this.model.clear();
		this.quarantine.clear();
		assertThat(this.pending.size()).isZero();
		assertThat(this.pending.quarantined()).isZero();
	}

	@Test
	void whenReplyHasNoIdThenNothingIsFound() {
		@Nullable RequestFuture<String> none = this.pending.remove(null);
		assertThat((Object) none).isNull();
	}

	@Test
	void whenWholeNumbersAreEqualByValueThenTheyAreOneId() {
		RequestFuture<String> request = request(7, 0);
		assertThat(this.pending.add(request, 0)).isTrue();
		assertThat(this.pending.add(request(7L, 0), 0)).isFalse();
		assertThat(this.pending.add(request("7", 0), 0)).isTrue();
		assertThat((Object) this.pending.remove((byte) 7)).isSameAs(request);
	}

	@Test
	void whenThereIsNoQuarantineThenAnIdThatWasGivenUpIsFreeAtOnce() {
		this.settings = settings(Duration.ZERO, BOUND);
		RequestFuture<String> request = request(7, 100);
		this.pending.add(request, 0);
		this.pending.giveUp(request, 1, this.settings);
		assertThat(this.pending.add(request(7, 200), 1)).isTrue();
	}

	/** Whoever changes the time waits for the ids that have the longer one. */
	@Test
	void whenTheQuarantineIsMadeShorterThenTheNextSweepIsNotBeforeOneOfThemIsOver() {
		for (int id = 0; id < 2; id++) {
			this.settings = settings(Duration.ofNanos((id == 0) ? 30_000 : 1_000), BOUND);
			RequestFuture<String> request = request(id, 100);
			this.pending.add(request, 0);
			this.pending.giveUp(request, 1, this.settings);
		}
		assertThat(this.pending.expire(2_000, this.settings, this.handedOver::add)).isEqualTo(28_001);
		assertThat(this.pending.expire(30_001, this.settings, this.handedOver::add)).isEqualTo(Long.MAX_VALUE);
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 2, 63, 64 })
	void whenIdsHaveSomeWidthThenTheyCountToTheLargestAndBeginAnewAtOne(int bits) {
		long largest = -1L >>> (64 - bits);
		List<Long> ids = new ArrayList<>();
		for (int i = 0; i < 4; i++) {
			RequestFuture<String> request = new RequestFuture<>(null, "message", 0);
			assertThat(this.pending.addWithNewId(request, bits, 0)).isTrue();
			ids.add(request.number());
			this.pending.release(request);
		}
		assertThat(ids)
			.containsExactlyElementsOf((bits == 1) ? List.of(1L, 1L, 1L, 1L)
					: (bits == 2) ? List.of(1L, 2L, 3L, 1L) : List.of(1L, 2L, 3L, 4L))
			.allMatch((id) -> Long.compareUnsigned(id, largest) <= 0);
	}

	@Test
	void whenNothingIsDueThenASweepLooksAtNoRequest() {
		CountedRequest.Looks looks = new CountedRequest.Looks();
		for (int i = 0; i < 65_536; i++) {
			this.pending.add(new CountedRequest<>((long) i, "message", 1_000 + i, looks), 0);
		}
		looks.count = 0;
		for (int now = 0; now < 1_000; now++) {
			assertThat(this.pending.expire(now, this.settings, this.handedOver::add)).isEqualTo(1_000 - now);
		}
		assertThat(looks.count).isZero();
	}

	@Test
	void whenSomeAreDueThenASweepLooksAtTheirBlocksOnly() {
		CountedRequest.Looks looks = new CountedRequest.Looks();
		int count = 65_536;
		for (int i = 0; i < count; i++) {
			this.pending.add(new CountedRequest<>((long) i, "message", i + 1, looks), 0);
		}
		looks.count = 0;
		// As by 6,000 sweeps, of five milliseconds each, in the course of 30 seconds.
		for (int now = 10; this.pending.size() > 0; now += 10) {
			this.pending.expire(now, this.settings, this.handedOver::add);
		}
		assertThat(this.handedOver).hasSize(count);
		assertThat(looks.count).isLessThan(count * 2L * DeadlineBounds.BLOCK);
	}

	/** Hash codes that meet those of others, and small numbers. */
	private record Clash(int number) {

		@Override
		public int hashCode() {
			return this.number & 7;
		}

	}

}
