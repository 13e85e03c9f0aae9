package dev.backend.logging;

import java.lang.reflect.Proxy;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class StandInTests {

	private static final String APPLICATION = StandInTests.class.getName() + "$Application";

	@Test
	void whenAnObjectIsOfAGeneratedSubclassThenItsClassIsNamed() {
		assertThat(StandIn.nameOf(new Application())).isEqualTo(APPLICATION);
		assertThat(StandIn.nameOf(new Application$$Generated$$0())).isEqualTo(APPLICATION);
	}

	@Test
	void whenAnObjectIsAProxyThenItsFirstInterfaceIsNamed() {
		Object proxy = Proxy.newProxyInstance(getClass().getClassLoader(),
				new Class<?>[] { Codec.class, Runnable.class }, (self, method, arguments) -> null);
		assertThat(StandIn.nameOf(proxy)).isEqualTo("a proxy of " + StandInTests.class.getName() + "$Codec");
	}

	interface Codec {

	}

	static class Application {

	}

	static class Application$$Generated$$0 extends Application {

	}

}
