package dev.backend.tcp;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

import dev.backend.SendResult;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link OutboundQueue}, alone and with racing threads.
 */
@Timeout(60)
class OutboundQueueTests {

	private static final int PRODUCERS = 4;

	private final OutboundQueue<String> queue = new OutboundQueue<>();

	private final AtomicInteger wakeUps = new AtomicInteger();

	private SendResult push(String message, int bound) {
		return this.queue.push(new OutboundMessage<>(message), bound, this.wakeUps::incrementAndGet);
	}

	private static List<String> messages(@Nullable Outbound<String> oldest) {
		List<String> messages = new ArrayList<>();
		for (Outbound<String> node = oldest; node != null; node = node.next()) {
			messages.add(((OutboundMessage<String>) node).message());
		}
		return messages;
	}

	@Test
	void whenTakenThenAllComeInTheOrderOfTheirPushes() {
		assertThat(this.queue.isEmpty()).isTrue();
		assertThat(this.queue.takeAll()).isNull();
		push("a", 10);
		push("b", 10);
		push("c", 10);
		assertThat(this.queue.isEmpty()).isFalse();
		assertThat(messages(this.queue.takeAll())).containsExactly("a", "b", "c");
		assertThat(this.queue.isEmpty()).isTrue();
		push("d", 10);
		assertThat(messages(this.queue.takeAll())).containsExactly("d");
	}

	@Test
	void whenQueueWasEmptyThenAndOnlyThenConsumerIsWoken() {
		push("a", 2);
		assertThat(this.wakeUps).hasValue(1);
		push("b", 2);
		push("refused", 2);
		assertThat(this.wakeUps).hasValue(1);
		this.queue.takeAll();
		this.queue.backlog(2);
		push("refused", 2);
		assertThat(this.wakeUps).hasValue(1);
		this.queue.backlog(0);
		push("c", 2);
		assertThat(this.wakeUps).hasValue(2);
		this.queue.close();
		push("refused", 2);
		assertThat(this.wakeUps).hasValue(2);
	}

	@Test
	void whenBoundIsReachedThenPushIsRefusedAndBacklogCounts() {
		assertThat(push("a", 2)).isEqualTo(SendResult.ACCEPTED);
		assertThat(push("b", 2)).isEqualTo(SendResult.ACCEPTED);
		assertThat(push("c", 2)).isEqualTo(SendResult.QUEUE_FULL);
		assertThat(this.queue.size()).isEqualTo(2);
		this.queue.takeAll();
		this.queue.backlog(1);
		assertThat(this.queue.size()).isEqualTo(1);
		assertThat(push("d", 2)).isEqualTo(SendResult.ACCEPTED);
		assertThat(push("e", 2)).isEqualTo(SendResult.QUEUE_FULL);
		assertThat(this.queue.size()).isEqualTo(2);
		assertThat(messages(this.queue.takeAll())).containsExactly("d");
	}

	@Test
	void whenClosedThenWhatWasQueuedIsReturnedOnceAndPushesAreRefused() {
		push("a", 10);
		push("b", 10);
		assertThat(messages(this.queue.close())).containsExactly("a", "b");
		assertThat(push("c", 10)).isEqualTo(SendResult.NOT_CONNECTED);
		assertThat(this.queue.takeAll()).isNull();
		assertThat(this.queue.close()).isNull();
		assertThat(this.queue.size()).isZero();
	}

	@Test
	void whenProducersRaceWithTheConsumerAndItsCloseThenEachAcceptedNodeIsSeenOnceInOrder() throws Exception {
		Random random = new Random(20_261_122);
		ExecutorService executor = Executors.newFixedThreadPool(PRODUCERS + 1);
		try {
			for (int round = 0; round < 400; round++) {
				new Race(executor, 1 + random.nextInt(64), random.nextInt(2_000)).run();
			}
		}
		finally {
			executor.shutdownNow();
		}
	}

	/**
	 * One round: producers push numbers until the queue is closed; the consumer sleeps
	 * until it is woken, and closes after it has seen enough.
	 */
	private static final class Race {

		private final ExecutorService executor;

		private final OutboundQueue<long[]> queue = new OutboundQueue<>();

		private final Semaphore wakeUps = new Semaphore(0);

		private final int bound;

		private final int closeAfter;

		private final List<List<Long>> seen = new ArrayList<>();

		Race(ExecutorService executor, int bound, int closeAfter) {
			this.executor = executor;
			this.bound = bound;
			this.closeAfter = closeAfter;
			for (int i = 0; i < PRODUCERS; i++) {
				this.seen.add(new ArrayList<>());
			}
		}

		void run() throws Exception {
			List<Future<List<Long>>> accepted = new ArrayList<>();
			Future<?> consumer = this.executor.submit((Callable<?>) this::consume);
			for (int i = 0; i < PRODUCERS; i++) {
				int producer = i;
				accepted.add(this.executor.submit(() -> produce(producer)));
			}
			consumer.get();
			for (int i = 0; i < PRODUCERS; i++) {
				assertThat(this.seen.get(i)).isEqualTo(accepted.get(i).get());
			}
			assertThat(this.queue.takeAll()).isNull();
			// A wake-up beside these would be one for a queue that was not empty.
			assertThat(this.wakeUps.availablePermits()).isLessThanOrEqualTo(1);
		}

		private List<Long> produce(int producer) {
			List<Long> accepted = new ArrayList<>();
			for (long number = 0;; number++) {
				SendResult result = this.queue.push(new OutboundMessage<>(new long[] { producer, number }), this.bound,
						this.wakeUps::release);
				if (result == SendResult.NOT_CONNECTED) {
					return accepted;
				}
				if (result.accepted()) {
					accepted.add(number);
				}
				else {
					Thread.onSpinWait();
				}
			}
		}

		private @Nullable Object consume() throws InterruptedException {
			int count = 0;
			while (count < this.closeAfter) {
				this.wakeUps.acquire();
				assertThat(this.queue.isEmpty()).as("woken for nothing").isFalse();
				int taken = see(this.queue.takeAll());
				assertThat(taken).isBetween(1, this.bound);
				count += taken;
			}
			see(this.queue.close());
			return null;
		}

		private int see(@Nullable Outbound<long[]> oldest) {
			int count = 0;
			for (Outbound<long[]> node = oldest; node != null; node = node.next()) {
				long[] message = ((OutboundMessage<long[]>) node).message();
				this.seen.get((int) message[0]).add(message[1]);
				count++;
			}
			return count;
		}

	}

}
