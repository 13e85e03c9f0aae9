package dev.backend.autoconfigure.event;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Finds the method that has failed among those that listen for an event. Spring does not
 * tell, but the stack trace does: the method is what Spring has called.
 */
final class FailedEventListener {

	private static final String SPRING_EVENTS = "org.springframework.context.event.";

	/** What may stand between Spring's call and the method: reflection, proxies. */
	private static final List<String> BETWEEN = List.of("java.", "jdk.", "sun.", "org.springframework.");

	private FailedEventListener() {
	}

	/**
	 * Returns the name of the method.
	 * @param failure what publishing the event has thrown
	 * @return the name of its class and its own, or who it is in general if the stack
	 * trace does not say
	 */
	static String nameOf(Throwable failure) {
		Throwable thrown = failure;
		for (int depth = 0; thrown != null && depth < 10; depth++) {
			String name = calledBySpring(thrown.getStackTrace());
			if (name != null) {
				return name;
			}
			thrown = thrown.getCause();
		}
		return "of application events";
	}

	private static @Nullable String calledBySpring(StackTraceElement[] trace) {
		String called = null;
		for (StackTraceElement element : trace) {
			String type = element.getClassName();
			if (type.startsWith(SPRING_EVENTS)) {
				return called;
			}
			if (type.indexOf("$$") < 0 && BETWEEN.stream().noneMatch(type::startsWith)) {
				called = type + "." + element.getMethodName();
			}
		}
		return null;
	}

}
