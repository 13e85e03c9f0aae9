package dev.backend.autoconfigure.discovery;

import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

import dev.backend.autoconfigure.support.SnapshotRecorder;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.discovery.ServiceDiscovery.Subscription;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.client.DefaultServiceInstance;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.discovery.DiscoveryClient;
import org.springframework.cloud.client.discovery.ReactiveDiscoveryClient;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * What a discovery client may do wrong. The clients here are stubs, so that they do.
 */
@ExtendWith(OutputCaptureExtension.class)
class SpringCloudServiceDiscoveryTests {

	private static final Duration SOON = Duration.ofMillis(200);

	private static final Duration NEVER = Duration.ofHours(1);

	private final StubClient client = new StubClient();

	private final SnapshotRecorder recorder = new SnapshotRecorder();

	private final List<SpringCloudServiceDiscovery> discoveries = new ArrayList<>();

	@AfterEach
	void close() {
		this.client.gate.countDown();
		this.discoveries.forEach(SpringCloudServiceDiscovery::close);
	}

	@Test
	void allServicesOfTheClientAreReadAndReadAgain() {
		this.client.put("game", instance("g-1", 7001));
		SpringCloudServiceDiscovery discovery = subscribed(polling());
		await().until(() -> this.recorder.ids().equals(List.of("g-1")));
		this.client.put("chat", instance("c-1", 7101));
		await().until(() -> this.recorder.ids().equals(List.of("c-1", "g-1")));
		assertThat(discovery.status().state()).isEqualTo(State.UP);
		assertThat(discovery.status().instances()).isEqualTo(2);
		assertThat(discovery.status().source()).isEqualTo("spring cloud (stub)");
	}

	@Test
	void onlyTheNamedServicesAreRead() {
		this.client.put("game", instance("g-1", 7001));
		this.client.put("chat", instance("c-1", 7101));
		this.client.failure = "services";
		subscribed(properties(Set.of("game"), SOON, Duration.ofSeconds(3), 100));
		await().until(() -> this.recorder.ids().equals(List.of("g-1")));
		assertThat(this.client.asked).containsOnly("game");
	}

	@Test
	void theInstanceFirstSeenLatestStandsFirstWhateverTheClientsOrder() {
		this.client.put("game", instance("g-2", 7002));
		subscribed(polling());
		await().until(() -> this.recorder.ids().equals(List.of("g-2")));
		this.client.put("game", instance("g-1", 7001), instance("g-2", 7002));
		await().until(() -> this.recorder.ids().equals(List.of("g-1", "g-2")));
		this.client.put("game", instance("g-2", 7002), instance("g-1", 7001), instance("g-3", 7003));
		await().until(() -> this.recorder.ids().equals(List.of("g-3", "g-1", "g-2")));
	}

	@ParameterizedTest
	@ValueSource(strings = { "services", "null", "error", "lazy", "instance" })
	void whenNothingCanBeReadThenTheViewStaysAndTheStatusIsDownUntilItSucceeds(String failure) {
		this.client.put("game", instance("g-1", 7001));
		this.client.put("chat", instance("c-1", 7101));
		SpringCloudServiceDiscovery discovery = subscribed(polling());
		await().until(() -> this.recorder.ids().size() == 2);
		this.client.put("game");
		this.client.failure = failure;
		await().until(() -> discovery.status().state() == State.DOWN);
		int read = this.client.reads.get();
		await().until(() -> this.client.reads.get() > read + 1);
		assertThat(this.recorder.ids()).as("last view").hasSize(2);
		assertThat(discovery.status().reason()).startsWith("spring cloud (stub): ");
		assertThat(discovery.status().instances()).isEqualTo(2);
		this.client.failure = "";
		await().until(() -> this.recorder.ids().equals(List.of("c-1")));
		assertThat(discovery.status().state()).isEqualTo(State.UP);
		assertThat(discovery.status().reason()).isNull();
		assertThat(this.recorder.latest().recovering()).as("after an outage").isTrue();
		await().until(() -> !this.recorder.latest().recovering());
	}

	@ParameterizedTest
	@ValueSource(strings = { "chat", "null chat", "hang chat" })
	void whenOneServiceFailsThenItKeepsItsViewAndTheOthersGoOn(String failure) {
		this.client.put("game", instance("g-1", 7001));
		this.client.put("chat", instance("c-1", 7101));
		SpringCloudServiceDiscovery discovery = subscribed(properties(Set.of(), SOON, SOON, 100));
		await().until(() -> this.recorder.ids().size() == 2);
		this.client.failure = failure;
		this.client.put("chat");
		this.client.put("game", instance("g-2", 7002));
		await().until(() -> Set.copyOf(this.recorder.ids()).equals(Set.of("c-1", "g-2")));
		await().until(() -> discovery.status().state() == State.DOWN);
		assertThat(discovery.status().reason()).startsWith("spring cloud (stub): service 'chat': ");
		await().until(() -> String.valueOf(discovery.status().reason()).endsWith("; its last view stays"));
		assertThat(this.recorder.latest().recovering()).as("the others were there all the time").isFalse();
		this.client.put("game", instance("g-3", 7003));
		await().until(() -> Set.copyOf(this.recorder.ids()).equals(Set.of("c-1", "g-3")));
		this.client.failure = "";
		this.client.gate.countDown();
		await().until(() -> this.recorder.ids().equals(List.of("g-3")));
		assertThat(this.recorder.latest().recovering()).as("one is back").isTrue();
		await().until(() -> discovery.status().state() == State.UP);
		assertThat(discovery.status().reason()).isNull();
	}

	@Test
	void whenOneServiceCannotBeReadThenALossOfAnotherIsConfirmedAllTheSame() {
		this.client.put("game", instance("g-1", 7001));
		this.client.put("chat", instance("c-1", 7101));
		subscribed(polling());
		await().until(() -> this.recorder.ids().size() == 2);
		this.client.failure = "chat";
		this.client.put("game");
		await().until(() -> this.recorder.ids().equals(List.of("c-1")));
		long missedAt = this.recorder.latest().readAt();
		await().until(() -> this.recorder.latest().oldestReadAt() - missedAt >= Duration.ofSeconds(1).toNanos());
	}

	@Test
	void whenAServiceCannotBeReadAfterALossThenThatIsNotConfirmed() {
		this.client.put("game", instance("g-1", 7001));
		this.client.put("chat", instance("c-1", 7101));
		subscribed(properties(Set.of(), SOON, Duration.ofSeconds(3), 100));
		await().until(() -> this.recorder.ids().size() == 2);
		this.client.put("chat");
		await().until(() -> this.recorder.ids().equals(List.of("g-1")));
		long missedAt = this.recorder.latest().readAt();
		this.client.failure = "chat";
		await().until(() -> this.recorder.latest().readAt() - missedAt > Duration.ofSeconds(2).toNanos());
		assertThat(this.recorder.latest().oldestReadAt() - missedAt).isLessThan(Duration.ofSeconds(1).toNanos());
	}

	@Test
	void whenAServiceWasNeverReadThenWhatOthersKnowOfItIsNotConfirmedToBeGone() {
		this.client.put("game", instance("g-1", 7001));
		this.client.put("chat", instance("c-1", 7101));
		this.client.failure = "chat";
		subscribed(polling());
		await().until(() -> this.recorder.ids().equals(List.of("g-1")));
		long first = this.recorder.latest().readAt();
		await().until(() -> this.recorder.latest().readAt() - first > Duration.ofSeconds(2).toNanos());
		assertThat(this.recorder.latest().oldestReadAt() - first).isLessThan(Duration.ofSeconds(1).toNanos());
	}

	@Test
	void whenTheClientHangsThenTheStatusIsDownAndItIsNotAskedTheSameOnTop() {
		this.client.put("game", instance("g-1", 7001));
		SpringCloudServiceDiscovery discovery = subscribed(properties(Set.of(), SOON, SOON, 100));
		await().until(() -> this.recorder.ids().size() == 1);
		this.client.put("game", instance("g-1", 7001), instance("g-2", 7002));
		this.client.failure = "hang game";
		await().until(() -> discovery.status().state() == State.DOWN);
		assertThat(discovery.status().reason()).contains("service 'game': no answer for ");
		int reads = this.client.reads.get();
		discovery.readNow();
		await().until(() -> this.client.reads.get() > reads + 1);
		assertThat(this.recorder.ids()).containsExactly("g-1");
		SnapshotRecorder late = new SnapshotRecorder();
		discovery.subscribe(late);
		await().until(() -> late.ids().equals(List.of("g-1")));
		assertThat(this.client.hanging.get()).isOne();
		this.client.failure = "";
		this.client.gate.countDown();
		await().until(() -> this.recorder.ids().size() == 2);
		assertThat(discovery.status().state()).isEqualTo(State.UP);
	}

	@Test
	void whatComesTooLateIsThrownAwayAndLeavesNoTrace(CapturedOutput output) {
		this.client.put("game", instance("g-1", 7001));
		SpringCloudServiceDiscovery discovery = subscribed(properties(Set.of(), NEVER, SOON, 100));
		await().until(() -> this.recorder.ids().size() == 1);
		this.client.failure = "hang game";
		this.client.put("game");
		discovery.readNow();
		await().until(() -> discovery.status().state() == State.DOWN);
		this.client.failure = "game";
		this.client.gate.countDown();
		await().until(() -> String.valueOf(discovery.status().reason()).contains("connection refused"));
		assertThat(this.recorder.count()).isOne();
		assertThat(output).doesNotContain("Operator called default");
	}

	@Test
	void whenTheClientCanBeInterruptedThenItIsAskedAgain() {
		this.client.put("game", instance("g-1", 7001));
		SpringCloudServiceDiscovery discovery = subscribed(properties(Set.of(), SOON, SOON, 100));
		await().until(() -> this.recorder.ids().size() == 1);
		this.client.failure = "wait";
		await().until(() -> discovery.status().state() == State.DOWN);
		int interrupted = this.client.interrupted.get();
		await().until(() -> this.client.interrupted.get() > interrupted + 1);
		this.client.failure = "";
		await().until(() -> discovery.status().state() == State.UP);
	}

	@Test
	void severalServicesAreAskedForAtOnceButNotAll() {
		IntStream.range(0, 30).forEach((i) -> this.client.put("game-" + i, instance("g-" + i, 7000 + i)));
		this.client.failure = "slow";
		subscribed(properties(Set.of(), NEVER, Duration.ofSeconds(20), 100));
		await().until(() -> this.client.asking.get() == 8);
		this.client.failure = "";
		this.client.gate.countDown();
		await().until(() -> this.recorder.ids().size() == 30);
		assertThat(this.client.atOnce.get()).isEqualTo(8);
	}

	@Test
	void byDefaultWhatHangsIsToldOfWithinFiveSeconds() {
		SpringCloudDiscoveryProperties defaults = new Binder(new MapConfigurationPropertySource())
			.bindOrCreate("backend.discovery.spring-cloud", SpringCloudDiscoveryProperties.class);
		assertThat(defaults.pollInterval().plus(defaults.responseTimeout())).isLessThan(Duration.ofSeconds(5));
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "game" })
	void whenTheClientListsNothingAnyMoreThenThatIsAnError(String wanted) {
		this.client.put("game", instance("g-1", 7001));
		Set<String> services = wanted.isEmpty() ? Set.of() : Set.of(wanted);
		SpringCloudServiceDiscovery discovery = subscribed(properties(services, SOON, Duration.ofSeconds(3), 100));
		await().until(() -> this.recorder.ids().size() == 1);
		this.client.services.clear();
		await().until(() -> discovery.status().state() == State.DOWN);
		assertThat(discovery.status().reason()).contains("lists no service any more");
		assertThat(this.recorder.ids()).containsExactly("g-1");
		this.client.put("game");
		await().until(() -> this.recorder.ids().isEmpty());
		assertThat(discovery.status().state()).isEqualTo(State.UP);
	}

	@Test
	void whenTheClientListsNothingFromTheStartThenTheStatusSaysSo() {
		SpringCloudServiceDiscovery discovery = subscribed(polling());
		await().until(() -> this.recorder.count() > 0);
		assertThat(discovery.status().state()).isEqualTo(State.UP);
		assertThat(discovery.status().reason()).contains("lists no service (expected: at least one)");
	}

	@Test
	void malformedInstancesAreLeftOutCountedAndLoggedOnce(CapturedOutput output) {
		this.client.put("game", instance("g-1", 7001), instance("g-2", 0), instance("g-3", 65536),
				instance("g\n4", 7004), new DefaultServiceInstance("g-5", "game", " ", 7005, false),
				instance("x".repeat(300), 7006));
		this.client.withNull = true;
		SpringCloudServiceDiscovery discovery = subscribed(polling());
		await().until(() -> this.recorder.count() > 3);
		assertThat(this.recorder.ids()).containsExactly("g-1");
		assertThat(discovery.status().rejected()).isEqualTo(6);
		assertThat(output.toString().split("malformed instances are left out")).hasSize(2);
		assertThat(output).contains("6 malformed instances").doesNotContain("g\n4");
	}

	@Test
	void whenThereAreTooManyInstancesThenTheKnownOnesStay(CapturedOutput output) {
		this.client.put("game", instance("g-8", 7008), instance("g-9", 7009));
		SpringCloudServiceDiscovery discovery = subscribed(properties(Set.of(), SOON, Duration.ofSeconds(3), 3));
		await().until(() -> this.recorder.ids().size() == 2);
		this.client.put("game", instance("g-1", 7001), instance("g-2", 7002), instance("g-3", 7003),
				instance("g-8", 7008), instance("g-9", 7009));
		await().until(() -> this.recorder.ids().size() == 3);
		assertThat(this.recorder.ids()).containsExactly("g-1", "g-9", "g-8");
		assertThat(discovery.status().rejected()).isEqualTo(2);
		int reads = this.recorder.count();
		await().until(() -> this.recorder.count() > reads + 2);
		assertThat(output.toString().split("expected: at most 3")).hasSize(2);
	}

	@Test
	void secretsOfAFailureReachNeitherStatusNorLog(CapturedOutput output) {
		this.client.failure = "secret";
		SpringCloudServiceDiscovery discovery = subscribed(polling());
		await().until(() -> discovery.status().state() == State.DOWN);
		assertThat(discovery.status().reason()).contains("http://***@registry/eureka?token=***")
			.doesNotContain("hunter2");
		assertThat(output).contains("down, keeps trying").doesNotContain("hunter2");
	}

	@Test
	void wakeUpsAreCollected() {
		this.client.put("game", instance("g-1", 7001));
		SpringCloudServiceDiscovery discovery = subscribed(properties(Set.of(), NEVER, Duration.ofSeconds(3), 100));
		await().until(() -> this.recorder.count() == 1);
		for (int i = 0; i < 1000; i++) {
			discovery.readNow();
		}
		await().until(() -> this.recorder.count() > 1);
		await().during(Duration.ofMillis(400)).until(() -> this.recorder.count() <= 3);
	}

	@Test
	void whenTheLastSubscriptionEndsThenReadingEnds() {
		this.client.put("game", instance("g-1", 7001));
		SpringCloudServiceDiscovery discovery = discovery(CloudClient.of(this.client), polling());
		assertThat(discovery.status().state()).isEqualTo(State.STARTING);
		Subscription first = discovery.subscribe(this.recorder);
		SnapshotRecorder other = new SnapshotRecorder();
		Subscription second = discovery.subscribe(other);
		await().until(() -> other.count() > 1);
		second.close();
		second.close();
		int count = this.recorder.count();
		await().until(() -> this.recorder.count() > count + 1);
		first.close();
		await().until(() -> Thread.getAllStackTraces()
			.keySet()
			.stream()
			.noneMatch((thread) -> thread.getName().startsWith("backend-cloud")));
		discovery.subscribe(other);
		int seen = other.count();
		await().until(() -> other.count() > seen);
		discovery.close();
		assertThatIllegalStateException().isThrownBy(() -> discovery.subscribe(other));
	}

	@Test
	void aReactiveClientThatHangsIsGivenUpAndAskedAgain() {
		AtomicInteger questions = new AtomicInteger();
		ReactiveDiscoveryClient reactive = new ReactiveDiscoveryClient() {

			@Override
			public String description() {
				return "reactive stub";
			}

			@Override
			public Flux<ServiceInstance> getInstances(String serviceId) {
				return (questions.incrementAndGet() < 3) ? Flux.never() : Flux.just(instance("g-1", 7001));
			}

			@Override
			public Flux<String> getServices() {
				return Flux.just("game");
			}

		};
		SpringCloudServiceDiscovery discovery = discovery(CloudClient.of(reactive),
				properties(Set.of(), SOON, SOON, 100));
		discovery.subscribe(this.recorder);
		await().until(() -> discovery.status().state() == State.DOWN);
		assertThat(discovery.status().reason()).contains("service 'game'");
		await().until(() -> this.recorder.ids().equals(List.of("g-1")));
		assertThat(discovery.status().state()).isEqualTo(State.UP);
	}

	@Test
	void anInstanceIsMappedWithItsSchemeTagsAndMetadata() {
		assertThat(map(false, Map.of())).returns("", DiscoveredInstance::scheme)
			.returns("game", DiscoveredInstance::name)
			.returns("127.0.0.1:7001", DiscoveredInstance::id)
			.returns(List.of(), DiscoveredInstance::tags);
		assertThat(map(true, Map.of()).scheme()).isEqualTo("https");
		assertThat(map(true, Map.of("scheme", "tcp", "tags", "eu, us")))
			.isEqualTo(new DiscoveredInstance("game", "127.0.0.1:7001", "tcp", "127.0.0.1", 7001, List.of("eu", "us"),
					Map.of("scheme", "tcp", "tags", "eu, us")));
		ServiceInstance v6 = new DefaultServiceInstance("g", "", "[::1]", 1, false, null);
		assertThat(CloudInstanceMapper.map("game", v6)).returns("::1", DiscoveredInstance::address)
			.returns("game", DiscoveredInstance::name);
	}

	private static DiscoveredInstance map(boolean secure, Map<String, String> metadata) {
		return CloudInstanceMapper.map("game",
				new DefaultServiceInstance(null, "game", "127.0.0.1", 7001, secure, metadata));
	}

	private static ServiceInstance instance(String id, int port) {
		return new DefaultServiceInstance(id, "game", "127.0.0.1", port, false);
	}

	private static SpringCloudDiscoveryProperties polling() {
		return properties(Set.of(), SOON, Duration.ofSeconds(3), 100);
	}

	private static SpringCloudDiscoveryProperties properties(Set<String> services, Duration poll, Duration timeout,
			int maximum) {
		Duration confirmation = (poll == NEVER) ? NEVER : Duration.ofSeconds(1);
		return new SpringCloudDiscoveryProperties(services, poll, timeout, confirmation, maximum, false);
	}

	private SpringCloudServiceDiscovery subscribed(SpringCloudDiscoveryProperties properties) {
		SpringCloudServiceDiscovery discovery = discovery(CloudClient.of(this.client), properties);
		discovery.subscribe(this.recorder);
		return discovery;
	}

	private SpringCloudServiceDiscovery discovery(CloudClient client, SpringCloudDiscoveryProperties properties) {
		SpringCloudServiceDiscovery discovery = new SpringCloudServiceDiscovery(client, properties);
		this.discoveries.add(discovery);
		return discovery;
	}

	private static ConditionFactory await() {
		return Awaitility.await().atMost(Duration.ofSeconds(20)).pollInterval(Duration.ofMillis(10));
	}

	private static final class Unloadable extends DefaultServiceInstance {

		Unloadable() {
			super("u-1", "game", "127.0.0.1", 7001, false);
		}

		@Override
		public String getHost() {
			throw new NoClassDefFoundError("Missing");
		}

	}

	private static final class LateList extends AbstractList<ServiceInstance> {

		@Override
		public ServiceInstance get(int index) {
			throw new IllegalStateException("late");
		}

		@Override
		public int size() {
			return 1;
		}

	}

	private static final class StubClient implements DiscoveryClient {

		private final Map<String, List<ServiceInstance>> services = new ConcurrentSkipListMap<>();

		private final Set<String> asked = Collections.synchronizedSet(new HashSet<>());

		private final CountDownLatch gate = new CountDownLatch(1);

		private final AtomicInteger reads = new AtomicInteger();

		private final AtomicInteger atOnce = new AtomicInteger();

		private final AtomicInteger asking = new AtomicInteger();

		private final AtomicInteger hanging = new AtomicInteger();

		private final AtomicInteger interrupted = new AtomicInteger();

		private volatile String failure = "";

		private volatile boolean withNull;

		void put(String service, ServiceInstance... instances) {
			this.services.put(service, List.of(instances));
		}

		@Override
		public String description() {
			return "stub";
		}

		@Override
		public List<String> getServices() {
			this.reads.incrementAndGet();
			if (this.failure.equals("services")) {
				throw new IllegalStateException("no leader");
			}
			if (this.failure.equals("error")) {
				throw new NoClassDefFoundError("Missing");
			}
			if (this.failure.equals("secret")) {
				throw new IllegalStateException("GET http://admin:hunter2@registry/eureka?token=hunter2 refused");
			}
			return List.copyOf(this.services.keySet());
		}

		@Override
		@SuppressWarnings("NullAway")
		public @Nullable List<ServiceInstance> getInstances(String service) {
			this.atOnce.accumulateAndGet(this.asking.incrementAndGet(), Math::max);
			try {
				this.asked.add(service);
				if (this.failure.equals("hang " + service)) {
					hang();
				}
				if (this.failure.equals("wait") || this.failure.equals("slow")) {
					this.gate.await(30, TimeUnit.SECONDS);
				}
				if (this.failure.equals(service)) {
					throw new IllegalStateException("connection refused");
				}
				if (this.failure.equals("null") || this.failure.equals("null " + service)) {
					return null;
				}
				if (this.failure.equals("lazy")) {
					return new LateList();
				}
				if (this.failure.equals("instance")) {
					return List.of(new Unloadable());
				}
				List<ServiceInstance> instances = new ArrayList<>(this.services.getOrDefault(service, List.of()));
				if (this.withNull) {
					instances.add(null);
				}
				return instances;
			}
			catch (InterruptedException ex) {
				this.interrupted.incrementAndGet();
				throw new IllegalStateException(ex);
			}
			finally {
				this.asking.decrementAndGet();
			}
		}

		/** As a read of a socket does, it takes no notice of interrupts. */
		private void hang() {
			this.hanging.incrementAndGet();
			while (this.gate.getCount() > 0) {
				LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
				Thread.interrupted();
			}
			this.hanging.decrementAndGet();
		}

	}

}
