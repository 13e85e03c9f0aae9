package dev.backend.routing;

import java.nio.charset.StandardCharsets;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Crc32}.
 */
class Crc32Tests {

	@Test
	void yieldsThePublishedCheckValue() {
		assertThat(Crc32.ofUtf8("123456789")).isEqualTo(0xCBF43926);
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "a", "ab", "abc", "abcd", "user-123456", "abcdefgh", "\0\u007f\u0080", "é", "abcdé",
			"玩家42", "\u07ff\u0800\uffff", "😀", "abc😀abc", "\ud800", "\udc00", "abc\ud83d", "\ude00\ud83d",
			"\ud83dabcd", "\ud83d\ud83d\ude00" })
	void agreesWithTheChecksumOfTheEncodedBytes(String text) {
		assertThat(Crc32.ofUtf8(text)).isEqualTo(checksumOfBytes(text));
	}

	@Test
	void agreesWithTheChecksumOfTheEncodedBytesForAnyCharacters() {
		Random random = new Random(42);
		int[] bounds = { 0x80, 0x100, 0x900, 0x10000 };
		for (int i = 0; i < 100_000; i++) {
			StringBuilder text = new StringBuilder();
			int length = random.nextInt(20);
			while (text.length() < length) {
				boolean surrogate = random.nextInt(8) == 0;
				text.append((char) (surrogate ? 0xD800 + random.nextInt(0x800)
						: random.nextInt(bounds[random.nextInt(bounds.length)])));
			}
			assertThat(Crc32.ofUtf8(text.toString())).as("%s", text).isEqualTo(checksumOfBytes(text.toString()));
		}
	}

	private static int checksumOfBytes(String text) {
		java.util.zip.CRC32 checksum = new java.util.zip.CRC32();
		checksum.update(text.getBytes(StandardCharsets.UTF_8));
		return (int) checksum.getValue();
	}

}
