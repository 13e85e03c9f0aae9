package dev.backend.routing;

/**
 * XXH64 with seed 0 over the UTF-16 code units of a text, little endian: no encoding, no
 * copy, and the same work for every script.
 *
 * @see <a href="https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md">The
 * specification of xxHash</a>
 */
final class XxHash64 {

	private static final long PRIME_1 = 0x9E3779B185EBCA87L;

	private static final long PRIME_2 = 0xC2B2AE3D27D4EB4FL;

	private static final long PRIME_3 = 0x165667B19E3779F9L;

	private static final long PRIME_4 = 0x85EBCA77C2B2AE63L;

	private static final long PRIME_5 = 0x27D4EB2F165667C5L;

	/** Characters in one stripe of 32 bytes. */
	private static final int STRIPE = 16;

	private XxHash64() {
	}

	/**
	 * Returns the hash of a text. Does not allocate.
	 */
	static long ofUtf16(String text) {
		int length = text.length();
		int stripes = length & -STRIPE;
		long hash = ((stripes != 0) ? stripes(text, stripes) : PRIME_5) + 2L * length;
		int i = stripes;
		for (; i + 4 <= length; i += 4) {
			hash = Long.rotateLeft(hash ^ round(0, lane(text, i)), 27) * PRIME_1 + PRIME_4;
		}
		if (i + 2 <= length) {
			long half = text.charAt(i) | (long) text.charAt(i + 1) << 16;
			hash = Long.rotateLeft(hash ^ half * PRIME_1, 23) * PRIME_2 + PRIME_3;
			i += 2;
		}
		if (i < length) {
			char last = text.charAt(i);
			hash = Long.rotateLeft(hash ^ (last & 0xFF) * PRIME_5, 11) * PRIME_1;
			hash = Long.rotateLeft(hash ^ (last >>> 8) * PRIME_5, 11) * PRIME_1;
		}
		return avalanche(hash);
	}

	private static long stripes(String text, int end) {
		long first = PRIME_1 + PRIME_2;
		long second = PRIME_2;
		long third = 0;
		long fourth = -PRIME_1;
		for (int i = 0; i < end; i += STRIPE) {
			first = round(first, lane(text, i));
			second = round(second, lane(text, i + 4));
			third = round(third, lane(text, i + 8));
			fourth = round(fourth, lane(text, i + 12));
		}
		long hash = Long.rotateLeft(first, 1) + Long.rotateLeft(second, 7) + Long.rotateLeft(third, 12)
				+ Long.rotateLeft(fourth, 18);
		return merge(merge(merge(merge(hash, first), second), third), fourth);
	}

	private static long merge(long hash, long accumulator) {
		return (hash ^ round(0, accumulator)) * PRIME_1 + PRIME_4;
	}

	private static long round(long accumulator, long lane) {
		return Long.rotateLeft(accumulator + lane * PRIME_2, 31) * PRIME_1;
	}

	private static long avalanche(long hash) {
		long mixed = (hash ^ (hash >>> 33)) * PRIME_2;
		mixed = (mixed ^ (mixed >>> 29)) * PRIME_3;
		return mixed ^ (mixed >>> 32);
	}

	private static long lane(String text, int start) {
		return text.charAt(start) | (long) text.charAt(start + 1) << 16 | (long) text.charAt(start + 2) << 32
				| (long) text.charAt(start + 3) << 48;
	}

}
