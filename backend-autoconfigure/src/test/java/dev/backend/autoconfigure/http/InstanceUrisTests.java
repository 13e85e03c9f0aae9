package dev.backend.autoconfigure.http;

import java.net.URI;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What becomes of a URI when it is moved to an instance.
 */
class InstanceUrisTests {

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', nullValues = "none", textBlock = """
			http://pay                       | http://10.0.0.5:8080
			http://pay/                      | http://10.0.0.5:8080/
			http://pay/orders/7              | http://10.0.0.5:8080/orders/7
			http://pay:9999/orders           | http://10.0.0.5:8080/orders
			https://pay/orders               | http://10.0.0.5:8080/orders
			http://PAY/orders                | http://10.0.0.5:8080/orders
			http://me:secret@pay/orders?a=b  | http://me:secret@10.0.0.5:8080/orders?a=b
			http://m%40e@pay/                | http://m%40e@10.0.0.5:8080/
			http://pay?a=b                   | http://10.0.0.5:8080?a=b
			http://pay/?                     | http://10.0.0.5:8080/?
			http://pay/orders?a=b&c=d%26e    | http://10.0.0.5:8080/orders?a=b&c=d%26e
			http://pay/a%2Fb/c%20d?e=%25     | http://10.0.0.5:8080/a%2Fb/c%20d?e=%25
			http://pay/orders#top            | http://10.0.0.5:8080/orders#top
			http://pay/orders?a=b#to%20p     | http://10.0.0.5:8080/orders?a=b#to%20p
			http://pay//a//b                 | http://10.0.0.5:8080//a//b
			http://pay/a/../b/./c            | http://10.0.0.5:8080/a/../b/./c
			http://pay/a:b@c;d=e,f           | http://10.0.0.5:8080/a:b@c;d=e,f
			http://pay/订单?名=值              | http://10.0.0.5:8080/订单?名=值
			http://pay/?to=http://x/y?z      | http://10.0.0.5:8080/?to=http://x/y?z
			""")
	void everythingButThePlaceStays(URI uri, String expected) {
		assertThat(InstanceUris.at(URI.create("http://10.0.0.5:8080"), uri)).hasToString(expected)
			.isEqualTo(URI.create(expected))
			.satisfies((moved) -> {
				assertThat(moved.getHost()).isEqualTo("10.0.0.5");
				assertThat(moved.getPort()).isEqualTo(8080);
				assertThat(moved.getRawPath()).isEqualTo(uri.getRawPath());
				assertThat(moved.getRawQuery()).isEqualTo(uri.getRawQuery());
				assertThat(moved.getRawFragment()).isEqualTo(uri.getRawFragment());
				assertThat(moved.getRawUserInfo()).isEqualTo(uri.getRawUserInfo());
			});
	}

	@ParameterizedTest
	@CsvSource({ "https://[2001:db8::5]:8443, https://[2001:db8::5]:8443/orders?a=b",
			"http://pay-7.example.org:80, http://pay-7.example.org:80/orders?a=b" })
	void anInstanceMayBeAnywhere(URI base, String expected) {
		assertThat(InstanceUris.at(base, URI.create("http://pay/orders?a=b"))).hasToString(expected)
			.isEqualTo(URI.create(expected));
	}

}
