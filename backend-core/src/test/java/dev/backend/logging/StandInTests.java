package dev.backend.logging;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

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

	@Test
	void whenACallBehindAProxyFailsThenTheClassThatWasCalledIsNamed() {
		Codec target = new Failing();
		Codec proxy = (Codec) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { Codec.class },
				(self, method, arguments) -> {
					try {
						return method.invoke(target, arguments);
					}
					catch (InvocationTargetException ex) {
						throw ex.getCause();
					}
				});
		Throwable failure = catchThrowable(proxy::decode);
		assertThat(StandIn.nameOf(proxy, failure)).isEqualTo(StandInTests.class.getName() + "$Failing");
		assertThat(StandIn.nameOf(proxy, new IllegalStateException(failure)))
			.isEqualTo(StandInTests.class.getName() + "$Failing");
		assertThat(StandIn.nameOf(proxy, new IllegalStateException()))
			.isEqualTo("a proxy of " + StandInTests.class.getName() + "$Codec");
	}

	interface Codec {

		default void decode() {
		}

	}

	static class Failing implements Codec {

		@Override
		public void decode() {
			throw new IllegalStateException("on purpose");
		}

	}

	static class Application {

	}

	static class Application$$Generated$$0 extends Application {

	}

}
