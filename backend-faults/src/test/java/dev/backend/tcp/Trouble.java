package dev.backend.tcp;

/**
 * What code can throw that is compiled, linked and run.
 */
enum Trouble {

	UNCHECKED(new IllegalStateException("on purpose")), CHECKED(new Exception("on purpose")),
	ASSERTION(new AssertionError("on purpose")), LINKAGE(new NoClassDefFoundError("on purpose")),
	STACK(new StackOverflowError("on purpose"));

	private final Throwable throwable;

	Trouble(Throwable throwable) {
		this.throwable = throwable;
	}

	Throwable throwable() {
		return this.throwable;
	}

	/** Throws whatever it is, declared or not. */
	<X extends Throwable, T> T strike() throws X {
		@SuppressWarnings("unchecked")
		X undeclared = (X) this.throwable;
		throw undeclared;
	}

}
