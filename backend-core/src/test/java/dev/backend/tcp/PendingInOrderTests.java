package dev.backend.tcp;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link PendingInOrder} against a list.
 */
class PendingInOrderTests {

	private static final TcpSettings SETTINGS = TcpSettings.defaults();

	private final PendingInOrder<String> pending = new PendingInOrder<>();

	/** The places: a request, or {@code null} for a reply that nobody waits for. */
	private final List<@Nullable RequestFuture<String>> model = new ArrayList<>();

	private final List<RequestFuture<String>> handedOver = new ArrayList<>();

	private long now = Long.MAX_VALUE - 50_000;

	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 3, 4, 5 })
	void behavesAsQueueInWhichWhatIsGivenUpKeepsItsPlace(long seed) {
		Random random = new Random(seed);
		for (int step = 0; step < 15_000; step++) {
			this.now += random.nextInt(10);
			step(random);
			assertThat(this.pending.size()).isEqualTo(this.model.size());
		}
		clear();
	}

	private void step(Random random) {
		int choice = random.nextInt(1_000);
		if (choice < 450) {
			add(this.now + random.nextInt(500));
		}
		else if (choice < 500) {
			this.pending.addUnawaited();
			this.model.add(null);
		}
		else if (choice < 550) {
			RequestFuture<String> request = request(this.now);
			this.pending.add(request, this.now);
			this.pending.release(request);
		}
		else if (choice < 750) {
			remove();
		}
		else if (choice < 998 && !this.model.isEmpty()) {
			int place = random.nextInt(this.model.size());
			RequestFuture<String> request = this.model.get(place);
			if (request != null && choice < 850) {
				end(request);
				this.pending.giveUp(request, this.now, SETTINGS);
			}
			else if (request != null && !request.isDone() && choice < 990) {
				this.pending.release(request);
				this.pending.release(request);
				this.model.remove(place);
			}
			else {
				expire();
			}
		}
		else {
			clear();
		}
	}

	private static void end(RequestFuture<String> request) {
		request.completeExceptionally(new IllegalStateException("expected by this test"));
	}

	private static RequestFuture<String> request(long deadline) {
		return new RequestFuture<>(null, "message", deadline);
	}

	private void add(long deadline) {
		RequestFuture<String> request = request(deadline);
		assertThat(this.pending.add(request, this.now)).isTrue();
		this.model.add(request);
	}

	private void remove() {
		RequestFuture<String> removed = this.pending.remove(null);
		if (this.model.isEmpty()) {
			assertThat((Object) removed).isNull();
			return;
		}
		RequestFuture<String> expected = this.model.remove(0);
		assertThat((Object) removed).isNotNull();
		assertThat(removed != null && this.pending.isUnawaited(removed)).isEqualTo(expected == null);
		if (expected != null && expected.isDone()) {
			assertThat(removed != null && removed.reply("late")).isFalse();
		}
		else if (expected != null) {
			assertThat((Object) removed).isSameAs(expected);
		}
	}

	private List<RequestFuture<String>> waiting() {
		List<RequestFuture<String>> waiting = new ArrayList<>();
		for (RequestFuture<String> request : this.model) {
			if (request != null && !request.isDone()) {
				waiting.add(request);
			}
		}
		return waiting;
	}

	private void expire() {
		List<RequestFuture<String>> waiting = waiting();
		List<RequestFuture<String>> over = waiting.stream()
			.filter((request) -> request.deadline() - this.now <= 0)
			.toList();
		this.handedOver.clear();
		long next = this.pending.expire(this.now, SETTINGS, (request) -> {
			this.handedOver.add(request);
			end(request);
		});
		assertThat(this.handedOver).containsExactlyInAnyOrderElementsOf(over);
		assertThat(next).isPositive()
			.isLessThanOrEqualTo(waiting.stream()
				.mapToLong((request) -> request.deadline() - this.now)
				.filter((left) -> left > 0)
				.min()
				.orElse(Long.MAX_VALUE));
	}

	private void clear() {
		this.handedOver.clear();
		this.pending.clear((request) -> {
			if (!request.isDone()) {
				this.handedOver.add(request);
			}
		});
		assertThat(this.handedOver).isEqualTo(waiting());
		this.model.clear();
		assertThat(this.pending.size()).isZero();
	}

	@Test
	void whenTheOldestWaitsAndAllOthersAreReleasedThenTheRingDoesNotGrow() {
		add(Long.MAX_VALUE);
		RequestFuture<String> last = request(Long.MAX_VALUE);
		this.pending.add(last, this.now);
		for (int i = 0; i < 100_000; i++) {
			RequestFuture<String> next = request(Long.MAX_VALUE);
			this.pending.add(next, this.now);
			this.pending.release(last);
			last = next;
		}
		assertThat(this.pending.size()).isEqualTo(2);
		assertThat(this.pending.capacity()).isEqualTo(16);
	}

	@Test
	void whenNothingIsDueThenASweepLooksAtNoRequest() {
		CountedRequest.Looks looks = new CountedRequest.Looks();
		for (int i = 0; i < 65_536; i++) {
			this.pending.add(new CountedRequest<>(0L, "message", 1_000 + i, looks), 0);
		}
		looks.count = 0;
		for (int now = 0; now < 1_000; now++) {
			assertThat(this.pending.expire(now, SETTINGS, this.handedOver::add)).isEqualTo(1_000 - now);
		}
		assertThat(looks.count).isZero();
	}

	@Test
	void whenSomeAreDueThenASweepLooksAtTheirBlocksOnly() {
		CountedRequest.Looks looks = new CountedRequest.Looks();
		int count = 65_536;
		for (int i = 0; i < count; i++) {
			this.pending.add(new CountedRequest<>(0L, "message", i + 1, looks), 0);
		}
		looks.count = 0;
		for (int now = 10; now < count + 10; now += 10) {
			this.pending.expire(now, SETTINGS, this.handedOver::add);
		}
		assertThat(this.handedOver).hasSize(count);
		assertThat(looks.count).isLessThan(8L * count);
	}

	/** As for a gauge. */
	@Test
	void whenOtherThreadsAskForTheSizeThenItIsOneThatItHad() throws Exception {
		AtomicBoolean done = new AtomicBoolean();
		CompletableFuture<List<Integer>> sizes = CompletableFuture.supplyAsync(() -> {
			int least = 0;
			int most = 0;
			while (!done.get()) {
				int size = this.pending.size();
				least = Math.min(least, size);
				most = Math.max(most, size);
			}
			return List.of(least, most);
		}, (task) -> new Thread(task).start());
		for (int i = 0; i < 1_000_000; i++) {
			RequestFuture<String> first = new RequestFuture<>(null, "first", i);
			RequestFuture<String> second = new RequestFuture<>(null, "second", i);
			this.pending.add(first, 0);
			this.pending.add(second, 0);
			this.pending.add(new RequestFuture<>(null, "third", i), 0);
			this.pending.release(second);
			this.pending.remove(null);
			this.pending.remove(null);
		}
		done.set(true);
		assertThat(sizes.get()).allSatisfy((size) -> assertThat(size).isBetween(0, 3));
	}

}
