package dev.backend.benchmarks.rpc.netty;

/**
 * The protocol of the shared echo server: a length of four bytes that covers the rest, an
 * id of eight bytes, a body; big endian.
 */
final class Frame {

	/** Bytes of the length. */
	static final int LENGTH_SIZE = 4;

	/** Bytes of length and id. */
	static final int HEADER_SIZE = 12;

	/** The most that a length may say. */
	static final int MAXIMUM_LENGTH = 1 << 20;

	/** The id of a message that is counted and has no reply. */
	static final long ONE_WAY = 0;

	private Frame() {
	}

}
