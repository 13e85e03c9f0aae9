package dev.backend.transport;

import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link HostsFile}.
 */
class HostsFileTests {

	@Test
	void whenTheHostsFileChangesThenTheNextLookUpSeesIt(@TempDir Path directory) throws Exception {
		Path path = directory.resolve("hosts");
		HostsFile hosts = new HostsFile(path);
		assertThat(hosts.addresses("game-1")).isEmpty();
		Files.writeString(path, "127.0.0.1 game-1 Game-A\n");
		assertThat(hosts.addresses("game-1")).containsExactly(InetAddress.getByName("127.0.0.1"));
		assertThat(hosts.addresses("GAME-a")).hasSize(1);
		Files.writeString(path, "127.0.0.2 game-1\n127.0.0.3 game-1\n");
		Files.setLastModifiedTime(path, FileTime.fromMillis(1_000_000));
		assertThat(hosts.addresses("game-1")).containsExactly(InetAddress.getByName("127.0.0.2"),
				InetAddress.getByName("127.0.0.3"));
	}

}
