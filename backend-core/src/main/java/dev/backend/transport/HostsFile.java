package dev.backend.transport;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import io.netty.resolver.HostsFileEntriesProvider;
import io.netty.util.NetUtil;
import io.netty.util.internal.PlatformDependent;
import org.jspecify.annotations.Nullable;

/**
 * The entries of the machine's hosts file, read again when the file has changed: Netty by
 * itself reads it once per process. Safe for use by any thread.
 */
final class HostsFile {

	private final Path path;

	private volatile @Nullable Entries entries;

	HostsFile(Path path) {
		this.path = path;
	}

	/** The file where the operating system has it. */
	static HostsFile ofSystem() {
		return new HostsFile(PlatformDependent.isWindows()
				? Path.of(System.getenv("SystemRoot"), "system32", "drivers", "etc", "hosts") : Path.of("/etc/hosts"));
	}

	List<InetAddress> addresses(String name) {
		HostsFileEntriesProvider entries = entries();
		String key = name.toLowerCase(Locale.ENGLISH);
		List<InetAddress> version4 = addresses(entries.ipv4Entries(), key);
		if (NetUtil.isIpV4StackPreferred()) {
			return version4;
		}
		List<InetAddress> version6 = addresses(entries.ipv6Entries(), key);
		boolean version6First = NetUtil.isIpV6AddressesPreferred();
		List<InetAddress> all = new ArrayList<>(version6First ? version6 : version4);
		all.addAll(version6First ? version4 : version6);
		return all;
	}

	private static List<InetAddress> addresses(Map<String, List<InetAddress>> entries, String key) {
		return entries.getOrDefault(key, List.of());
	}

	private HostsFileEntriesProvider entries() {
		FileTime modified = modified();
		Entries entries = this.entries;
		if (entries == null || !entries.modified.equals(modified)) {
			entries = new Entries(modified, HostsFileEntriesProvider.parser()
				.parseSilently(this.path.toFile(), Charset.defaultCharset(), StandardCharsets.UTF_8));
			this.entries = entries;
		}
		return entries.provider;
	}

	private FileTime modified() {
		try {
			return Files.getLastModifiedTime(this.path);
		}
		catch (IOException ex) {
			return FileTime.fromMillis(0);
		}
	}

	private record Entries(FileTime modified, HostsFileEntriesProvider provider) {

	}

}
