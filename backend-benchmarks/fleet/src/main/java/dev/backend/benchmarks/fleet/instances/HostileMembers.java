package dev.backend.benchmarks.fleet.instances;

import java.util.ArrayList;
import java.util.List;

/**
 * Entries that a member of a healthy fleet would never write. Their ids begin with
 * {@value #ID_PREFIX}.
 */
final class HostileMembers {

	/** What tells them from the others. */
	static final String ID_PREFIX = "hostile-";

	private static final int HUGE = 1 << 20;

	private static final int TAGS = 2700;

	/** Tags of one character, as 2,700 would not fit into an entry otherwise. */
	private static final char FIRST_TAG = '\u4e00';

	private HostileMembers() {
	}

	static List<Member> of(String group, int port) {
		List<Member> members = new ArrayList<>();
		members.add(Member.of(group, ID_PREFIX + "huge-" + "x".repeat(HUGE), "127.0.0.1", port));
		members.add(Member.of(group, ID_PREFIX + "url", "http://127.0.0.1:" + port + "/", port));
		Member tagged = Member.of(group, ID_PREFIX + "tags", "127.0.0.1", port);
		members.add(new Member(tagged.id(), tagged.text() + "&routerTag=" + tags() + ";weight=10"));
		return members;
	}

	private static String tags() {
		StringBuilder tags = new StringBuilder();
		for (int i = 0; i < TAGS; i++) {
			tags.append((char) (FIRST_TAG + i)).append(' ');
		}
		return tags.toString().strip();
	}

}
