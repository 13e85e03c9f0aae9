package dev.backend.discovery.dns;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Stream;

import dev.backend.discovery.Absence;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.DiscoveryLoop;
import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.discovery.InstanceEntry;
import dev.backend.discovery.SnapshotRecorder;
import dev.backend.discovery.SourceView;
import dev.backend.test.VirtualTime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * {@link DnsWatch} with a time that passes when told to and a DNS that says what it is
 * told.
 */
@Timeout(60)
class DnsWatchTests {

	private static final Duration DELAY = Duration.ofSeconds(30);

	private final VirtualTime time = new VirtualTime();

	private final Map<String, Supplier<CompletableFuture<DnsAnswer>>> answers = new ConcurrentHashMap<>();

	private final List<String> asked = new ArrayList<>();

	private final AtomicBoolean clientClosed = new AtomicBoolean();

	private final SnapshotRecorder recorder = new SnapshotRecorder();

	private final DnsDiscoverySettings settings = DnsDiscoverySettings
		.defaults(List.of(DnsService.of("game", "game.example", 7001), DnsService.of("chat", "chat.example", 7002)));

	private final DnsServiceDiscovery discovery = new DnsServiceDiscovery(this.settings,
			() -> DnsWatch.start(this.settings, new DiscoveryLoop("virtual", this.time, this.time::nanoTime), this::ask,
					() -> this.clientClosed.set(true)));

	@BeforeEach
	void answer() {
		answer("game", 10, "a", "b");
		answer("chat", 10, "c");
	}

	@AfterEach
	void close() {
		this.discovery.close();
	}

	private CompletableFuture<DnsAnswer> ask(DnsService service) {
		this.asked.add(service.name());
		return this.answers.getOrDefault(service.name(), CompletableFuture::new).get();
	}

	private void answer(String name, long timeToLive, String... ids) {
		List<InstanceEntry> entries = Stream.of(ids)
			.map((id) -> InstanceEntry.of(id,
					new DiscoveredInstance(name, id, "tcp", "127.0.0.1", 7001, List.of(), Map.of())))
			.toList();
		this.answers.put(name, () -> CompletableFuture.completedFuture(new DnsAnswer(entries, timeToLive)));
	}

	private void fail(String name) {
		this.answers.put(name, () -> CompletableFuture.failedFuture(new IOException("SERVFAIL")));
	}

	private void beSilent(String name) {
		this.answers.put(name, CompletableFuture::new);
	}

	private void subscribe() {
		this.discovery.subscribe(this.recorder);
		this.time.run();
	}

	/** The latest snapshot, when it has these instances. */
	private SourceView view(String... ids) {
		await().until(() -> this.recorder.shows(ids));
		return this.recorder.last().views().get(0);
	}

	private long readAt(String name, String... ids) {
		return view(ids).readAt(name);
	}

	@Test
	void aServiceIsReadAgainWhenItsTimeToLiveIsOverWithinBounds() {
		answer("game", 0, "a");
		answer("chat", 3600, "c");
		subscribe();
		this.asked.clear();
		this.time.advance(Duration.ofSeconds(29));
		assertThat(this.asked).hasSize(29).containsOnly("game");
		answer("game", Integer.MAX_VALUE, "a");
		this.asked.clear();
		this.time.advance(Duration.ofSeconds(30));
		assertThat(this.asked).containsExactly("chat", "game");
		answer("game", 7, "a", "b");
		this.time.advance(Duration.ofSeconds(30));
		this.asked.clear();
		this.time.advance(Duration.ofSeconds(21));
		assertThat(this.asked).filteredOn("game"::equals).hasSize(3);
	}

	@Test
	void anHourWithoutOneServiceChangesNothingOfItAndTheOthersAreReadOn() {
		subscribe();
		long readAt = readAt("game", "a", "b", "c");
		assertThat(this.discovery.status().state()).isEqualTo(State.UP);
		fail("game");
		this.time.advance(Duration.ofMinutes(30));
		beSilent("game");
		this.time.advance(Duration.ofMinutes(30));
		assertThat(this.discovery.status().state()).isEqualTo(State.DOWN);
		assertThat(this.discovery.status().reason()).isEqualTo("2 dns names: game: no answer for 5s");
		answer("chat", 10, "c", "d");
		this.time.advance(Duration.ofSeconds(10));
		assertThat(readAt("game", "a", "b", "c", "d")).isEqualTo(readAt);
		SourceView view = view("a", "b", "c", "d");
		assertThat(view.readAt("chat")).isEqualTo(view.readAt());
		assertThat(view.absence()).isEqualTo(Absence.EVIDENCE);
		answer("game", 10, "a");
		this.time.advance(Duration.ofSeconds(7));
		view("a", "c", "d");
		assertThat(this.discovery.status().state()).isEqualTo(State.UP);
		assertThat(view("a", "c", "d").absence()).isEqualTo(Absence.TO_BE_CONFIRMED);
		this.time.advance(DELAY.plusSeconds(10));
		await().until(() -> view("a", "c", "d").absence() == Absence.EVIDENCE);
	}

	@Test
	void whenAServiceFailsFromTheStartThenTheOthersAreThereAndNothingOfItIsKnownToBeGone() {
		fail("game");
		subscribe();
		assertThat(view("c").absence()).isEqualTo(Absence.EVIDENCE);
		long readAt = view("c").readAt("game");
		this.time.advance(Duration.ofHours(1));
		await().until(() -> view("c").readAt() - readAt > Duration.ofMinutes(59).toNanos());
		assertThat(view("c").readAt("game")).isEqualTo(readAt);
		answer("game", 10, "a");
		this.time.advance(Duration.ofSeconds(2));
		assertThat(view("a", "c").readAt("game") - readAt).isGreaterThan(Duration.ofHours(1).toNanos());
	}

	@Test
	void untilEachServiceIsReadOrHasFailedThereIsNoSnapshot() {
		beSilent("game");
		subscribe();
		this.time.advance(Duration.ofSeconds(4));
		assertThat(this.discovery.status().state()).isEqualTo(State.STARTING);
		assertThat(this.recorder.count()).isZero();
		this.time.advance(Duration.ofSeconds(1));
		view("c");
		assertThat(this.discovery.status().state()).isEqualTo(State.DOWN);
	}

	@Test
	void whenAllFailThenThereIsNoSnapshot() {
		fail("game");
		fail("chat");
		subscribe();
		this.time.advance(Duration.ofHours(1));
		assertThat(this.recorder.count()).isZero();
		assertThat(this.discovery.reads().failed()).isGreaterThan(3600);
		assertThat(this.discovery.reads().succeeded()).isZero();
	}

	@Test
	void anEmptyAnswerIsARead() {
		subscribe();
		long readAt = readAt("game", "a", "b", "c");
		answer("game", 0);
		this.time.advance(Duration.ofSeconds(10));
		assertThat(readAt("game", "c") - readAt).isEqualTo(Duration.ofSeconds(10).toNanos());
		assertThat(this.discovery.status().state()).isEqualTo(State.UP);
	}

	/** Name servers count down what they keep. */
	@Test
	void whatComesFromACacheConfirmsNothing() {
		answer("game", 120, "a", "b");
		subscribe();
		long readAt = readAt("game", "a", "b", "c");
		for (int left : new int[] { 90, 60, 30 }) {
			answer("game", left, "a", "b");
			answer("chat", 10, "c", "at-" + left);
			this.time.advance(Duration.ofSeconds(30));
			assertThat(readAt("game", "a", "b", "c", "at-" + left)).isEqualTo(readAt);
		}
		answer("game", 120, "a", "b");
		answer("chat", 10, "c");
		this.time.advance(Duration.ofSeconds(30));
		assertThat(readAt("game", "a", "b", "c") - readAt).isEqualTo(Duration.ofSeconds(120).toNanos());
		answer("game", Long.MAX_VALUE, "a");
		this.time.advance(Duration.ofSeconds(30));
		assertThat(readAt("game", "a", "c") - readAt).isEqualTo(Duration.ofSeconds(150).toNanos());
		this.time.advance(Duration.ofSeconds(300));
		await().until(() -> readAt("game", "a", "c") - readAt == Duration.ofSeconds(450).toNanos());
	}

	@Test
	void anAnswerThatComesTooLateIsNotTaken() {
		CompletableFuture<DnsAnswer> late = new CompletableFuture<>();
		subscribe();
		this.answers.put("game", () -> late);
		this.time.advance(Duration.ofSeconds(15));
		assertThat(this.discovery.status().state()).isEqualTo(State.DOWN);
		int count = this.asked.size();
		beSilent("game");
		late.complete(DnsAnswer.NONE);
		this.time.run();
		assertThat(this.asked).hasSize(count);
		view("a", "b", "c");
	}

	@Test
	void whenAskingThrowsAnErrorThenItIsAskedAgain() {
		subscribe();
		this.answers.put("game", () -> {
			throw new NoClassDefFoundError("forced");
		});
		this.time.advance(Duration.ofSeconds(10));
		assertThat(this.discovery.status().reason()).contains("game: forced");
		answer("game", 10, "a", "b", "d");
		this.time.advance(Duration.ofSeconds(1));
		view("a", "b", "c", "d");
		assertThat(this.discovery.status().state()).isEqualTo(State.UP);
	}

	@Test
	void whenItIsClosedThenTheClientIsAndNothingIsAskedAnyMore() {
		subscribe();
		this.discovery.close();
		this.asked.clear();
		this.time.advance(Duration.ofHours(1));
		assertThat(this.asked).isEmpty();
		assertThat(this.clientClosed).isTrue();
	}

}
