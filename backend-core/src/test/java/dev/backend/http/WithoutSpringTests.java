package dev.backend.http;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;

import com.sun.net.httpserver.HttpServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * A program without Spring on its class path.
 */
@Timeout(60)
class WithoutSpringTests {

	@Test
	void whenThereIsNoSpringAtAllThenTheBackendWorks() throws Exception {
		try (URLClassLoader loader = without("spring-[a-z]+-[0-9].*\\.jar")) {
			assertThatExceptionOfType(ClassNotFoundException.class)
				.isThrownBy(() -> loader.loadClass("org.springframework.core.io.Resource"));
			assertThat(call(loader, SpringlessProgram.class)).isEqualTo("pay-1");
		}
	}

	private static Object call(ClassLoader loader, Class<? extends Callable<String>> program) throws Exception {
		Object instance = loader.loadClass(program.getName()).getDeclaredConstructor().newInstance();
		assertThat(instance.getClass()).isNotEqualTo(program);
		ClassLoader previous = Thread.currentThread().getContextClassLoader();
		Thread.currentThread().setContextClassLoader(loader);
		try {
			return ((Callable<?>) instance).call();
		}
		finally {
			Thread.currentThread().setContextClassLoader(previous);
		}
	}

	/** The class path of this test, but for some files, with classes of its own. */
	private static URLClassLoader without(String files) throws Exception {
		Pattern pattern = Pattern.compile(files);
		List<URL> urls = new ArrayList<>();
		for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
			File file = new File(entry);
			if (!pattern.matcher(file.getName()).matches()) {
				urls.add(file.toURI().toURL());
			}
		}
		return new URLClassLoader(urls.toArray(URL[]::new), HttpServer.class.getClassLoader());
	}

}
