package dev.backend.autoconfigure;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

import dev.backend.Availability;
import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.Route;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.discovery.MergedDiscoveryAutoConfiguration;
import dev.backend.autoconfigure.discovery.RedisDiscoveryAutoConfiguration;
import dev.backend.autoconfigure.event.BackendEventAutoConfiguration;
import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.Line;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.autoconfigure.support.RedisServer;
import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;
import dev.backend.discovery.redis.RedisServiceRegistry;
import dev.backend.tcp.TcpBackend;
import dev.backend.test.SlowTest;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.autoconfigure.task.TaskSchedulingAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.task.TaskExecutor;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.scheduling.concurrent.ThreadPoolTaskExecutor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What still talks while the context closes.
 */
@SlowTest
@Timeout(60)
class ContextCloseTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	private final EchoServer server = EchoServer.start("game-1");

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class, BackendEventAutoConfiguration.class,
				TcpBackendAutoConfiguration.class, TaskExecutionAutoConfiguration.class,
				TaskSchedulingAutoConfiguration.class))
		.withBean(InMemoryDiscovery.class, () -> new InMemoryDiscovery(this.server.instance()))
		.withBean(LineCodec.class)
		.withPropertyValues("backend.tcp.await-ready=10s");

	@AfterEach
	void closeServer() {
		this.server.close();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whenATaskRunsThenItTalksToItsEnd(boolean awaitTermination) {
		Job job = new Job();
		this.contextRunner
			.withPropertyValues("spring.task.execution.shutdown.await-termination=" + awaitTermination,
					"spring.task.execution.shutdown.await-termination-period=20s")
			.run((context) -> job.start(context, context.getBean(TaskExecutor.class)::execute));
		job.expectAllAnswered();
	}

	@Test
	@EnabledForJreRange(min = JRE.JAVA_21)
	void whenATaskRunsOnAVirtualThreadThatIsWaitedForThenItTalksToItsEnd() {
		Job job = new Job();
		this.contextRunner
			.withPropertyValues("spring.threads.virtual.enabled=true",
					"spring.task.execution.shutdown.await-termination=true",
					"spring.task.execution.shutdown.await-termination-period=20s")
			.run((context) -> job.start(context, context.getBean(TaskExecutor.class)::execute));
		job.expectAllAnswered();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whenAScheduledTaskRunsThenItTalksToItsEnd(boolean awaitTermination) {
		Job job = new Job();
		this.contextRunner.withUserConfiguration(Scheduling.class)
			.withPropertyValues("spring.task.scheduling.shutdown.await-termination=" + awaitTermination,
					"spring.task.scheduling.shutdown.await-termination-period=20s")
			.run((context) -> job.start(context,
					(task) -> context.getBean(TaskScheduler.class).schedule(task, Instant.now())));
		job.expectAllAnswered();
	}

	@Test
	void whenTheExecutorOfHandlersWaitsForItsTasksThenItOutlastsTheBackend() {
		List<String> disconnected = new CopyOnWriteArrayList<>();
		this.contextRunner.withBean("tcpHandlerExecutor", ThreadPoolTaskExecutor.class, () -> {
			ThreadPoolTaskExecutor executor = new ThreadPoolTaskExecutor();
			executor.setWaitForTasksToCompleteOnShutdown(true);
			return executor;
		}).withBean("listener", BackendListener.class, () -> new BackendListener() {
			@Override
			public void onDisconnected(BackendService service, @Nullable Throwable cause) {
				disconnected.add(service.id());
			}
		}).run((context) -> assertThat(ask(context.getBean(TcpBackend.class), 1)).isNotNull());
		assertThat(disconnected).containsExactly("game-1");
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void whenATaskTakesLongerThanItsExecutorWaitsThenThatIsWaitedOnce(CapturedOutput output) {
		CountDownLatch release = new CountDownLatch(1);
		this.contextRunner.withBean("slow", ThreadPoolTaskExecutor.class, () -> {
			ThreadPoolTaskExecutor executor = new ThreadPoolTaskExecutor();
			executor.setWaitForTasksToCompleteOnShutdown(true);
			executor.setAwaitTerminationMillis(100);
			return executor;
		}).run((context) -> context.getBean("slow", ThreadPoolTaskExecutor.class).execute(() -> {
			try {
				release.await();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}));
		release.countDown();
		assertThat(output.getOut().lines()).filteredOn((line) -> line.contains("Timed out while waiting for executor"))
			.hasSize(1);
	}

	@Test
	void whenALifecycleBeanHasNoPhaseThenTheBackendIsThereBeforeAndAfterIt() {
		PhaseZero bean = new PhaseZero();
		this.contextRunner.withBean(PhaseZero.class, () -> bean).run((context) -> {
		});
		assertThat(bean.answers).containsExactly("start game-1:1", "stop game-1:2");
	}

	@Test
	void whenRedisOfTheApplicationHasStoppedThenTheRegistryIsStillReadAndWritten() {
		try (RedisServer redis = RedisServer.started(); EchoServer late = EchoServer.start("game-2")) {
			AfterRedis bean = new AfterRedis(late);
			new ApplicationContextRunner()
				.withConfiguration(
						AutoConfigurations.of(DataRedisAutoConfiguration.class, DiscoveryAutoConfiguration.class,
								RedisDiscoveryAutoConfiguration.class, MergedDiscoveryAutoConfiguration.class,
								BackendEventAutoConfiguration.class, TcpBackendAutoConfiguration.class))
				.withBean(LineCodec.class)
				.withBean(AfterRedis.class, () -> bean)
				.withPropertyValues("spring.data.redis.port=" + redis.port(), "backend.discovery.redis.key=test-games")
				.run((context) -> {
					bean.use(context);
					context.getBean(RedisServiceRegistry.class).register(this.server.config());
					TcpBackend<?> backend = context.getBean(TcpBackend.class);
					await().until(() -> ready(backend) == 1);
				});
			assertThat(bean.redisRan).isFalse();
			assertThat(bean.ready).isEqualTo(2);
			assertThat(redis.commands().zrange("test-games", 0, -1)).as("deregistered").isEmpty();
		}
	}

	private static int ready(TcpBackend<?> backend) {
		return (int) backend.services()
			.stream()
			.filter((service) -> service.availability() == Availability.READY)
			.count();
	}

	@SuppressWarnings("unchecked")
	private static String ask(TcpBackend<?> backend, int id) {
		return ((TcpBackend<Line>) backend).request("game", Route.any(), new Line(id, Integer.toString(id)), TIMEOUT)
			.join()
			.text();
	}

	@EnableScheduling
	static class Scheduling {

	}

	/** Begins before the context closes, and goes on asking for 1.4 s of that. */
	private static final class Job {

		private final CompletableFuture<List<String>> answers = new CompletableFuture<>();

		private final CountDownLatch begun = new CountDownLatch(1);

		void start(ConfigurableApplicationContext context, Executor executor) throws InterruptedException {
			TcpBackend<?> backend = context.getBean(TcpBackend.class);
			CountDownLatch closing = new CountDownLatch(1);
			context.addApplicationListener((ContextClosedEvent event) -> closing.countDown());
			executor.execute(() -> run(backend, closing));
			assertThat(this.begun.await(30, TimeUnit.SECONDS)).isTrue();
		}

		private void run(TcpBackend<?> backend, CountDownLatch closing) {
			try {
				List<String> answers = new CopyOnWriteArrayList<>();
				answers.add(ask(backend, 1));
				this.begun.countDown();
				assertThat(closing.await(30, TimeUnit.SECONDS)).isTrue();
				for (int i = 2; i <= 15; i++) {
					TimeUnit.MILLISECONDS.sleep(100);
					answers.add(ask(backend, i));
				}
				this.answers.complete(answers);
			}
			catch (Throwable ex) {
				this.answers.completeExceptionally(ex);
			}
		}

		void expectAllAnswered() {
			assertThat(this.answers).succeedsWithin(TIMEOUT).asInstanceOf(InstanceOfAssertFactories.LIST).hasSize(15);
		}

	}

	static final class PhaseZero implements SmartLifecycle, BeanFactoryAware {

		private final List<String> answers = new CopyOnWriteArrayList<>();

		private @Nullable BeanFactory beanFactory;

		private volatile boolean running;

		@Override
		public void setBeanFactory(BeanFactory beanFactory) {
			this.beanFactory = beanFactory;
		}

		private TcpBackend<?> backend() {
			return Objects.requireNonNull(this.beanFactory).getBean(TcpBackend.class);
		}

		@Override
		public void start() {
			this.running = true;
			this.answers.add("start " + ask(backend(), 1));
		}

		@Override
		public void stop() {
			this.running = false;
			this.answers.add("stop " + ask(backend(), 2));
		}

		@Override
		public boolean isRunning() {
			return this.running;
		}

		@Override
		public int getPhase() {
			return 0;
		}

	}

	/** Stops when the application's Redis client has. */
	static final class AfterRedis implements SmartLifecycle {

		private final EchoServer late;

		private @Nullable ConfigurableApplicationContext context;

		private volatile boolean redisRan = true;

		private volatile int ready;

		AfterRedis(EchoServer late) {
			this.late = late;
		}

		void use(ConfigurableApplicationContext context) {
			this.context = context;
		}

		@Override
		public void start() {
		}

		@Override
		public void stop() {
			ConfigurableApplicationContext context = Objects.requireNonNull(this.context);
			this.redisRan = context.getBean(LettuceConnectionFactory.class).isRunning();
			context.getBean(RedisServiceRegistry.class).register(this.late.config());
			TcpBackend<?> backend = context.getBean(TcpBackend.class);
			await().atMost(TIMEOUT).until(() -> ready(backend) == 2);
			this.ready = ready(backend);
		}

		@Override
		public boolean isRunning() {
			return this.context != null;
		}

		@Override
		public int getPhase() {
			return -1;
		}

	}

}
