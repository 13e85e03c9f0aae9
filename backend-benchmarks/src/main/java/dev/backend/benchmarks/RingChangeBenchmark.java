package dev.backend.benchmarks;

import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import dev.backend.routing.HashRing;
import dev.backend.routing.RingMember;
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
 * Time of a change of members, beside that of building the ring from scratch.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class RingChangeBenchmark {

	/** The algorithm. */
	@Param
	public Algorithm algorithm = Algorithm.BALANCED;

	/** The number of members. */
	@Param({ "100", "1000" })
	public int members;

	private HashRing<String> ring = Algorithm.BALANCED.hash().ring(Set.of());

	private List<RingMember<String>> all = List.of();

	private RingMember<String> newcomer = new RingMember<>("newcomer", 1, "newcomer");

	/**
	 * Builds the ring.
	 */
	@Setup
	public void prepare() {
		this.all = Algorithm.members(this.members);
		this.ring = this.algorithm.ring(this.all);
	}

	/**
	 * Lets one member leave.
	 * @return the ring without it
	 */
	@Benchmark
	public HashRing<String> leave() {
		return this.ring.without("game-42");
	}

	/**
	 * Lets one member join.
	 * @return the ring with it
	 */
	@Benchmark
	public HashRing<String> join() {
		return this.ring.with(this.newcomer);
	}

	/**
	 * Replaces the value of one member, as a reconnect to another address does.
	 * @return the ring with the other value
	 */
	@Benchmark
	public HashRing<String> replace() {
		return this.ring.with(new RingMember<>("game-42", 1, "other"));
	}

	/**
	 * Builds the ring from scratch.
	 * @return the ring
	 */
	@Benchmark
	public HashRing<String> build() {
		return this.algorithm.ring(this.all);
	}

}
