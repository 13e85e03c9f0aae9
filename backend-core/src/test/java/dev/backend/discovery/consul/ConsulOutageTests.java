package dev.backend.discovery.consul;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import dev.backend.discovery.Absence;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.DiscoveryStatus;
import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.discovery.InstanceRules;
import dev.backend.discovery.SnapshotRecorder;
import dev.backend.discovery.SourceView;
import dev.backend.discovery.consul.HttpFaultProxy.Fault;
import dev.backend.test.SlowTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Whatever happens to the agent: no snapshot comes from an error, the status is down with
 * a reason within five seconds, and the view is right again within three seconds after
 * the agent is.
 */
@SlowTest
@Execution(ExecutionMode.CONCURRENT)
class ConsulOutageTests {

	private static final Logger logger = LoggerFactory.getLogger(ConsulOutageTests.class);

	/** Three times what the project promises, as the next one. */
	private static final Duration TIME_TO_NOTICE = Duration.ofSeconds(15);

	private static final Duration TIME_TO_RECOVER = Duration.ofSeconds(9);

	private ConsulAgent agent;

	private HttpFaultProxy proxy;

	private ConsulServiceDiscovery discovery;

	private final SnapshotRecorder recorder = new SnapshotRecorder();

	@BeforeEach
	void watch() throws IOException {
		this.agent = ConsulAgent.start();
		registerAll();
		this.proxy = new HttpFaultProxy(this.agent.httpPort());
		watch(this.proxy.settings());
		// A query that is about to be asked is not cut by a fault, and would then
		// wait.
		awaitWaiting(100);
	}

	private void watch(ConsulDiscoverySettings settings) {
		this.discovery = new ConsulServiceDiscovery(settings);
		this.discovery.subscribe(this.recorder);
		await().until(() -> this.discovery.status().state() == State.UP && allAreThere());
	}

	@AfterEach
	void close() throws IOException {
		if (this.discovery != null) {
			this.discovery.close();
		}
		if (this.proxy != null) {
			this.proxy.close();
		}
		if (this.agent != null) {
			this.agent.close();
		}
	}

	@Test
	void whenTheAgentIsKilledAndComesBackThenNothingIsLostInBetween() throws IOException {
		int before = this.recorder.all().size();
		this.agent.kill();
		awaitDown();
		assertThat(this.recorder.all()).hasSize(before);
		this.agent.launch();
		registerAll();
		awaitRight();
	}

	@Test
	void whenTheAgentComesBackEmptyThenTheLossIsReadAgainAfterTheConfirmationDelay() throws IOException {
		this.discovery.close();
		watch(this.proxy.settings()
			.withTimings(ConsulTimings.defaults().withConfirmationDelay(Duration.ofMillis(1500))));
		this.agent.kill();
		awaitDown();
		this.agent.launch();
		await().until(() -> this.recorder.shows());
		SourceView missing = view();
		assertThat(missing.absence()).isEqualTo(Absence.TO_BE_CONFIRMED);
		await().until(() -> view().readAt("game") - missing.readAt("game") >= Duration.ofMillis(1500).toNanos());
		assertThat(this.recorder.ids()).isEmpty();
		this.agent.register("chat", "chat-1", 7201);
		await().until(() -> this.recorder.shows("chat-1"));
		assertThat(view().absence()).isEqualTo(Absence.EVIDENCE);
	}

	@Test
	void whenAnotherServiceIsReadThenALossIsNotConfirmedByThat() {
		this.discovery.close();
		watch(this.proxy.settings()
			.withTimings(ConsulTimings.defaults().withConfirmationDelay(Duration.ofSeconds(30))));
		this.agent.deregister("game-2");
		await().until(() -> this.recorder.shows("game-1", "login-1"));
		SourceView missing = view();
		for (int i = 2; i < 5; i++) {
			String id = "login-" + i;
			this.agent.register("login", id, 7100 + i);
			await().until(() -> this.recorder.ids().contains(id));
		}
		assertThat(view().readAt("login")).isGreaterThan(missing.readAt("login"));
		assertThat(view().readAt("game")).isEqualTo(missing.readAt("game"));
		assertThat(view().absence()).isEqualTo(Absence.EVIDENCE);
	}

	private SourceView view() {
		return this.recorder.last().views().get(0);
	}

	@Test
	void whenTheAgentHangsThenThatIsNoticedAndEverythingIsReadAnew() {
		this.agent.suspend();
		awaitDown();
		assertThat(this.discovery.status().reason()).contains("no answer for");
		this.agent.resume();
		awaitRight();
		this.agent.check("game-1", "fail");
		await().until(() -> this.recorder.shows("game-2", "login-1"));
	}

	@Test
	void whenTheClusterHasNoLeaderThenTheViewStays() throws IOException {
		this.agent.kill();
		awaitDown();
		int before = this.recorder.all().size();
		this.agent.launchLeaderless();
		await().until(() -> reason().contains("no leader"));
		assertThat(this.recorder.all()).hasSize(before);
		this.agent.kill();
		this.agent.launch();
		registerAll();
		awaitRight();
	}

	@Test
	void whenAnAnswerSaysThatNoLeaderIsKnownThenItIsNoSnapshot() {
		survives(Fault.on("/v1/health", Fault.header("X-Consul-Knownleader", "false")), "no leader");
	}

	@Test
	void whenEverythingIsAnsweredBy500ThenTheViewStays() {
		survives(Fault.status500("No cluster leader"), "500 No cluster leader");
	}

	@Test
	void whenOnlyOneServiceIsAnsweredBy500ThenTheOthersAreStillWatched() {
		this.proxy.inject(Fault.on("/v1/health/service/game", Fault.status500("rpc error")));
		awaitDown();
		await().until(() -> reason().contains("service 'game': answers 500 rpc error"));
		this.agent.register("login", "login-2", 7102);
		await().until(() -> this.recorder.shows("game-1", "game-2", "login-1", "login-2"));
		this.agent.deregister("login-2");
		await().until(this::allAreThere);
		this.proxy.heal();
		awaitRight();
	}

	@ParameterizedTest
	@ValueSource(strings = { "/v1/health", "/v1/catalog", "/v1" })
	void whenAnAnswerBreaksOffThenItIsNoSnapshot(String path) {
		survives(Fault.on(path, Fault.half()), "");
	}

	@ParameterizedTest
	@ValueSource(strings = { "/v1/health", "/v1/catalog", "/v1" })
	void whenHalfAnAnswerLooksWholeThenItIsNoSnapshot(String path) {
		survives(Fault.on(path, Fault.halfAsWhole()), "not whole");
	}

	@Test
	void whenAnAnswerIsSomethingElseThenItIsNoSnapshot() {
		survives((path, answer) -> HttpFaultProxy.answer("HTTP/1.1 200 OK\r\nX-Consul-Index: 9", "<html>login</html>"),
				"not whole");
		survives((path, answer) -> HttpFaultProxy.answer("HTTP/1.1 200 OK\r\nX-Consul-Index: 9", "null"), "expected");
	}

	@Test
	void whenAnAnswerHasNoIndexThenItIsNoSnapshot() {
		survives(Fault.on("/v1/health", Fault.header("X-Consul-Index", "")), "X-Consul-Index");
	}

	@ParameterizedTest
	@ValueSource(strings = { "0", "1", "2" })
	void whenTheIndexGoesBackwardsThenTheWatchGoesOn(String index) {
		this.proxy.inject(Fault.header("X-Consul-Index", index));
		awaitRight();
		this.proxy.requests().clear();
		this.agent.check("game-1", "fail");
		await().until(() -> this.recorder.shows("game-2", "login-1"));
		this.agent.check("game-1", "pass");
		await().until(this::allAreThere);
		assertThat(this.proxy.requests()).as("never below 1, which would not wait")
			.noneMatch((request) -> request.contains("index=0"));
		this.proxy.change((path, answer) -> answer);
		await().until(() -> this.discovery.status().state() == State.UP);
		this.agent.register("login", "login-2", 7102);
		await().until(() -> this.recorder.ids().contains("login-2"));
	}

	@Test
	void whenTheIndexAlwaysGoesToAndFroThenTheWatchGoesOn() {
		this.proxy.inject(Fault.on("/v1/health", alternating("7", "8")));
		awaitRight();
		this.agent.check("game-1", "fail");
		await().until(() -> this.recorder.shows("game-2", "login-1"));
	}

	@Test
	void whenAnAnswerNeverEndsThenItIsGivenUp() {
		String endless = "[" + " ".repeat(65 * 1024 * 1024) + "]";
		survives(
				Fault.on("/v1/health",
						(path, answer) -> HttpFaultProxy.answer("HTTP/1.1 200 OK\r\nX-Consul-Index: 9", endless)),
				"67108864 bytes");
	}

	@ParameterizedTest
	@CsvSource({ "100,check", "100,service", "1,check", "1,service" })
	void whenConnectionsSilentlyDieWhileNewOnesWorkThenChangesAreSeenAllTheSame(int longPolls, String change) {
		this.discovery.close();
		this.proxy.requests().clear();
		watch(this.proxy.settings().withLimits(ConsulLimits.defaults().withLongPolls(longPolls)));
		awaitWaiting(longPolls);
		this.proxy.silence();
		this.proxy.requests().clear();
		long begun = System.nanoTime();
		if (change.equals("check")) {
			this.agent.check("game-1", "fail");
			await().atMost(TIME_TO_RECOVER).until(() -> this.recorder.shows("game-2", "login-1"));
		}
		else {
			this.agent.register("chat", "chat-1", 7201);
			await().atMost(TIME_TO_RECOVER).until(() -> this.recorder.ids().contains("chat-1"));
		}
		logger.info("seen after {} ms", Duration.ofNanos(System.nanoTime() - begun).toMillis());
		if (longPolls > 1) {
			assertThat(this.proxy.requests()).as("has not changed")
				.noneMatch((request) -> request.startsWith("/v1/health/service/login") && !request.contains("filter="));
		}
		assertThat(this.discovery.status().state()).isEqualTo(State.UP);
	}

	@Test
	void whenNothingChangesThenNoServiceIsAskedForAgain() {
		// At first the agent changes things of its own.
		await().atMost(Duration.ofSeconds(50)).until(this::checksWithoutAskingForAService);
	}

	private boolean checksWithoutAskingForAService() {
		this.proxy.requests().clear();
		await().until(() -> this.proxy.count("/v1/catalog/nodes") > 1);
		return this.proxy.count("/v1/health/service") == 0;
	}

	@Test
	void whenThereAreMoreInstancesThanTheMaximumThenTheFirstOnesStay() {
		SnapshotRecorder few = new SnapshotRecorder();
		try (ConsulServiceDiscovery limited = new ConsulServiceDiscovery(
				this.agent.settings().withRules(InstanceRules.defaults().withMaximumInstances(3)))) {
			limited.subscribe(few);
			await().until(() -> few.ids().size() == 3);
			this.agent.register("game", "game-3", 7003);
			await().until(() -> limited.status().rejected() == 1);
			assertThat(few.ids()).containsExactlyInAnyOrder("game-1", "game-2", "login-1");
		}
	}

	@Test
	void whenThereAreHundredsOfServicesThenTheAgentsLimitOfConnectionsIsKept() {
		IntStream.range(0, 260).forEach((i) -> this.agent.register("many-" + i, "many-" + i, 8000 + i));
		await().atMost(Duration.ofSeconds(30)).until(() -> this.recorder.ids().size() == 263);
		assertThat(this.proxy.mostConnections()).isLessThan(150);
		this.agent.deregister("many-7");
		this.agent.deregister("many-259");
		await().until(() -> this.recorder.ids().size() == 261);
		await().until(() -> this.discovery.status().state() == State.UP);
	}

	@Test
	void whenTheDiscoveryIsClosedThenNothingIsAskedAnyMore() {
		this.discovery.close();
		this.discovery.close();
		this.agent.deregister("game-1");
		this.agent.register("chat", "chat-1", 7201);
		// What was under way may arrive late; an open one asks something every two
		// seconds.
		AtomicInteger before = new AtomicInteger();
		await().during(Duration.ofSeconds(4)).atMost(Duration.ofSeconds(30)).until(() -> {
			int asked = this.proxy.requests().size();
			return before.getAndSet(asked) == asked;
		});
		assertThat(this.recorder.ids()).contains("game-1");
	}

	private static Fault alternating(String... values) {
		AtomicInteger number = new AtomicInteger();
		return (path, answer) -> Fault.header("X-Consul-Index", values[number.getAndIncrement() % values.length])
			.apply(path, answer);
	}

	/** A fault that cuts what waits, until it is healed. */
	private void survives(Fault fault, String reason) {
		awaitWaiting(100);
		int before = this.recorder.all().size();
		this.proxy.inject(fault);
		awaitDown();
		await().atMost(Duration.ofSeconds(60)).until(() -> reason().contains(reason));
		assertThat(this.recorder.all().stream().skip(before))
			.allSatisfy((snapshot) -> assertThat(snapshot.instances()).hasSize(3));
		this.proxy.heal();
		awaitRight();
		assertThat(this.recorder.all()).allSatisfy(
				(snapshot) -> assertThat(snapshot.instances()).extracting(DiscoveredInstance::id).contains("game-1"));
	}

	private void awaitDown() {
		long begun = System.nanoTime();
		await().atMost(TIME_TO_NOTICE).until(() -> this.discovery.status().state() == State.DOWN);
		logger.info("down after {} ms: {}", Duration.ofNanos(System.nanoTime() - begun).toMillis(), reason());
		assertThat(reason()).startsWith("consul at http://127.0.0.1:");
	}

	private void awaitRight() {
		long begun = System.nanoTime();
		await().atMost(TIME_TO_RECOVER).until(() -> this.discovery.status().state() == State.UP && allAreThere());
		logger.info("right after {} ms", Duration.ofNanos(System.nanoTime() - begun).toMillis());
	}

	/** All long polls wait, which they do not say: what is asked last is one of each. */
	private void awaitWaiting(int longPolls) {
		List<String> polls = (longPolls > 1) ? List.of("/v1/health/service/game", "/v1/health/service/login")
				: List.of("/v1/health/state/any?", "/v1/catalog/nodes");
		await().until(() -> polls.stream()
			.allMatch((path) -> this.proxy.requests()
				.stream()
				.anyMatch((request) -> request.startsWith(path) && request.contains("index="))));
	}

	private String reason() {
		DiscoveryStatus status = this.discovery.status();
		return (status.reason() != null) ? status.reason() : "";
	}

	private boolean allAreThere() {
		return this.recorder.shows("game-1", "game-2", "login-1");
	}

	private void registerAll() {
		this.agent.registerWithCheck("game", "game-1", 7001);
		this.agent.registerWithCheck("game", "game-2", 7002);
		this.agent.register("login", "login-1", 7101);
	}

}
