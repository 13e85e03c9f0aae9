package dev.backend.test.leak;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.testkit.engine.EventConditions.container;
import static org.junit.platform.testkit.engine.EventConditions.event;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.instanceOf;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.message;

/**
 * The leak check itself, by classes that leak on purpose.
 */
class LeakCheckTests {

	private static @Nullable ByteBuf held;

	@AfterEach
	void release() {
		ByteBuf buffer = held;
		if (buffer != null) {
			held = null;
			buffer.release();
		}
	}

	/** Netty alone reports the same place once. */
	@RepeatedTest(3)
	void whenATestLeaksThenItsClassFailsEveryTime() {
		assertLeak(run(Leaks.class, Clean.class), Leaks.class, Leaks.class, 1);
	}

	@RepeatedTest(3)
	void whenManyBuffersLeakThenAllAreCounted() {
		assertLeak(run(ManyLeaks.class), ManyLeaks.class, ManyLeaks.class, 200);
	}

	@Test
	void whenANestedClassLeaksThenTheOutermostFails() {
		assertLeak(run(Outermost.class), Outermost.class, Outermost.class, 1);
	}

	@Test
	void whenAParameterizedClassLeaksThenItFails() {
		assertLeak(run(Parameterized.class), Parameterized.class, Parameterized.class, 2);
	}

	@Test
	void whenABufferBecomesALeakJustAfterTheLastTestThenItsClassFails() {
		assertLeak(run(LeaksLate.class), LeaksLate.class, LeaksLate.class, 1);
	}

	@Test
	void whenBuffersAreReleasedOrHeldThenTheClassPasses() {
		run(Clean.class, Holds.class, Clean.class).containerEvents().assertStatistics((events) -> events.failed(0));
	}

	@Test
	void whenWhatAClassHeldLeaksInALaterOneThenThatNamesBoth() {
		assertLeak(run(Holds.class, LosesHeld.class), LosesHeld.class, Holds.class, 1);
	}

	private static void assertLeak(EngineExecutionResults results, Class<?> found, Class<?> origin, int count) {
		results.testEvents().assertStatistics((events) -> events.failed(0));
		results.containerEvents().assertStatistics((events) -> events.failed(1));
		results.containerEvents()
			.assertThatEvents()
			.haveExactly(1, event(container(found),
					finishedWithFailure(instanceOf(AssertionError.class), message((text) -> text.startsWith(
							count + " resources were not released, such as: [ByteBuf of " + origin.getName() + "\n")
							&& text.contains(".leak(LeakCheckTests.java")))));
	}

	private static EngineExecutionResults run(Class<?>... classes) {
		return EngineTestKit.engine("junit-jupiter")
			.configurationParameter("junit.jupiter.extensions.autodetection.enabled", "true")
			.selectors(Stream.of(classes).map((type) -> selectClass(type)).toList())
			.execute();
	}

	private static ByteBuf leak(ByteBufAllocator allocator) {
		return allocator.directBuffer(16).writeLong(1);
	}

	static class Leaks {

		@Test
		void leaks() {
			leak(ByteBufAllocator.DEFAULT);
		}

	}

	static class ManyLeaks {

		@Test
		void leaks() {
			for (int i = 0; i < 100; i++) {
				leak(PooledByteBufAllocator.DEFAULT);
				leak(UnpooledByteBufAllocator.DEFAULT).retainedSlice();
			}
		}

	}

	static class Outermost {

		@Test
		void passes() {
		}

		@Nested
		class Inner {

			@Test
			void leaks() {
				leak(ByteBufAllocator.DEFAULT);
			}

		}

	}

	@ParameterizedClass
	@ValueSource(ints = { 1, 2 })
	record Parameterized(int number) {

		@Test
		void leaks() {
			leak(ByteBufAllocator.DEFAULT);
		}

	}

	/** The buffer is under way until the check has begun. */
	static class LeaksLate {

		@Test
		void leaks() throws InterruptedException {
			Thread test = Thread.currentThread();
			CountDownLatch allocated = new CountDownLatch(1);
			Thread holder = new Thread(() -> {
				ByteBuf buffer = leak(ByteBufAllocator.DEFAULT);
				allocated.countDown();
				Awaitility.await()
					.pollDelay(Duration.ZERO)
					.pollInterval(Duration.ofMillis(1))
					.until(() -> buffer.refCnt() == 1 && isChecked(test));
			});
			holder.setDaemon(true);
			holder.start();
			allocated.await();
		}

		private static boolean isChecked(Thread test) {
			return Stream.of(test.getStackTrace())
				.anyMatch((frame) -> frame.getClassName().equals(LeakCheck.class.getName()));
		}

	}

	static class Holds {

		@Test
		void holds() {
			held = leak(ByteBufAllocator.DEFAULT);
		}

	}

	static class LosesHeld {

		@Test
		void loses() {
			held = leak(ByteBufAllocator.DEFAULT);
		}

	}

	static class Clean {

		@Test
		void releases() {
			leak(ByteBufAllocator.DEFAULT).release();
			leak(PooledByteBufAllocator.DEFAULT).release();
		}

	}

}
