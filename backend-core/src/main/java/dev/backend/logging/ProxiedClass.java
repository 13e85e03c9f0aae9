package dev.backend.logging;

import org.jspecify.annotations.Nullable;

/**
 * Finds the class behind a proxy of interfaces by what a call has thrown: further in than
 * the method of the proxy, the stack trace has one of the same name.
 */
final class ProxiedClass {

	private static final int DEPTH = 10;

	private ProxiedClass() {
	}

	/**
	 * Returns the name of the class.
	 * @param proxy the class of the proxy
	 * @param failure what the call has thrown
	 * @return the name, or {@code null} if no stack trace says it
	 */
	static @Nullable String find(Class<?> proxy, Throwable failure) {
		Throwable thrown = failure;
		for (int depth = 0; thrown != null && depth < DEPTH; depth++) {
			String name = find(proxy, thrown.getStackTrace());
			if (name != null) {
				return name;
			}
			thrown = thrown.getCause();
		}
		return null;
	}

	private static @Nullable String find(Class<?> proxy, StackTraceElement[] trace) {
		int called = 0;
		while (called < trace.length && !trace[called].getClassName().equals(proxy.getName())) {
			called++;
		}
		for (int i = Math.min(called, trace.length) - 1; i >= 0 && called < trace.length; i--) {
			String type = trace[i].getClassName();
			if (trace[i].getMethodName().equals(trace[called].getMethodName()) && !type.contains("$$")
					&& !type.contains("$Proxy")) {
				return type;
			}
		}
		return null;
	}

}
