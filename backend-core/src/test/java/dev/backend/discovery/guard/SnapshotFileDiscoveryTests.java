package dev.backend.discovery.guard;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.InstanceRules;
import dev.backend.discovery.LossConfirmation;
import dev.backend.discovery.LossConfirmation.Known;
import dev.backend.discovery.Origin;
import dev.backend.discovery.PushedSource;
import dev.backend.discovery.ServiceDiscovery.Subscription;
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
	void whatTheFileHadAndTheRegistryHasNotIsGoneAfterOneDelay() {
		list("a", "b");
		PushedSource down = new PushedSource("registry");
		open(down).subscribe(this.pushed::add);
		await().until(() -> ids().equals(List.of("a", "b")));
		List<Known<String>> known = List.of(new Known<>("a", "game", origin("a")),
				new Known<>("b", "game", origin("b")));
		LossConfirmation<String> losses = new LossConfirmation<>(null, Duration.ZERO, LossConfirmation.Listener.NONE);
		long start = System.nanoTime();
		List<Integer> held = new ArrayList<>();
		for (long later : new long[] { 0, down.confirmationDelay().toNanos() - 1,
				down.confirmationDelay().toNanos() }) {
			int before = this.pushed.size();
			down.push(start + later, "a");
			await().until(() -> this.pushed.size() > before);
			held.add(losses.held(known, "a"::equals, this.pushed.get(before)).size());
		}
		assertThat(held).containsExactly(1, 1, 0);
	}

	/** Where an instance of the first snapshot was listed. */
	private Origin origin(String id) {
		return this.pushed.get(0)
			.views()
			.stream()
			.filter((view) -> view.instances().stream().anyMatch((instance) -> instance.id().equals(id)))
			.map((view) -> new Origin(view.source(), "game"))
			.findFirst()
			.orElseThrow();
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
		assertNotUsed(output, "expected: within PT24H");
	}

	@Test
	void whenTheFileIsOfAnotherSourceThenItIsNotUsed(CapturedOutput output) throws IOException {
		list("a");
		Files.writeString(file(), Files.readString(file()).replace("\"registry\"", "\"other\""));
		assertNotUsed(output, "version 1 of 'other' (expected: version 1 of 'registry')");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "{", "[]", "null", "{\"version\":1}", "{\"version\":1,\"source\":\"registry\"}",
			"{\"version\":1,\"source\":\"registry\",\"instances\":[null]}",
			"{\"version\":1,\"source\":\"registry\",\"instances\":[{\"name\":\"game\"}]}", "\u0000\u0001" })
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
		return new SnapshotFile(file(), DAY).read("registry").stream().map(DiscoveredInstance::id).toList();
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
