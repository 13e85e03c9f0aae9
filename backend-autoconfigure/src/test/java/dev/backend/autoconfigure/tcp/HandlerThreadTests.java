package dev.backend.autoconfigure.tcp;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.event.BackendEventAutoConfiguration;
import dev.backend.autoconfigure.event.ServiceConnectedEvent;
import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.Line;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.codec.MessageCodec;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.tcp.DispatchMode;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpConnection;
import dev.backend.tcp.TcpHandler;
import dev.backend.tcp.TcpService;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.task.TaskExecutionAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * On which threads the callbacks of a real connection run.
 */
@Timeout(60)
class HandlerThreadTests {

	private static final Set<String> CALLBACKS = Set.of("onConnected", "onMessage", "onTick", "onDisconnected",
			"event");

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class, BackendEventAutoConfiguration.class,
				TcpBackendAutoConfiguration.class, TaskExecutionAutoConfiguration.class))
		.withUserConfiguration(Application.class)
		.withPropertyValues("backend.tcp.tick-interval=10ms", "backend.tcp.dispatch.threads=2");

	private Map<String, String> threadsOfCallbacks(DispatchMode mode, boolean virtualThreads) {
		ThreadRecorder recorder = new ThreadRecorder();
		try (EchoServer server = EchoServer.start("game-1")) {
			this.contextRunner.withBean(ThreadRecorder.class, () -> recorder)
				.withBean(ServiceDiscovery.class, () -> new InMemoryDiscovery(server.instance()))
				.withPropertyValues("spring.threads.virtual.enabled=" + virtualThreads,
						"backend.tcp.dispatch.mode=" + mode)
				.run((context) -> {
					TcpBackend<?> backend = context.getBean(TcpBackend.class);
					await().until(() -> backend.findService("game", "game-1") != null);
					TcpService<?> service = backend.getService("game", "game-1");
					await().until(() -> service.trySendBytes("0 hello\n".getBytes()).accepted());
					await().until(() -> recorder.threads.containsKey("onMessage"));
					server.disconnectAll();
					await().until(() -> recorder.threads.keySet().containsAll(CALLBACKS));
				});
		}
		return recorder.threads;
	}

	@ParameterizedTest
	@EnumSource(DispatchMode.class)
	@EnabledForJreRange(min = JRE.JAVA_21)
	void whenVirtualThreadsAreEnabledThenEveryCallbackRunsOnOne(DispatchMode mode) {
		Map<String, String> threads = threadsOfCallbacks(mode, true);
		assertThat(threads).containsOnlyKeys(CALLBACKS);
		assertThat(threads.values())
			.allMatch((thread) -> thread.startsWith("VirtualThread[") && thread.contains("backend-tcp-handler-"));
	}

	@ParameterizedTest
	@EnumSource(DispatchMode.class)
	void whenVirtualThreadsAreNotEnabledThenEveryCallbackRunsInThePool(DispatchMode mode) {
		Map<String, String> threads = threadsOfCallbacks(mode, false);
		assertThat(threads).containsOnlyKeys(CALLBACKS);
		assertThat(threads.values()).allMatch((thread) -> thread.startsWith("Thread[") && thread.contains("-handler"));
	}

	/** What a thread says of itself tells its kind on every Java version. */
	private static final class ThreadRecorder implements TcpHandler<Line> {

		private final Map<String, String> threads = new ConcurrentHashMap<>();

		private void record(String callback) {
			this.threads.putIfAbsent(callback, Thread.currentThread().toString());
		}

		@Override
		public void onConnected(TcpConnection<Line> connection) {
			record("onConnected");
		}

		@Override
		public void onMessage(TcpConnection<Line> connection, Line message) {
			record("onMessage");
		}

		@Override
		public void onTick(TcpService<Line> service) {
			record("onTick");
		}

		@Override
		public void onDisconnected(TcpConnection<Line> connection, @Nullable Throwable cause) {
			record("onDisconnected");
		}

		@EventListener
		void on(ServiceConnectedEvent event) {
			record("event");
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Application {

		@Bean
		MessageCodec<Line> lineCodec() {
			return new LineCodec();
		}

	}

}
