package dev.backend.sample.gateway;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;

import org.springframework.util.FileSystemUtils;

/**
 * A real browser without a window, with an empty profile. It is driven by the
 * ChromeDriver of the environment variable {@code CHROMEDRIVER_BIN} or on the PATH, which
 * finds the Chromium that it belongs to; nothing is fetched.
 */
final class Chromium implements AutoCloseable {

	private final Path profile;

	private final ChromeDriver driver;

	private Chromium(File binary) {
		try {
			this.profile = Files.createTempDirectory("chromium-");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		ChromeOptions options = new ChromeOptions();
		options.addArguments("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
				"--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
				"--window-size=1200,1000", "--user-data-dir=" + this.profile);
		ChromeDriverService service = new ChromeDriverService.Builder().usingDriverExecutable(binary)
			.usingAnyFreePort()
			.build();
		this.driver = new ChromeDriver(service, options);
	}

	static boolean available() {
		return binary() != null;
	}

	static Chromium started() {
		File binary = binary();
		if (binary == null) {
			throw new IllegalStateException("No chromedriver in CHROMEDRIVER_BIN or on the PATH");
		}
		return new Chromium(binary);
	}

	private static @Nullable File binary() {
		String named = System.getenv("CHROMEDRIVER_BIN");
		if (named != null) {
			return new File(named);
		}
		return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
			.map((folder) -> new File(folder, "chromedriver"))
			.filter(File::canExecute)
			.findFirst()
			.orElse(null);
	}

	ChromeDriver driver() {
		return this.driver;
	}

	@Override
	public void close() {
		this.driver.quit();
		try {
			FileSystemUtils.deleteRecursively(this.profile);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
