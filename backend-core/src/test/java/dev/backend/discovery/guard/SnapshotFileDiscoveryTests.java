package dev.backend.discovery.guard;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

import dev.backend.discovery.Absence;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.InstanceRules;
import dev.backend.discovery.LossConfirmation;
import dev.backend.discovery.LossConfirmation.Known;
import dev.backend.discovery.Origin;
import dev.backend.discovery.PushedSource;
import dev.backend.discovery.ServiceDiscovery.Subscription;
import dev.backend.discovery.SourceView;
import dev.backend.test.SlowTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
@SlowTest
class SnapshotFileDiscoveryTests {

	private static final Duration DAY = Duration.ofDays(1);

	private final List<SnapshotFileDiscovery> opened = new CopyOnWriteArrayList<>();

	private final PushedSource registry = new PushedSource("registry");

	private final List<DiscoverySnapshot> pushed = new CopyOnWriteArrayList<>();

	@TempDir
	private Path folder;

	@AfterEach
	void close() {
		this.opened.forEach(SnapshotFileDiscovery::close);
	}

	@Test
	void whenTheRegistryIsDownAtStartThenTheFileStandsInUntilItIsBack() {
		list("a", "b");
		PushedSource down = new PushedSource("registry");
		SnapshotFileDiscovery discovery = open(down);
		discovery.subscribe(this.pushed::add);
		await().until(() -> ids().equals(List.of("a", "b")));
		assertThat(this.pushed.get(0).instances()).isEqualTo(this.registry.instances("a", "b"));
		assertThat(discovery.status().instances()).isEqualTo(2);
		assertThat(discovery.status().reason()).contains("2 instances are from the snapshot file");
		down.push(System.nanoTime(), "b", "c");
		await().until(() -> ids().equals(List.of("b", "c")));
		assertThat(discovery.status().reason()).isNull();
	}

	@Test
	void whenTheRegistryAnswersThenTheFileIsNotUsed() {
		list("a", "b");
		SnapshotFileDiscovery discovery = open(this.registry);
		discovery.subscribe(this.pushed::add);
		this.registry.push(System.nanoTime(), "c");
		await().until(() -> ids().equals(List.of("c")));
		await().during(SnapshotFileDiscovery.PATIENCE.multipliedBy(2))
			.atMost(Duration.ofSeconds(20))
			.until(() -> this.pushed.size() == 1);
	}

	@Test
	void whenMostIsMissedThenTheFileKeepsItUntilALaterReadConfirmsThat() {
		list("a", "b", "c");
		SnapshotFileDiscovery discovery = open(this.registry);
		discovery.subscribe(this.pushed::add);
		long start = System.nanoTime();
		long delay = this.registry.confirmationDelay().toNanos();
		this.registry.push(start);
		this.registry.push(start + delay - 1);
		discovery.close();
		assertThat(kept()).containsExactly("a", "b", "c");
		SnapshotFileDiscovery next = open(this.registry);
		next.subscribe(this.pushed::add);
		this.registry.push(start);
		this.registry.push(start + delay);
		next.close();
		assertThat(kept()).isEmpty();
	}

	/** Also if the source has several views, of which one is away at the start. */
	@Test
	void whatStoodInAndIsNotListedGoesWhenItsOwnSourceConfirmsThat() {
		PushedSource first = new PushedSource("registry");
		SnapshotFileDiscovery discovery = open(first);
		discovery.subscribe(this.pushed::add);
		first.push(new DiscoverySnapshot(
				List.of(view("one", 1, first.instances("a", "b", "c")), view("two", 1, first.instances("x", "y")))));
		discovery.close();
		PushedSource away = new PushedSource("registry");
		LossConfirmation<String> losses = new LossConfirmation<>(null, away.confirmationDelay(),
				LossConfirmation.Listener.NONE);
		SnapshotFileDiscovery next = open(away);
		this.pushed.clear();
		next.subscribe(this.pushed::add);
		await().until(() -> ids().size() == 5);
		List<Known<String>> known = this.pushed.get(0)
			.views()
			.stream()
			.flatMap((view) -> view.instances()
				.stream()
				.map((instance) -> new Known<>(instance.id(), "game", new Origin(view.source(), instance.name()))))
			.toList();
		long delay = away.confirmationDelay().toNanos();
		DiscoverySnapshot half = new DiscoverySnapshot(List.of(view("one", 1, away.instances("a"))));
		assertThat(losses.held(known, "a"::equals, half)).hasSize(4);
		DiscoverySnapshot later = new DiscoverySnapshot(List.of(view("one", 1 + delay, away.instances("a"))));
		assertThat(losses.held(known, "a"::equals, later)).extracting(Known::key).containsExactlyInAnyOrder("x", "y");
		away.push(half);
		away.push(later);
		next.close();
		assertThat(kept()).containsExactlyInAnyOrder("a", "x", "y");
	}

	private static SourceView view(String name, long readAt, List<DiscoveredInstance> instances) {
		return new SourceView(name, instances, readAt, Absence.EVIDENCE);
	}

	@Test
	void whenHalfIsMissedThenTheFileFollows() {
		list("a", "b");
		list("b");
		assertThat(kept()).containsExactly("b");
	}

	@Test
	void theFileIsReplacedAsAWholeAndItsOwnersAlone() throws IOException {
		list("a");
		try (Stream<Path> files = Files.list(this.folder.resolve("sub"))) {
			assertThat(files).containsExactly(file());
		}
		assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file()))).isEqualTo("rw-------");
	}

	@Test
	void whenTheFileIsTooOldThenItIsNotUsed(CapturedOutput output) throws IOException {
		list("a");
		Files.setLastModifiedTime(file(), FileTime.from(Instant.now().minus(DAY).minusSeconds(60)));
		assertNotUsed(output, "expected: within 1d");
	}

	@Test
	void whenTheFileIsOfAnotherSourceThenItIsNotUsed(CapturedOutput output) throws IOException {
		list("a");
		Files.writeString(file(), Files.readString(file()).replace("\"registry\"", "\"other\""));
		assertNotUsed(output, "version 2 of 'other' (expected: version 2 of 'registry')");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "{", "[]", "null", "{\"version\":2}", "{\"version\":2,\"source\":\"registry\"}",
			"{\"version\":2,\"source\":\"registry\",\"views\":[null]}",
			"{\"version\":2,\"source\":\"registry\",\"views\":[{\"view\":\"\",\"instances\":[{\"name\":\"game\"}]}]}",
			"\u0000\u0001" })
	void whenTheFileIsDamagedThenItIsNotUsed(String content, CapturedOutput output) throws IOException {
		Files.createDirectories(file().resolveSibling(""));
		Files.writeString(file(), content);
		assertNotUsed(output, "Snapshot file " + file() + " is not used: ");
	}

	@Test
	void whenTheFileCannotBeWrittenThenItIsLoggedOnceAndNothingElseHappens(CapturedOutput output) throws IOException {
		Files.writeString(this.folder.resolve("sub"), "not a folder");
		SnapshotFileDiscovery discovery = open(this.registry);
		discovery.subscribe(this.pushed::add);
		this.registry.push(1, "a");
		this.registry.push(2, "b");
		await().until(() -> ids().equals(List.of("b")));
		discovery.close();
		assertThat(output).containsOnlyOnce("cannot be written");
	}

	@Test
	void whenTheFileStandsInForSeveralThenThatIsToldOnce(CapturedOutput output) {
		list("a");
		SnapshotFileDiscovery discovery = open(new PushedSource("registry"));
		discovery.subscribe(this.pushed::add);
		discovery.subscribe(this.pushed::add);
		await().until(() -> this.pushed.size() == 2);
		discovery.close();
		assertThat(output).containsOnlyOnce("registry has not answered for 1s: starting with 1 instances of");
	}

	@Test
	void whenTheSubscriptionIsClosedThenNothingIsPushedAnyMore() {
		list("a");
		SnapshotFileDiscovery discovery = open(new PushedSource("registry"));
		Subscription subscription = discovery.subscribe(this.pushed::add);
		subscription.close();
		await().during(SnapshotFileDiscovery.PATIENCE.multipliedBy(2))
			.atMost(Duration.ofSeconds(20))
			.until(this.pushed::isEmpty);
	}

	private void assertNotUsed(CapturedOutput output, String reason) {
		open(new PushedSource("registry")).subscribe(this.pushed::add);
		await().until(() -> output.getAll().contains(reason));
		assertThat(this.pushed).isEmpty();
	}

	/** Has a registry list instances, and the file written. */
	private void list(String... ids) {
		try (SnapshotFileDiscovery discovery = open(this.registry)) {
			discovery.subscribe((snapshot) -> {
			});
			this.registry.push(System.nanoTime(), ids);
		}
	}

	private List<String> kept() {
		return new SnapshotFile(file(), DAY).read("registry")
			.stream()
			.flatMap((content) -> content.instances().stream())
			.map(DiscoveredInstance::id)
			.toList();
	}

	private SnapshotFileDiscovery open(PushedSource source) {
		SnapshotFileDiscovery discovery = SnapshotFileDiscovery.of(source, file(), DAY, InstanceRules.defaults());
		this.opened.add(discovery);
		return discovery;
	}

	private Path file() {
		return this.folder.resolve("sub/registry.json");
	}

	private List<String> ids() {
		return this.pushed.isEmpty() ? List.of()
				: this.pushed.get(this.pushed.size() - 1).instances().stream().map(DiscoveredInstance::id).toList();
	}

}
