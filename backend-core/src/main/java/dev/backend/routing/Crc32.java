package dev.backend.routing;

/**
 * CRC-32 (IEEE 802.3) of a text's UTF-8 bytes, without making the bytes: ASCII goes
 * through four tables, four characters at a time; the rest is encoded on the way, as
 * {@link String#getBytes(java.nio.charset.Charset)} does, with {@code '?'} for an
 * unpaired surrogate.
 *
 * @see <a href="https://sourceforge.net/projects/slicing-by-8/">Kounavis and Berry:
 * Slicing-by-4 and slicing-by-8</a>
 */
final class Crc32 {

	private static final int POLYNOMIAL = 0xEDB88320;

	/** {@code SLICE_n[b]}: the effect of byte b when n more bytes follow in its step. */
	private static final int[] SLICE_0 = firstSlice();

	private static final int[] SLICE_1 = nextSlice(SLICE_0);

	private static final int[] SLICE_2 = nextSlice(SLICE_1);

	private static final int[] SLICE_3 = nextSlice(SLICE_2);

	private Crc32() {
	}

	/**
	 * Returns the checksum of a text. Does not allocate.
	 */
	static int ofUtf8(String text) {
		int length = text.length();
		int crc = -1;
		int i = 0;
		for (; i + 4 <= length; i += 4) {
			char first = text.charAt(i);
			char second = text.charAt(i + 1);
			char third = text.charAt(i + 2);
			char fourth = text.charAt(i + 3);
			if ((first | second | third | fourth) >= 0x80) {
				return ~encoded(crc, text, i);
			}
			int step = crc ^ (first | second << 8 | third << 16 | fourth << 24);
			crc = SLICE_3[step & 0xFF] ^ SLICE_2[step >>> 8 & 0xFF] ^ SLICE_1[step >>> 16 & 0xFF]
					^ SLICE_0[step >>> 24];
		}
		return ~rest(crc, text, i);
	}

	/**
	 * Takes the last characters, fewer than four, in one step too.
	 */
	private static int rest(int crc, String text, int start) {
		int count = text.length() - start;
		if (count == 0) {
			return crc;
		}
		char first = text.charAt(start);
		char second = (count > 1) ? text.charAt(start + 1) : 0;
		char third = (count > 2) ? text.charAt(start + 2) : 0;
		if ((first | second | third) >= 0x80) {
			return encoded(crc, text, start);
		}
		int step = crc ^ (first | second << 8 | third << 16);
		return switch (count) {
			case 1 -> crc >>> 8 ^ SLICE_0[step & 0xFF];
			case 2 -> crc >>> 16 ^ SLICE_1[step & 0xFF] ^ SLICE_0[step >>> 8 & 0xFF];
			default -> crc >>> 24 ^ SLICE_2[step & 0xFF] ^ SLICE_1[step >>> 8 & 0xFF] ^ SLICE_0[step >>> 16 & 0xFF];
		};
	}

	private static int encoded(int crc, String text, int start) {
		int codePoint;
		for (int i = start; i < text.length(); i += Character.charCount(codePoint)) {
			codePoint = text.codePointAt(i);
			if (codePoint < 0x80) {
				crc = next(crc, codePoint);
			}
			else if (codePoint < 0x800) {
				crc = continued(next(crc, 0xC0 | codePoint >>> 6), codePoint);
			}
			else if (Character.isBmpCodePoint(codePoint)) {
				crc = threeBytes(crc, codePoint);
			}
			else {
				crc = next(crc, 0xF0 | codePoint >>> 18);
				crc = continued(continued(continued(crc, codePoint >>> 12), codePoint >>> 6), codePoint);
			}
		}
		return crc;
	}

	private static int threeBytes(int crc, int codePoint) {
		if (Character.isSurrogate((char) codePoint)) {
			return next(crc, '?');
		}
		return continued(continued(next(crc, 0xE0 | codePoint >>> 12), codePoint >>> 6), codePoint);
	}

	private static int continued(int crc, int codePoint) {
		return next(crc, 0x80 | codePoint & 0x3F);
	}

	private static int next(int crc, int octet) {
		return crc >>> 8 ^ SLICE_0[(crc ^ octet) & 0xFF];
	}

	private static int[] firstSlice() {
		int[] slice = new int[256];
		for (int octet = 0; octet < slice.length; octet++) {
			int crc = octet;
			for (int bit = 0; bit < 8; bit++) {
				crc = crc >>> 1 ^ (POLYNOMIAL & -(crc & 1));
			}
			slice[octet] = crc;
		}
		return slice;
	}

	private static int[] nextSlice(int[] previous) {
		int[] slice = new int[256];
		for (int octet = 0; octet < slice.length; octet++) {
			slice[octet] = previous[octet] >>> 8 ^ SLICE_0[previous[octet] & 0xFF];
		}
		return slice;
	}

}
