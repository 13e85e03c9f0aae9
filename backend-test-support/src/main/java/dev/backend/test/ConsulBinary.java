package dev.backend.test;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

import org.junit.jupiter.api.Assumptions;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The binary of Consul: that of the environment variable {@code CONSUL_BIN}, else the one
 * on the PATH, else, where Docker runs on Linux, the one in Consul's image. Without any,
 * the test is skipped.
 */
public final class ConsulBinary {

	private static final String IMAGE = "consul:1.8.7";

	private ConsulBinary() {
	}

	/** Returns the path of the binary, or skips the test. */
	public static String path() {
		String configured = System.getenv("CONSUL_BIN");
		if (configured != null && !configured.isBlank()) {
			assertThat(new File(configured)).as("CONSUL_BIN").isExecutable();
			return configured;
		}
		String found = Stream.of(System.getenv("PATH").split(File.pathSeparator))
			.map((directory) -> new File(directory, "consul"))
			.filter(File::canExecute)
			.map(File::getPath)
			.findFirst()
			.orElseGet(() -> OfImage.PATH);
		Assumptions.assumeFalse(found.isEmpty(), "no Consul here: neither CONSUL_BIN nor on the PATH, and no Docker");
		return found;
	}

	/**
	 * Copied once: the agents run outside Docker, where the tests kill and suspend them.
	 */
	private static final class OfImage {

		static final String PATH = copy();

		private static String copy() {
			if (!System.getProperty("os.name").equals("Linux") || !DockerClientFactory.instance().isDockerAvailable()) {
				return "";
			}
			try (GenericContainer<?> container = new GenericContainer<>(IMAGE)) {
				container.start();
				Path binary = Files.createTempFile("backend-consul-", "");
				binary.toFile().deleteOnExit();
				container.copyFileFromContainer("/bin/consul", binary.toString());
				assertThat(binary.toFile().setExecutable(true)).isTrue();
				return binary.toString();
			}
			catch (Exception ex) {
				throw new IllegalStateException("no Consul from the image " + IMAGE, ex);
			}
		}

	}

}
