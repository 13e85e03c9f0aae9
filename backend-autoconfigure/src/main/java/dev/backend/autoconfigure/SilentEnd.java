package dev.backend.autoconfigure;

import java.time.Duration;
import java.util.Arrays;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.CommandLineRunner;
import org.springframework.context.ApplicationContext;

/**
 * Says so when the process ends because nothing keeps it: without a web server that is
 * right after the start, with exit code 0. An application with runners has something to
 * do and ends by intent, and so does one whose main method goes on for long. In the
 * process of tests, the contexts that these keep end with it.
 */
final class SilentEnd {

	private static final Logger logger = LoggerFactory.getLogger(SilentEnd.class);

	/** Long enough for the start and its waits. */
	private static final Duration JUST_STARTED = Duration.ofMinutes(1);

	/** What Spring Boot adds to the properties of a {@code @SpringBootTest}. */
	private static final String SPRING_BOOT_TEST = "org.springframework.boot.test.context.SpringBootTestContextBootstrapper";

	private SilentEnd() {
	}

	/**
	 * Logs it, if it is so.
	 * @param closing the context that closes, which has backends that run
	 */
	static void tellOf(ApplicationContext closing) {
		if (lastThreadHasEnded() && hasJustStarted(closing) && !isOfTest(closing)
				&& !has(closing, ApplicationRunner.class) && !has(closing, CommandLineRunner.class)) {
			logger.warn("The process ends, because no thread keeps it: there is no web server, and the threads of "
					+ "backends are daemons. Set spring.main.keep-alive=true if it is to run on");
		}
	}

	private static boolean hasJustStarted(ApplicationContext context) {
		return System.currentTimeMillis() - context.getStartupDate() < JUST_STARTED.toMillis();
	}

	private static boolean isOfTest(ApplicationContext context) {
		return context.getEnvironment().containsProperty(SPRING_BOOT_TEST);
	}

	/**
	 * The virtual machine shuts down on a way of its own then: a signal, and
	 * {@link System#exit}, take that of {@code exit}.
	 */
	private static boolean lastThreadHasEnded() {
		return Thread.getAllStackTraces()
			.values()
			.stream()
			.flatMap(Arrays::stream)
			.anyMatch((element) -> element.getClassName().equals("java.lang.Shutdown")
					&& element.getMethodName().equals("shutdown"));
	}

	private static boolean has(ApplicationContext context, Class<?> type) {
		return context.getBeanNamesForType(type, true, false).length > 0;
	}

}
