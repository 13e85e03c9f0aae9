package dev.backend.discovery;

/**
 * How often a source has read its registry. The counts begin anew when the source begins
 * to watch anew.
 *
 * @param succeeded the reads whose answer was complete
 * @param failed the reads that failed, or took too long
 */
public record DiscoveryReads(long succeeded, long failed) {

	/** No reads. */
	public static final DiscoveryReads NONE = new DiscoveryReads(0, 0);

	/**
	 * Returns the sum of these reads and others.
	 * @param other the others
	 * @return the sum
	 */
	public DiscoveryReads plus(DiscoveryReads other) {
		return new DiscoveryReads(this.succeeded + other.succeeded, this.failed + other.failed);
	}

}
