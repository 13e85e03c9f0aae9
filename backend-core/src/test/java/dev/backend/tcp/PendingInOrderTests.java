package dev.backend.tcp;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link PendingInOrder} against an {@link ArrayDeque}.
 */
class PendingInOrderTests {

	private final PendingInOrder<String> pending = new PendingInOrder<>();

	private final Deque<RequestFuture<String>> model = new ArrayDeque<>();

	private final List<RequestFuture<String>> handedOver = new ArrayList<>();

	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 3 })
	void behavesAsQueueInWhichWhatIsOverKeepsItsPlace(long seed) {
		Random random = new Random(seed);
		long now = Long.MAX_VALUE - 50_000;
		for (int step = 0; step < 20_000; step++) {
			now += random.nextInt(10);
			step(random, now);
			assertThat(this.pending.size()).isEqualTo(this.model.size());
		}
		clear();
	}

	private void step(Random random, long now) {
		int choice = random.nextInt(1_000);
		if (choice < 500) {
			add(now + random.nextInt(500));
		}
		else if (choice < 550) {
			RequestFuture<String> request = request(now);
			this.pending.add(request);
			this.pending.removeLast(request);
		}
		else if (choice < 900) {
			assertThat((Object) this.pending.remove(null)).isSameAs(this.model.pollFirst());
		}
		else if (choice < 950 && !this.model.isEmpty()) {
			this.model.getLast().cancel(false);
		}
		else if (choice < 998) {
			expire(now);
		}
		else {
			clear();
		}
	}

	private static RequestFuture<String> request(long deadline) {
		return new RequestFuture<>(null, "message", deadline);
	}

	private void add(long deadline) {
		RequestFuture<String> request = request(deadline);
		assertThat(this.pending.add(request)).isTrue();
		this.model.addLast(request);
	}

	private void expire(long now) {
		List<RequestFuture<String>> waiting = this.model.stream().filter((request) -> !request.isDone()).toList();
		List<RequestFuture<String>> over = waiting.stream().filter((request) -> request.deadline() - now <= 0).toList();
		this.handedOver.clear();
		long next = this.pending.expire(now, (request) -> {
			this.handedOver.add(request);
			request.completeExceptionally(new IllegalStateException("time-out"));
		});
		assertThat(this.handedOver).isEqualTo(over);
		assertThat(next).isEqualTo(waiting.stream()
			.mapToLong((request) -> request.deadline() - now)
			.filter((left) -> left > 0)
			.min()
			.orElse(Long.MAX_VALUE));
	}

	private void clear() {
		this.handedOver.clear();
		this.pending.clear(this.handedOver::add);
		assertThat(this.handedOver).isEqualTo(List.copyOf(this.model));
		this.model.clear();
		assertThat(this.pending.size()).isZero();
	}

}
