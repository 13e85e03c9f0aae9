package dev.backend.autoconfigure;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.regex.Pattern;

import dev.backend.Availability;
import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.RemovalMode;
import dev.backend.ServiceConfig;
import dev.backend.ServiceInfoFactory;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.discovery.MergedDiscoveryAutoConfiguration;
import dev.backend.autoconfigure.discovery.RedisDiscoveryAutoConfiguration;
import dev.backend.autoconfigure.event.BackendEventAutoConfiguration;
import dev.backend.autoconfigure.event.BackendServiceEvent;
import dev.backend.autoconfigure.event.ServiceTrafficEvent;
import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.Line;
import dev.backend.autoconfigure.support.LineCodec;
import dev.backend.autoconfigure.support.RedisServer;
import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;
import dev.backend.discovery.InstanceFilter;
import dev.backend.discovery.redis.RedisServiceRegistry;
import dev.backend.tcp.CallbackScope;
import dev.backend.tcp.DispatchMode;
import dev.backend.tcp.MessageLogLevel;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpConnection;
import dev.backend.tcp.TcpHandler;
import dev.backend.tcp.TcpService;
import dev.backend.tcp.TcpSettings;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.MDC;

import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.context.ApplicationContext;
import org.springframework.context.event.EventListener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The rows of docs/coming-from-gobase.md that name a bean, a property or an event.
 */
@ExtendWith(OutputCaptureExtension.class)
class GobaseBeanTests {

	private final List<EchoServer> servers = new ArrayList<>();

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final ApplicationContextRunner emptyRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class, BackendEventAutoConfiguration.class,
				TcpBackendAutoConfiguration.class))
		.withBean(LineCodec.class)
		.withPropertyValues("backend.tcp.connect.backoff-initial=1ms");

	private final ApplicationContextRunner contextRunner = this.emptyRunner.withBean(InMemoryDiscovery.class,
			() -> this.discovery);

	@AfterEach
	void closeServers() {
		this.servers.forEach(EchoServer::close);
	}

	@Test
	@Tag("gobase:NewTcpBackendWithRedis")
	@Tag("gobase:NewTcpBackendWithGoRedis")
	void theKeyAndTheNamesMakeABackendWithTheServicesInRedis() {
		try (RedisServer redis = RedisServer.started()) {
			this.emptyRunner
				.withConfiguration(AutoConfigurations.of(DataRedisAutoConfiguration.class,
						RedisDiscoveryAutoConfiguration.class, MergedDiscoveryAutoConfiguration.class))
				.withPropertyValues("spring.data.redis.host=127.0.0.1", "spring.data.redis.port=" + redis.port(),
						"backend.discovery.redis.key=games", "backend.discovery.redis.services=game,chat")
				.run((context) -> {
					RedisServiceRegistry registry = context.getBean(RedisServiceRegistry.class);
					EchoServer server = server("game-1");
					registry.register(ServiceConfig.tcp("mail", "mail-1", "127.0.0.1", server.port()));
					registry.register(server.config());
					TcpBackend<Line> backend = backend(context);
					awaitReady(backend, "game-1");
					registry.register(ServiceConfig.tcp("chat", "chat-1", "127.0.0.1", server.port()));
					await().until(() -> backend.findService("chat", "chat-1") != null);
					assertThat(backend.groups()).containsOnlyKeys("game", "chat");
				});
		}
	}

	@Test
	@Tag("gobase:b.RegHook")
	void listenerBeansAreHooks() {
		List<String> calls = new CopyOnWriteArrayList<>();
		this.contextRunner.withBean("first", BackendListener.class, () -> readyListener("first", calls))
			.withBean("second", BackendListener.class, () -> readyListener("second", calls))
			.run((context) -> {
				this.discovery.push(server("game-1").instance());
				await().until(() -> calls.size() == 2);
				assertThat(calls).containsExactlyInAnyOrder("first game-1", "second game-1");
			});
	}

	@Test
	@Tag("gobase:TcpEvent.RedisFilter")
	@Tag("gobase:TcpEvent.GoRedisFilter")
	@Tag("gobase:TcpEvent.ConsulFilter")
	void theFilterBeanDecides() {
		this.contextRunner
			.withBean(InstanceFilter.class,
					() -> (instance) -> instance.id().endsWith("2")
							? ServiceConfig.tcp("renamed", instance.id(), instance.address(), instance.port()) : null)
			.run((context) -> {
				this.discovery.push(server("game-1").instance(), server("game-2").instance());
				TcpBackend<Line> backend = backend(context);
				await().until(() -> backend.findService("renamed", "game-2") != null);
				assertThat(backend.services()).hasSize(1);
			});
	}

	@Test
	@Tag("gobase:s.Info")
	void theFactoryBeanMakesTheInfo() {
		this.contextRunner.withBean(ServiceInfoFactory.class, () -> (config) -> new StringBuilder(config.id()))
			.run((context) -> {
				this.discovery.push(server("game-1").instance());
				TcpBackend<Line> backend = backend(context);
				awaitReady(backend, "game-1");
				assertThat(backend.getService("game", "game-1").info(StringBuilder.class)).hasToString("game-1");
			});
	}

	@Test
	@Tag("gobase:TcpEvent.OnConnected")
	@Tag("gobase:TcpEvent.OnDisConnect")
	@Tag("gobase:TcpEvent.OnMsg")
	@Tag("gobase:TcpEvent.OnTick")
	@Tag("gobase:TcpEvent.Context")
	void theHandlerBeanGetsTheCallbacks() {
		this.contextRunner.withBean(RecordingHandler.class)
			.withPropertyValues("backend.tcp.tick-interval=10ms")
			.run((context) -> {
				List<String> calls = context.getBean(RecordingHandler.class).calls;
				EchoServer server = server("game-1");
				this.discovery.push(server.instance());
				awaitReady(backend(context), "game-1");
				backend(context).send("game", "game-1", new Line(0, "hello"));
				await().until(() -> calls.contains("message game-1:hello") && calls.contains("tick"));
				server.disconnectAll();
				await().until(() -> calls.contains("disconnected"));
				assertThat(calls).filteredOn((call) -> !call.equals("tick"))
					.startsWith("connected", "message game-1:hello", "disconnected");
			});
	}

	@Test
	@Tag("gobase:TCPHook.OnAdd")
	@Tag("gobase:TCPHook.OnRemove")
	@Tag("gobase:TCPHook.OnConnected")
	@Tag("gobase:TCPHook.OnDisConnect")
	@Tag("gobase:TCPHook.OnSend")
	@Tag("gobase:TCPHook.OnRecv")
	void everyHookIsAnApplicationEvent() {
		this.contextRunner.withBean(EventRecorder.class)
			.withPropertyValues("backend.tcp.publish-traffic-events=true", "backend.tcp.removal=immediate")
			.run((context) -> {
				EventRecorder recorder = context.getBean(EventRecorder.class);
				this.discovery.push(server("game-1").instance());
				awaitReady(backend(context), "game-1");
				backend(context).send("game", "game-1", new Line(0, "hello"));
				await().until(() -> recorder.sum(ServiceTrafficEvent::getSentBytes) == "0 hello\n".length());
				await().until(() -> recorder.sum(ServiceTrafficEvent::getReceivedBytes) == "0 game-1:hello\n".length());
				this.discovery.push();
				await().until(() -> recorder.events.contains("ServiceRemovedEvent"));
				assertThat(recorder.events).containsExactly("ServiceAddedEvent", "ServiceConnectedEvent",
						"ServiceReadyEvent", "ServiceDisconnectedEvent", "ServiceRemovedEvent");
			});
	}

	@Test
	@Tag("gobase:TcpParamConfig.Immediately")
	@Tag("gobase:TcpParamConfig.MsgSeq")
	void theDefaultsAreThoseOfGobase() {
		this.contextRunner.run((context) -> {
			TcpSettings settings = backend(context).settings();
			assertThat(settings.removal()).isEqualTo(RemovalMode.ON_DISCONNECT);
			assertThat(settings.dispatch()).isEqualTo(DispatchMode.ORDERED);
		});
	}

	@Test
	@Tag("gobase:TcpParamConfig.Immediately")
	void withThePropertyAnInstanceThatIsNotListedAnyMoreGoesAtOnce() {
		this.contextRunner.withPropertyValues("backend.tcp.removal=immediate").run((context) -> {
			EchoServer server = server("game-1");
			this.discovery.push(server.instance());
			TcpBackend<Line> backend = backend(context);
			awaitReady(backend, "game-1");
			this.discovery.push();
			await().until(() -> backend.findGroup("game") == null && server.connections() == 0);
		});
	}

	@Test
	@Tag("gobase:TcpParamConfig.MsgSeq")
	void thePropertySetsTheOrderOfMessages() {
		this.contextRunner.withPropertyValues("backend.tcp.dispatch.mode=concurrent")
			.run((context) -> assertThat(backend(context).settings().dispatch()).isEqualTo(DispatchMode.CONCURRENT));
	}

	@Test
	@Tag("gobase:TcpParamConfig.LogLevelMsg")
	@Tag("gobase:TcpParamConfig.LogLevelByMsg")
	@Tag("gobase:TcpParamConfig.MsgLogLevel")
	void messagesAreLoggedAtTheLevelOfTheirIdAlsoAfterAChange(CapturedOutput output) {
		this.emptyRunner.withBean(InMemoryDiscovery.class, () -> this.discovery)
			.withBean("namingCodec", LineCodec.class, NamingCodec::new, (definition) -> definition.setPrimary(true))
			.withPropertyValues("backend.tcp.logging.level=info", "backend.tcp.logging.levels.chat=warn",
					"backend.tcp.logging.levels.ping=off")
			.run((context) -> {
				this.discovery.push(server("game-1").instance());
				awaitReady(backend(context), "game-1");
				exchange(context, "move");
				exchange(context, "chat");
				exchange(context, "ping");
				assertThat(logged(output)).containsExactly("INFO sent move", "INFO reply move", "WARN sent chat",
						"WARN reply chat");
				TestPropertyValues.of("backend.tcp.logging.levels.move=off", "backend.tcp.logging.levels.ping=error")
					.applyTo(context);
				context.publishEvent(new EnvironmentChangeEvent(context,
						Set.of("backend.tcp.logging.levels.move", "backend.tcp.logging.levels.ping")));
				exchange(context, "move");
				exchange(context, "ping");
				assertThat(logged(output)).hasSize(6).endsWith("ERROR sent ping", "ERROR reply ping");
				assertThat(backend(context).settings().logging().levelOf("chat")).isEqualTo(MessageLogLevel.WARN);
			});
	}

	private static List<String> logged(CapturedOutput output) {
		return Pattern.compile("(INFO|WARN|ERROR) .*game/game-1 at \\S+: (\\w+ \\w+) Line")
			.matcher(output.getAll())
			.results()
			.map((match) -> match.group(1) + " " + match.group(2))
			.toList();
	}

	private static void exchange(ApplicationContext context, String text) {
		backend(context).request("game", "game-1", new Line(7, text), Duration.ofSeconds(20)).join();
	}

	private EchoServer server(String id) {
		EchoServer server = EchoServer.start(id);
		this.servers.add(server);
		return server;
	}

	private static void awaitReady(TcpBackend<Line> backend, String id) {
		await().until(() -> {
			TcpService<Line> service = backend.findService("game", id);
			return service != null && service.availability() == Availability.READY;
		});
	}

	private static BackendListener readyListener(String name, List<String> calls) {
		return new BackendListener() {
			@Override
			public void onReady(BackendService service) {
				calls.add(name + " " + service.id());
			}
		};
	}

	@SuppressWarnings("unchecked")
	private static TcpBackend<Line> backend(ApplicationContext context) {
		return context.getBean(TcpBackend.class);
	}

	/** The last word of a line is its id. */
	static class NamingCodec extends LineCodec {

		@Override
		public Object messageId(Line message) {
			return message.text().substring(message.text().indexOf(':') + 1);
		}

	}

	static class RecordingHandler implements TcpHandler<Line> {

		private final List<String> calls = new CopyOnWriteArrayList<>();

		@Override
		public void onConnected(TcpConnection<Line> connection) {
			this.calls.add("connected");
		}

		@Override
		public CallbackScope scope(TcpService<Line> service, @Nullable TcpConnection<Line> connection,
				@Nullable Line message) {
			return CallbackScope.mdc(Map.of("trace", (message != null) ? message.text() : "none"));
		}

		@Override
		public void onMessage(TcpConnection<Line> connection, Line message) {
			this.calls.add("message " + MDC.get("trace"));
		}

		@Override
		public void onDisconnected(TcpConnection<Line> connection, @Nullable Throwable cause) {
			this.calls.add("disconnected");
		}

		@Override
		public void onTick(TcpService<Line> service) {
			this.calls.add("tick");
		}

	}

	static class EventRecorder {

		private final List<String> events = new CopyOnWriteArrayList<>();

		private final List<ServiceTrafficEvent> traffic = new CopyOnWriteArrayList<>();

		@EventListener
		void on(BackendServiceEvent event) {
			if (event instanceof ServiceTrafficEvent trafficEvent) {
				this.traffic.add(trafficEvent);
			}
			else {
				this.events.add(event.getClass().getSimpleName());
			}
		}

		private long sum(Function<ServiceTrafficEvent, Long> bytes) {
			return this.traffic.stream().mapToLong(bytes::apply).sum();
		}

	}

}
