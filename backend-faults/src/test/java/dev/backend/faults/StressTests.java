package dev.backend.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.backend.test.SlowTest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.openjdk.jcstress.Main;
import org.openjdk.jcstress.infra.Status;
import org.openjdk.jcstress.infra.collectors.DiskReadCollector;
import org.openjdk.jcstress.infra.collectors.InProcessCollector;
import org.openjdk.jcstress.infra.collectors.TestResult;
import org.openjdk.jcstress.infra.grading.ReportUtils;
import org.openjdk.jcstress.infra.runners.TestList;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Runs the jcstress tests of this module, which are the classes that end in Stress.
 * <ul>
 * <li>By default for a moment each, in one JVM: until it has 10,000 samples, and usually
 * for many more.
 * <li>{@code -Dfaults.stress.samples=10000000}: each until it has so many samples.
 * <li>{@code -Dfaults.stress=quick}, or another mode of jcstress: as jcstress runs them,
 * in a JVM for each test, set of flags, and compiler of each actor. Hours with
 * {@code default}.
 * </ul>
 * Results and output are in {@code target/jcstress}.
 */
@SlowTest
class StressTests {

	private static final Path DIRECTORY = Path.of("target", "jcstress").toAbsolutePath();

	private static final @Nullable String MODE = System.getProperty("faults.stress");

	private static final long FEW_SAMPLES = 10_000;

	private static final long SAMPLES = Long.getLong("faults.stress.samples", FEW_SAMPLES);

	private @Nullable Process process;

	@AfterEach
	void endProcess() {
		if (this.process != null) {
			this.process.descendants().forEach(ProcessHandle::destroyForcibly);
			this.process.destroyForcibly();
		}
	}

	@Test
	void whenThreadsRaceThenWhatTheyDoIsDoneOnceAndNothingIsLost() throws Exception {
		Files.createDirectories(DIRECTORY);
		for (Path old : results()) {
			Files.delete(old);
		}
		Path output = DIRECTORY.resolve("output.txt");
		ProcessBuilder builder = new ProcessBuilder(command()).directory(DIRECTORY.toFile())
			.redirectErrorStream(true)
			.redirectOutput(output.toFile());
		builder.environment().put("TEST_LOG_LEVEL", "WARN");
		Process process = builder.start();
		this.process = process;
		long minutes = (MODE == null && SAMPLES <= FEW_SAMPLES) ? 5 : 24 * 60;
		assertThat(process.waitFor(minutes, TimeUnit.MINUTES)).as("ends in time, see %s", output).isTrue();
		List<TestResult> results = readResults();
		for (TestResult result : results) {
			System.out.printf("%,14d samples of %s%n", result.getTotalCount(), result.getName());
		}
		assertThat(results).extracting(TestResult::getName).containsExactlyInAnyOrderElementsOf(TestList.tests());
		assertThat(results).allSatisfy(StressTests::requirePassed);
		assertThat(process.exitValue()).as("exit code, see %s", output).isZero();
	}

	private static List<String> command() {
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		command.addAll(List.of("-Xmx256m", "-XX:+UseParallelGC", "-cp", System.getProperty("java.class.path")));
		if (MODE != null) {
			command.addAll(List.of(Main.class.getName(), "-m", MODE, "-r", "report"));
		}
		else {
			command
				.addAll(List.of(StressRun.class.getName(), "results.bin.gz", Long.toString(SAMPLES), "-time", "200"));
			// Yielding gets on where others use the processors too; spinning meets more
			// often.
			command.addAll(
					(SAMPLES <= FEW_SAMPLES) ? List.of("-iters", "1", "-strideCount", "8", "-spinStyle", "THREAD_YIELD")
							: List.of("-iters", "20"));
		}
		return command;
	}

	private static List<Path> results() throws IOException {
		try (Stream<Path> files = Files.list(DIRECTORY)) {
			return files.filter((file) -> file.toString().endsWith(".bin.gz")).toList();
		}
	}

	private static List<TestResult> readResults() throws Exception {
		InProcessCollector collector = new InProcessCollector();
		for (Path file : results()) {
			DiskReadCollector reader = new DiskReadCollector(file.toString(), collector);
			reader.dump();
			reader.close();
		}
		return ReportUtils.mergedByName(collector.getTestResults());
	}

	private static void requirePassed(TestResult result) {
		assertThat(result.status()).as("%s: %s", result.getName(), result.getMessages()).isEqualTo(Status.NORMAL);
		assertThat(result.grading().failureMessages).as(result.getName()).isEmpty();
		assertThat(result.getTotalCount()).as("samples of %s", result.getName()).isGreaterThanOrEqualTo(SAMPLES);
	}

}
