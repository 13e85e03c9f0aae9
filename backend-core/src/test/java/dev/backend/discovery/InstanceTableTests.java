package dev.backend.discovery;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link InstanceTable}: order, bounds, counts and reports.
 */
@ExtendWith(OutputCaptureExtension.class)
class InstanceTableTests {

	private final InstanceTable table = new InstanceTable("games", InstanceRules.defaults().withMaximumInstances(3));

	private static InstanceEntry entry(String id) {
		return InstanceEntry.of(id, instance(id, "10.0.0.1", Map.of()));
	}

	private static DiscoveredInstance instance(String id, String address, Map<String, String> metadata) {
		return new DiscoveredInstance("game", id, "tcp", address, 7001, List.of(), metadata);
	}

	private List<String> update(String... ids) {
		this.table.update(Arrays.stream(ids).map(InstanceTableTests::entry).toList(), 0);
		return ids();
	}

	private List<String> ids() {
		return this.table.instances().stream().map(DiscoveredInstance::id).toList();
	}

	@Test
	void theOneFirstSeenLatestComesFirstWhateverTheOrderOfLaterReads() {
		assertThat(update("a", "b")).containsExactly("b", "a");
		assertThat(update("c", "b", "a")).containsExactly("c", "b", "a");
		assertThat(update("a", "c")).containsExactly("c", "a");
		assertThat(update("a", "b", "c")).containsExactly("b", "c", "a");
	}

	@Test
	void theRegistrysOwnOrderCounts() {
		this.table.update("one", List.of(entry("a").withOrder(7), entry("b").withOrder(5)), InstanceCounts.NONE);
		this.table.update("two", List.of(entry("c").withOrder(6)), InstanceCounts.NONE);
		assertThat(ids()).containsExactly("a", "c", "b");
	}

	@Test
	void whileNothingChangesThenTheListIsTheSameObject() {
		update("a", "b");
		List<DiscoveredInstance> first = this.table.instances();
		update("b", "a");
		assertThat(this.table.instances()).isSameAs(first);
		update("a");
		assertThat(this.table.instances()).isNotSameAs(first);
	}

	@Test
	void beyondTheMaximumTheKnownOnesStayAndTheNextTakesAFreePlace(CapturedOutput output) {
		update("a", "b");
		assertThat(update("x", "y", "a", "b")).containsExactlyInAnyOrder("a", "b", "x");
		update("y", "x", "a", "b");
		assertThat(this.table.counts()).isEqualTo(InstanceCounts.of(3).withLeftOut(LeftOut.TOO_MANY, 1));
		assertThat(output).containsOnlyOnce("games: 4 entries (expected: at most 3); those beyond are left out");
		assertThat(update("y", "a", "b")).containsExactlyInAnyOrder("a", "b", "y");
		assertThat(this.table.counts()).isEqualTo(InstanceCounts.of(3));
	}

	@Test
	void whatCouldNotBeReadForOnceKeepsItsPlace() {
		update("a", "b", "c");
		this.table.update(List.of(entry("x"), entry("y")), 80);
		assertThat(update("x", "y", "a", "b", "c")).containsExactly("c", "b", "a");
		update("x", "y");
		assertThat(update("a", "x", "y")).as("it was gone").contains("x", "y");
	}

	@Test
	void whoeverAddsAMalformedEntryPerReadFillsNoLog(CapturedOutput output) {
		for (int i = 0; i < 200; i++) {
			this.table.update(List.of(InstanceEntry.of(i, instance("bad" + i, "", Map.of()))), 0);
		}
		assertThat(output.getOut().lines().filter((line) -> line.contains("left out that"))).hasSize(10);
	}

	@Test
	void whileAFloodChangesFromReadToReadThenTheKnownOnesKeepTheirPlaces() {
		update("a", "b");
		for (int read = 0; read < 10; read++) {
			List<InstanceEntry> flood = IntStream.range(10 * read, 10 * read + 10)
				.mapToObj((i) -> entry("x" + i))
				.collect(Collectors.toList());
			if (read % 2 == 1) {
				Collections.addAll(flood, entry("a"), entry("b"));
			}
			this.table.update(flood, 80);
		}
		assertThat(update("x98", "x99", "a", "b")).hasSize(3).contains("a", "b");
	}

	@Test
	void whatIsRefusedTakesNoPlace() {
		List<InstanceEntry> entries = IntStream.range(0, 10)
			.mapToObj((i) -> InstanceEntry.of("bad" + i, instance("bad" + i, "10.0.0.1", tags(101))))
			.collect(Collectors.toList());
		Collections.addAll(entries, entry("a"), entry("b"), entry("c"));
		this.table.update(entries, 5);
		assertThat(ids()).containsExactly("c", "b", "a");
		assertThat(this.table.counts())
			.isEqualTo(InstanceCounts.of(3).withLeftOut(LeftOut.MALFORMED, 10).withLeftOut(LeftOut.TOO_MANY, 5));
		assertThat(this.table.counts())
			.hasToString("18 seen, 3 taken, 15 left out (10 malformed, 5 beyond the maximum)");
	}

	@ParameterizedTest
	@ValueSource(strings = { "0.0.0.0", "255.255.255.255", "224.0.0.1", "::", "10.0.0.1/any?x=", "http://10.0.0.1",
			"10.0.0.1:80", "user@host", "a b", "" })
	void anAddressIsAHostNameOrAnIpAddress(String address) {
		this.table.update(List.of(InstanceEntry.of("a", instance("a", address, Map.of()))), 0);
		assertThat(ids()).isEmpty();
		assertThat(this.table.counts().leftOut()).containsOnly(Map.entry(LeftOut.MALFORMED, 1));
	}

	@Test
	void tagsAndMetadataAreBoundedAndTheExcessIsToldOnceWithTheNumber(CapturedOutput output) {
		List<InstanceEntry> entries = List.of(InstanceEntry.of("a", instance("a\n", "10.0.0.1", tags(2700))),
				InstanceEntry.of("b", instance("b", "10.0.0.1", Map.of("note", "x".repeat(9000)))));
		this.table.update(entries, 0);
		this.table.update(entries, 0);
		assertThat(this.table.counts().leftOut()).containsOnly(Map.entry(LeftOut.MALFORMED, 2));
		assertThat(output).containsOnlyOnce(
				"games: 2 entries are left out that were not before (malformed), such as game/a\\n: 2700 tags (expected: at most 100)");
		this.table.update(List.of(entries.get(1)), 0);
		this.table.update(entries, 0);
		assertThat(output.getOut().split("left out that", -1)).as("once, and once more since it came back").hasSize(3);
	}

	@Test
	void whatSourcesLeaveOutCountsByReason() {
		this.table.update("one", List.of(entry("a"), InstanceEntry.leftOut("b", LeftOut.UNHEALTHY, "")),
				InstanceCounts.NONE.withLeftOut(LeftOut.NOT_WANTED, 4));
		assertThat(this.table.counts().seen()).isEqualTo(6);
		assertThat(this.table.counts().refused()).isZero();
		this.table.remove("one");
		assertThat(this.table.counts()).isEqualTo(InstanceCounts.NONE);
	}

	private static Map<String, String> tags(int number) {
		return Map.of(InstanceFilter.METADATA_ROUTER_TAG,
				IntStream.range(0, number).mapToObj((i) -> "t" + i).collect(Collectors.joining(" ")));
	}

}
