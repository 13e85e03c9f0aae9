package dev.backend.routing;

/**
 * The output function of the SplitMix64 generator.
 *
 * @see <a href="https://doi.org/10.1145/2660193.2660195">Steele, Lea and Flood: Fast
 * Splittable Pseudorandom Number Generators (OOPSLA 2014)</a>
 */
final class SplitMix64 {

	/** What the state grows by before each output: 2^64 divided by the golden ratio. */
	static final long GAMMA = 0x9E3779B97F4A7C15L;

	private SplitMix64() {
	}

	/**
	 * Returns the output for a state.
	 */
	static long mix(long state) {
		long z = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
		z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
		return z ^ (z >>> 31);
	}

}
