package dev.backend.transport;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import com.code_intelligence.jazzer.junit.FuzzTest;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A hosts file that an administrator has got wrong. See CONTRIBUTING.md for how to fuzz.
 */
class HostsFileFuzzTests {

	@FuzzTest(maxDuration = "3m")
	void files(byte[] content) throws IOException {
		Path path = Files.createTempFile("hosts", "");
		try {
			Files.write(path, content);
			assertThat(new HostsFile(path).addresses("Game")).doesNotContainNull();
		}
		finally {
			Files.delete(path);
		}
	}

}
