package dev.backend.fleet;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.backend.ServiceConfig;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.InstanceFilter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link SnapshotReader} and what it reports.
 */
class SnapshotReaderTests {

	private final SnapshotReader reader = new SnapshotReader("games", InstanceFilter.forSchemes(Set.of("tcp")));

	private final Logger logger = (Logger) LoggerFactory.getLogger(SnapshotReader.class);

	private final ListAppender<ILoggingEvent> log = new ListAppender<>();

	@BeforeEach
	void listen() {
		this.log.start();
		this.logger.addAppender(this.log);
	}

	@AfterEach
	void stopListening() {
		this.logger.detachAppender(this.log);
	}

	private static DiscoveredInstance instance(String id, String address, int port) {
		return new DiscoveredInstance("game", id, "tcp", address, port, List.of(), Map.of());
	}

	private Map<ServiceKey, ServiceConfig> read(DiscoveredInstance... instances) {
		Map<ServiceKey, ServiceConfig> services = new LinkedHashMap<>();
		this.reader.read(DiscoverySnapshot.of(List.of(instances)))
			.forEach((key, listed) -> services.put(key, listed.config()));
		return services;
	}

	private List<String> reported() {
		return this.log.list.stream()
			.filter((event) -> event.getLevel() == Level.WARN)
			.map(ILoggingEvent::getFormattedMessage)
			.toList();
	}

	@Test
	void entriesOfOtherSchemesAreLeftOutSilently() {
		DiscoveredInstance other = new DiscoveredInstance("game", "game-2", "http", "10.0.0.2", 80, List.of(),
				Map.of());
		assertThat(read(instance("Game-1", "10.0.0.1", 1), other).values())
			.containsExactly(ServiceConfig.tcp("game", "game-1", "10.0.0.1", 1));
		assertThat(reported()).isEmpty();
	}

	@Test
	void whenAConflictIsToldThenNothingInItTurnsTheDirectionOfTheLine() {
		read(instance("a\u202eb", "10.0.0.1", 1), instance("a\u202eb", "10.0.0.2", 1));
		assertThat(reported()).singleElement().asString().contains("a\\u202eb").doesNotContain("\u202e");
	}

	@Test
	void whatIsFirstReadIsToldWithTheNumbersAndOnceOnly() {
		DiscoveredInstance other = new DiscoveredInstance("game", "web\n1", "", "10.0.0.2", 80, List.of(), Map.of());
		assertThat(this.reader.counts()).isNull();
		for (int i = 0; i < 3; i++) {
			read(instance("game-1", "10.0.0.1", 1), instance("GAME-1", "10.0.0.2", 1), instance("game-2", "", 1),
					other);
		}
		assertThat(this.log.list).filteredOn((event) -> event.getLevel() == Level.INFO)
			.singleElement()
			.asString()
			.contains(
					"games: first snapshot: 4 seen, 1 taken, 3 left out (1 malformed, 1 of an id that a newer one has, "
							+ "1 not asked for); not asked for is, for example, game/web\\n1 of scheme ''");
	}

	@Test
	void anEntryThatIsHandedOnUnchangedIsMappedOnce() {
		AtomicInteger calls = new AtomicInteger();
		SnapshotReader counting = new SnapshotReader("games", (entry) -> {
			calls.incrementAndGet();
			return ServiceConfig.tcp(entry.name(), entry.id(), entry.address(), entry.port());
		});
		DiscoveredInstance one = instance("game-1", "10.0.0.1", 1);
		counting.read(DiscoverySnapshot.of(List.of(one)));
		counting.read(DiscoverySnapshot.of(List.of(instance("game-2", "10.0.0.2", 2), one)));
		counting.read(DiscoverySnapshot.of(List.of(one)));
		assertThat(calls).hasValue(2);
	}

	@Test
	void whenEntryIsMalformedThenOnlyItIsLeftOutAndReportedOnce() {
		DiscoveredInstance malformed = instance("game-2\n", "10.0.0.2", 70_000);
		for (int i = 0; i < 3; i++) {
			assertThat(read(malformed, instance("game-1", "10.0.0.1", 1)))
				.containsOnlyKeys(new ServiceKey("game", "game-1"));
		}
		assertThat(reported()).singleElement()
			.asString()
			.contains("games", "game-2\\n", "70000", "1 to 65535")
			.doesNotContain("\n");
	}

	@Test
	void whenThousandsAreMalformedThenTheLogShowsSomeAndTheNumber() {
		DiscoveredInstance[] malformed = IntStream.range(0, 2_000)
			.mapToObj((i) -> instance("game-" + i, "10.0.0.1", 0))
			.toArray(DiscoveredInstance[]::new);
		for (int i = 0; i < 3; i++) {
			assertThat(read(malformed)).isEmpty();
		}
		assertThat(reported()).hasSize(6).last().asString().contains("1995 more problems");
	}

	@Test
	void whenTwoEntriesHaveOneIdThenTheNewerWinsAndTheConflictIsReportedOnce() {
		for (int i = 0; i < 3; i++) {
			assertThat(read(instance("GAME-1", "10.0.0.1", 1), instance("game-1", "10.0.0.2", 2)).values())
				.containsExactly(ServiceConfig.tcp("game", "game-1", "10.0.0.1", 1));
		}
		assertThat(reported()).singleElement().asString().contains("game/game-1", "10.0.0.1:1", "10.0.0.2:2");
	}

	@Test
	void whenTwoEntriesAreEqualThenThereIsNoConflict() {
		assertThat(read(instance("game-1", "10.0.0.1", 1), instance(" GAME-1", "10.0.0.1", 1))).hasSize(1);
		assertThat(reported()).isEmpty();
	}

	@Test
	void whenProblemWentAwayAndComesBackThenItIsReportedAgain() {
		DiscoveredInstance malformed = instance("game-2", "", 1);
		read(malformed);
		read();
		read(malformed);
		assertThat(reported()).hasSize(2).allSatisfy((line) -> assertThat(line).contains("game-2", "address"));
	}

	@Test
	void whenFilterFailsForOneEntryThenOthersAreRead() {
		SnapshotReader failing = new SnapshotReader("games", (entry) -> {
			if (entry.id().equals("bad")) {
				throw new IllegalStateException("no such zone");
			}
			return ServiceConfig.tcp(entry.name(), entry.id(), entry.address(), entry.port());
		});
		assertThat(failing.read(DiscoverySnapshot.of(List.of(instance("bad", "a", 1), instance("good", "b", 2)))))
			.containsOnlyKeys(new ServiceKey("game", "good"));
		assertThat(reported()).singleElement().asString().contains("bad", "no such zone");
	}

}
