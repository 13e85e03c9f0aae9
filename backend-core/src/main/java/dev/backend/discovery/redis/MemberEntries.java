package dev.backend.discovery.redis;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InstanceEntry;
import dev.backend.discovery.InstanceTable;
import dev.backend.discovery.LeftOut;
import dev.backend.discovery.redis.RegistryScripts.LiveMembers;

/**
 * Turns what a read returned into the entries of a table. An entry's key is its text; one
 * that the table knows is not parsed again. For one thread.
 */
final class MemberEntries {

	private final RedisRegistrySettings settings;

	private final InstanceTable table;

	MemberEntries(RedisRegistrySettings settings, InstanceTable table) {
		this.settings = settings;
		this.table = table;
	}

	/** Those of some members that were there at the last read. */
	List<String> known(List<String> members) {
		return members.stream().filter((member) -> this.table.find(member) != null).toList();
	}

	/**
	 * Hands a read to the table.
	 * @param answer what the read returned
	 * @param withheld members that stay although they have expired
	 */
	void update(LiveMembers answer, List<String> withheld) {
		List<InstanceEntry> entries = new ArrayList<>();
		answer.members().forEach((member) -> entries.add(entry(member)));
		withheld.forEach((member) -> entries.add(entry(member)));
		// The table wants those first that were there first, as far as is known.
		Collections.reverse(entries);
		for (int i = 0; i < answer.tooLong(); i++) {
			entries.add(tooLong(i, answer.beginning()));
		}
		this.table.update(entries, (int) answer.omitted());
	}

	private InstanceEntry entry(String member) {
		InstanceEntry known = this.table.find(member);
		if (known != null) {
			return known;
		}
		try {
			DiscoveredInstance instance = RegistryMember.parse(member);
			return wanted(instance.name()) ? InstanceEntry.of(member, instance)
					: InstanceEntry.leftOut(member, LeftOut.NOT_WANTED, "");
		}
		catch (IllegalArgumentException ex) {
			return InstanceEntry.leftOut(member, LeftOut.MALFORMED,
					"'" + RegistryMember.printable(member) + "': " + ex.getMessage());
		}
	}

	private boolean wanted(String name) {
		return this.settings.serviceNames().isEmpty() || this.settings.serviceNames().contains(name);
	}

	/** Told once: which of several shows its beginning differs from read to read. */
	private InstanceEntry tooLong(int index, String beginning) {
		Integer key = index;
		InstanceEntry known = this.table.find(key);
		return (known != null) ? known : InstanceEntry.leftOut(key, LeftOut.MALFORMED,
				"one of more than %d bytes (the most by backend.discovery.redis.maximum-member-size) that begins with '%s'"
					.formatted(this.settings.limits().memberBytes(), RegistryMember.printable(beginning)));
	}

}
