package dev.backend;

import java.net.URI;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tests for {@link HostAddress}.
 */
class HostAddressTests {

	private static final String LABEL = "a23456789b123456789c123456789d123456789e123456789f123456789g123";

	@ParameterizedTest
	@ValueSource(strings = { "10.0.0.1", "255.255.255.255", "::1", "::", "2001:db8::1", "::ffff:10.0.0.1",
			"fe80::1%eth0", "fe80::1%2", "localhost", "a", "Game.Example.org", "game.example.org.", "my_host_1",
			"_tcp.game", "xn--mller-kva.example", "müller.example", "玩家.example", "4f3a", "10.0.0.1.example", "a--b",
			LABEL })
	void aHostNameOrAnIpAddressIsLeftAsItIs(String address) {
		assertThat(HostAddress.check(address)).isSameAs(address);
	}

	@ParameterizedTest
	@CsvSource({ "[::1],::1", "[fe80::1%eth0],fe80::1%eth0" })
	void anIpv6AddressLosesItsBrackets(String address, String bare) {
		assertThat(HostAddress.check(address)).isEqualTo(bare);
	}

	@ParameterizedTest
	@ValueSource(strings = { "10.0.0.1:6379/any?x=", "10.0.0.1:6379", "http://10.0.0.1", "10.0.0.1/any", "host/any",
			"host?x=", "host#x", "user@host", "user:password@host", "host:80", "", " ", " 10.0.0.1", "10.0.0.1 ",
			"\u00a0", "host name", "a..b", ".a", ".", "..", "a..", "[10.0.0.1]", "[host]", "[]", "[", "]", "[::1",
			"::1]", "[[::1]]", "[::1]:80", "[::1]/any", "::1/any", "::1%", "::1%eth0/any", "::1%eth 0", "::1%a?b",
			"[::1%eth0]x]", ":::", ":", "1::2::3", "::g", "10.0.0.256", "10.0.0", "2130706433", "0x7f000001", "0x7f.1",
			"a.1", "a.0x", "a.1.", "a\\b", "a%2fb", "a\nb", "a\u0000", "host\u200b", "a／b", "a？b", "a＠b", "a：b", "a。。b",
			"１０", "1２７", "ho​st", "\ud800", "a,b", "a;b", "a&b", "a=b", "a*b", "a~b", "a'b" })
	void anythingElseIsRefused(String address) {
		assertThatIllegalArgumentException().isThrownBy(() -> ServiceConfig.http("pay", "pay-1", address, 8080))
			.withMessageMatching("address: '[^\n\u200b]*' \\(expected: a host name or an IP address\\)");
	}

	@Test
	void whenTooLongThenIsRefusedAndCut() {
		String longest = "%s.%1$s.%1$s.%s".formatted(LABEL, LABEL.substring(2));
		assertThat(longest).hasSize(253);
		assertThat(HostAddress.check(longest)).isSameAs(longest);
		assertThat(HostAddress.check(longest + ".")).endsWith(".");
		assertThatIllegalArgumentException().isThrownBy(() -> HostAddress.check("b" + longest));
		assertThatIllegalArgumentException().isThrownBy(() -> HostAddress.check(LABEL + "a"));
		assertThatIllegalArgumentException().isThrownBy(() -> HostAddress.check("ü".repeat(60)));
		assertThatIllegalArgumentException().isThrownBy(() -> HostAddress.check("::1%" + "a".repeat(300)));
		assertThatIllegalArgumentException().isThrownBy(() -> HostAddress.check("a".repeat(100_000)))
			.satisfies((ex) -> assertThat(ex.getMessage()).hasSizeLessThan(400).contains("(100000 characters)"));
	}

	@Test
	void whenAnAddressIsTakenThenAUriOfItLeadsThere() {
		for (String address : new String[] { "10.0.0.1", "::1", "fe80::1%eth0", "fe80::1%a.b_c", "game.example.org.",
				"my_host_1" }) {
			ServiceConfig config = ServiceConfig.http("pay", "pay-1", address, 8080);
			URI uri = URI.create("http://" + config.endpoint() + "/");
			assertThat(uri.getRawAuthority()).isEqualTo(config.endpoint());
			assertThat(uri.getRawPath()).isEqualTo("/");
			assertThat(uri.getRawUserInfo()).isNull();
		}
	}

}
