package dev.backend.benchmarks;

import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import dev.backend.Route;
import dev.backend.routing.HashRing;
import dev.backend.routing.RoutedInstance;
import dev.backend.routing.RoutingTable;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Time of one look-up by a key like {@code user-123456}. With {@code -p keys=65536} the
 * keys and the points they touch no longer fit the caches close to the core.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class RingLookupBenchmark {

	/** The algorithm. */
	@Param
	public Algorithm algorithm = Algorithm.BALANCED;

	/** The number of members. */
	@Param({ "10", "100", "1000" })
	public int members;

	/** The number of different keys, a power of two. */
	@Param("16384")
	public int keys;

	private HashRing<String> ring = Algorithm.BALANCED.hash().ring(Set.of());

	private RoutingTable<String> table = RoutingTable.empty(Algorithm.BALANCED.hash());

	private String[] texts = {};

	private Route[] routes = {};

	private int next;

	/**
	 * Builds the ring and the keys.
	 */
	@Setup
	public void prepare() {
		this.ring = this.algorithm.ring(Algorithm.members(this.members));
		this.table = RoutingTable.<String>empty(this.algorithm.hash())
			.update(Algorithm.members(this.members)
				.stream()
				.map((member) -> new RoutedInstance<>(member.id(), 1, Set.of("eu"), member.value()))
				.toList());
		Random random = new Random(7);
		this.texts = new String[this.keys];
		this.routes = new Route[this.keys];
		for (int i = 0; i < this.keys; i++) {
			this.texts[i] = "user-" + (100_000 + random.nextInt(900_000));
			this.routes[i] = Route.hash(this.texts[i]).tag("eu");
		}
	}

	/**
	 * Looks up on a ring.
	 * @return the owner
	 */
	@Benchmark
	public @Nullable String owner() {
		return this.ring.owner(this.texts[this.next++ & (this.keys - 1)]);
	}

	/**
	 * Looks up in a routing table, by key and tag.
	 * @return the owner
	 */
	@Benchmark
	public @Nullable String route() {
		return this.table.find(this.routes[this.next++ & (this.keys - 1)]);
	}

}
