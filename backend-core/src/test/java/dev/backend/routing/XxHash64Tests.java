package dev.backend.routing;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link XxHash64}: the reference implementation's self-test data at lengths of
 * whole UTF-16 code units, and values computed with it.
 */
class XxHash64Tests {

	@ParameterizedTest
	@CsvSource({ "0, ef46db3751d8e999", "2, 5d48cd60a77e23ff", "4, 9136a0dca57457ee", "6, c72565b7154268a8",
			"8, cdbcf538e71d1348", "14, 8282dcc4994e35c8", "30, e2677241d4c46caf", "32, 18b216492bb44b70",
			"34, d0ce7cbae371beb2", "64, ef558f8acac2b5cd", "222, b641ae8cb691c174" })
	void agreesWithTheReferenceForItsTestData(int length, String expected) {
		// Not decoded: that would replace unpaired surrogates.
		String text = ByteBuffer.wrap(testData(length)).order(ByteOrder.LITTLE_ENDIAN).asCharBuffer().toString();
		assertThat(Long.toHexString(XxHash64.ofUtf16(text))).isEqualTo(expected);
	}

	@ParameterizedTest
	@CsvSource({ "user-123456, 424fefd5fb442941", "game-1, fe63cecf50b20ed4", "玩家42, 3287b153a5ac9457" })
	void agreesWithTheReferenceForKeys(String text, String expected) {
		assertThat(Long.toHexString(XxHash64.ofUtf16(text))).isEqualTo(expected);
	}

	@Test
	void unpairedSurrogatesCountAsTheyAre() {
		assertThat(XxHash64.ofUtf16("\ud83d")).isNotEqualTo(XxHash64.ofUtf16("\ude00"))
			.isNotEqualTo(XxHash64.ofUtf16("?"));
	}

	/** Generates bytes as the reference's self-test does. */
	private static byte[] testData(int length) {
		byte[] data = new byte[length];
		long state = 2654435761L;
		for (int i = 0; i < length; i++) {
			data[i] = (byte) (state >>> 56);
			state *= 0x9E3779B185EBCA8DL;
		}
		return data;
	}

}
