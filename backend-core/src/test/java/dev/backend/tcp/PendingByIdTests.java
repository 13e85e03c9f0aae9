package dev.backend.tcp;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link PendingById} against a {@link HashMap}.
 */
class PendingByIdTests {

	private final PendingById<String> pending = new PendingById<>();

	/** By the id in its own type; whole numbers as {@link Long}. */
	private final Map<Object, RequestFuture<String>> model = new HashMap<>();

	private final List<RequestFuture<String>> handedOver = new ArrayList<>();

	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 3, 4, 5 })
	void behavesAsMap(long seed) {
		Random random = new Random(seed);
		long now = random.nextLong();
		for (int step = 0; step < 50_000; step++) {
			now += random.nextInt(20);
			step(random, now);
			assertThat(this.pending.size()).isEqualTo(this.model.size());
		}
		clear();
	}

	private void step(Random random, long now) {
		int choice = random.nextInt(1_000);
		if (choice < 550) {
			add(id(random), now + random.nextInt(4_000));
		}
		else if (choice < 600) {
			addAndTakeBack(id(random), now + random.nextInt(4_000));
		}
		else if (choice < 950) {
			remove(id(random));
		}
		else if (choice < 998) {
			expire(now);
		}
		else {
			clear();
		}
	}

	/** Few enough that they meet; whole numbers of all types and signs, and text. */
	private static Object id(Random random) {
		int number = random.nextInt(600) - 300;
		return switch (random.nextInt(6)) {
			case 0 -> number;
			case 1 -> (long) number << 40;
			case 2 -> (short) number;
			case 3 -> (byte) number;
			case 4 -> "text " + number;
			default -> (long) number;
		};
	}

	private static Object key(Object id) {
		return (id instanceof Number number) ? number.longValue() : id;
	}

	private RequestFuture<String> request(Object id, long deadline) {
		return new RequestFuture<>(id, "message", deadline);
	}

	private void add(Object id, long deadline) {
		RequestFuture<String> request = request(id, deadline);
		assertThat(this.pending.add(request)).isEqualTo(!this.model.containsKey(key(id)));
		if (this.model.putIfAbsent(key(id), request) == null) {
			request.written();
		}
	}

	private void addAndTakeBack(Object id, long deadline) {
		RequestFuture<String> request = request(id, deadline);
		if (this.pending.add(request)) {
			this.pending.removeLast(request);
			assertThat(this.model).doesNotContainKey(key(id));
		}
	}

	private void remove(Object id) {
		RequestFuture<String> removed = RequestIds.isNumeric(id) ? this.pending.remove(RequestIds.numeric(id))
				: this.pending.remove(id);
		assertThat((Object) removed).isSameAs(this.model.remove(key(id)));
	}

	private void expire(long now) {
		this.handedOver.clear();
		long next = this.pending.expire(now, this.handedOver::add);
		List<RequestFuture<String>> over = this.model.values()
			.stream()
			.filter((request) -> request.deadline() - now <= 0)
			.toList();
		assertThat(this.handedOver).containsExactlyInAnyOrderElementsOf(over);
		this.model.values().removeAll(over);
		assertThat(next).isEqualTo(this.model.values()
			.stream()
			.mapToLong((request) -> request.deadline() - now)
			.min()
			.orElse(Long.MAX_VALUE));
	}

	private void clear() {
		this.handedOver.clear();
		this.pending.clear(this.handedOver::add);
		assertThat(this.handedOver).containsExactlyInAnyOrderElementsOf(this.model.values());
		this.model.clear();
		assertThat(this.pending.size()).isZero();
	}

	@Test
	void whenReplyHasNoIdThenNothingIsFound() {
		@Nullable RequestFuture<String> none = this.pending.remove(null);
		assertThat((Object) none).isNull();
	}

	@Test
	void whenWholeNumbersAreEqualByValueThenTheyAreOneId() {
		RequestFuture<String> request = request(7, 0);
		assertThat(this.pending.add(request)).isTrue();
		assertThat(this.pending.add(request(7L, 0))).isFalse();
		assertThat(this.pending.add(request("7", 0))).isTrue();
		assertThat((Object) this.pending.remove((byte) 7)).isSameAs(request);
	}

	@Test
	void whenRequestIsCancelledThenItsIdIsTakenUntilItsDeadline() {
		RequestFuture<String> request = request(7, 100);
		this.pending.add(request);
		request.cancel(false);
		assertThat(this.pending.add(request(7, 200))).isFalse();
		this.pending.expire(100, this.handedOver::add);
		assertThat(this.handedOver).hasSize(1);
		assertThat(this.pending.add(request(7, 200))).isTrue();
	}

}
