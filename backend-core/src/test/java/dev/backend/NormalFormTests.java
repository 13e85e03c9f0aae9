package dev.backend;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link NormalForm}, which is that of Go.
 */
class NormalFormTests {

	/** The SHA-256 of what {@code unicode.ToLower} of Go 1.26 returns for each rune. */
	private static final String LOWER_CASE_IN_GO = "77b59436339a527d947d6456d86a394bc85dd65bcededda20613d9e5901e5111";

	private static final int[] SPACES_IN_GO = { 0x9, 0xA, 0xB, 0xC, 0xD, 0x20, 0x85, 0xA0, 0x1680, 0x2000, 0x2001,
			0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200A, 0x2028, 0x2029, 0x202F, 0x205F,
			0x3000 };

	@ParameterizedTest
	@CsvSource({ "İstanbul,istanbul", "ΟΔΟΣ,οδοσ", "'game-1\u00a0',game-1", "'\u2007Game-2\u2007',game-2",
			"'\u0085ab\u3000',ab", "GROẞE,große", "ǅ,ǆ", "'\u001cx','\u001cx'", "𐕰,𐖗", "' \t ',''", "'',''",
			"' A b ',a b", "玩家-1,玩家-1", "Game-𐐀,game-𐐨" })
	void isThatOfGo(String text, String normal) {
		assertThat(ServiceConfig.normalize(text)).isEqualTo(normal);
	}

	@Test
	void whateverTheJdkEachCodePointIsLowerCasedAsInGo() throws NoSuchAlgorithmException {
		MessageDigest digest = MessageDigest.getInstance("SHA-256");
		allCodePoints().forEach((codePoint) -> digest
			.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, NormalForm.lowerCase(codePoint)).array()));
		assertThat(HexFormat.of().formatHex(digest.digest())).isEqualTo(LOWER_CASE_IN_GO);
	}

	@Test
	void theSpacesAreThoseOfGo() {
		assertThat(allCodePoints().filter(NormalForm::isSpace).toArray()).isEqualTo(SPACES_IN_GO);
	}

	@Test
	void theNormalFormOfANormalFormIsItself() {
		allCodePoints().forEach((codePoint) -> {
			String normal = ServiceConfig.normalize(" a" + Character.toString(codePoint));
			assertThat(ServiceConfig.normalize(normal)).isSameAs(normal);
			assertThat(NormalForm.isSpace(NormalForm.lowerCase(codePoint))).isEqualTo(NormalForm.isSpace(codePoint));
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "game-1", "玩家-1", "a b", "große", "" })
	void whenInNormalFormThenIsReturnedAsItIs(String text) {
		assertThat(ServiceConfig.normalize(text)).isSameAs(text);
	}

	private static IntStream allCodePoints() {
		return IntStream.rangeClosed(0, Character.MAX_CODE_POINT);
	}

}
