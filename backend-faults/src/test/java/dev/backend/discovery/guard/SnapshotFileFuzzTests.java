package dev.backend.discovery.guard;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.backend.discovery.guard.SnapshotFile.SourceContent;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A file with the last snapshot that something has damaged, or written. See
 * CONTRIBUTING.md for how to fuzz.
 */
class SnapshotFileFuzzTests {

	private static final Duration AGE = Duration.ofDays(1);

	@FuzzTest(maxDuration = "3m")
	void files(byte[] content) throws IOException {
		Path folder = Files.createTempDirectory("snapshot");
		Path path = folder.resolve("redis.json");
		try {
			Files.write(path, content);
			List<SourceContent> views = new SnapshotFile(path, AGE).read("redis");
			assertThat(views).doesNotContainNull();
			Files.delete(path);
			SnapshotFile next = new SnapshotFile(path, AGE);
			next.write("redis", views);
			assertThat(next.read("redis")).isEqualTo(views);
		}
		finally {
			Files.deleteIfExists(path);
			Files.delete(folder);
		}
	}

}
