package dev.backend.discovery.redis;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.backend.ServiceConfig;
import dev.backend.discovery.Absence;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.SourceView;
import dev.backend.discovery.redis.RegistryScripts.LiveMembers;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns the members that a read returned into a snapshot. Remembers in which order
 * members were first seen, for the scores are heartbeats: two live entries of one
 * instance would take turns. Reports malformed members and conflicts once, not per read.
 * For one thread.
 */
final class MemberTable {

	private static final Logger logger = LoggerFactory.getLogger(MemberTable.class);

	private final RedisRegistrySettings settings;

	private final Set<String> reportedConflicts = new HashSet<>();

	private Map<String, Entry> entries = Map.of();

	private long nextSequence;

	private boolean overflowing;

	private boolean tooLong;

	private int rejected;

	private List<DiscoveredInstance> instances = List.of();

	MemberTable(RedisRegistrySettings settings) {
		this.settings = settings;
	}

	/**
	 * Takes over what a read returned.
	 * @param answer what the read returned
	 * @param withheld members that stay although they have expired
	 * @param readAt when the read began, by {@link System#nanoTime()}
	 * @param recovering whether Redis was away until a short time ago
	 * @return the snapshot, with the same list as the last one if nothing changed
	 */
	DiscoverySnapshot update(LiveMembers answer, List<String> withheld, long readAt, boolean recovering) {
		List<String> live = limit(answer);
		List<String> taken = withheld.isEmpty() ? live : Stream.concat(live.stream(), withheld.stream()).toList();
		Map<String, Entry> updated = new HashMap<>();
		List<Entry> refused = new ArrayList<>();
		for (int i = taken.size() - 1; i >= 0; i--) {
			String member = taken.get(i);
			Entry known = this.entries.get(member);
			Entry entry = (known != null) ? known : Entry.of(member, this.nextSequence++);
			updated.put(member, entry);
			if (known == null && entry.instance() == null) {
				refused.add(entry);
			}
		}
		this.entries = updated;
		List<DiscoveredInstance> instances = instances();
		int malformed = (int) updated.values().stream().filter((entry) -> entry.instance() == null).count();
		this.rejected = malformed + (int) (answer.live() - live.size());
		reportRefused(refused);
		reportConflicts(instances);
		if (!instances.equals(this.instances)) {
			this.instances = List.copyOf(instances);
		}
		return new DiscoverySnapshot(new SourceView(this.settings.source(), this.instances, readAt,
				recovering ? Absence.TO_BE_CONFIRMED : Absence.EVIDENCE));
	}

	/** Those of some members that were there after the last update. */
	List<String> known(List<String> members) {
		return members.stream().filter(this.entries::containsKey).toList();
	}

	/** The number of members that the last read refused. */
	int rejected() {
		return this.rejected;
	}

	/** The number of members to ask for, so that known ones are not crowded out. */
	int readLimit() {
		return this.settings.limits().members() * 2;
	}

	/** Members that are known stay: a flood of new ones must not push them out. */
	private List<String> limit(LiveMembers answer) {
		int maximum = this.settings.limits().members();
		List<String> newestFirst = answer.members();
		reportTooLong(answer);
		reportTooMany(answer);
		if (newestFirst.size() <= maximum) {
			return newestFirst;
		}
		Set<String> kept = new LinkedHashSet<>();
		newestFirst.stream().filter(this.entries::containsKey).limit(maximum).forEach(kept::add);
		newestFirst.stream().takeWhile((member) -> kept.size() < maximum).forEach(kept::add);
		return newestFirst.stream().filter(kept::contains).toList();
	}

	private void reportTooLong(LiveMembers answer) {
		if (answer.tooLong() > 0 && !this.tooLong) {
			logger.warn("{}: {} members of more than {} bytes are left out, for example one that begins with '{}'",
					this.settings.source(), answer.tooLong(), this.settings.limits().memberBytes(),
					RegistryMember.printable(answer.beginning()));
		}
		this.tooLong = answer.tooLong() > 0;
	}

	private void reportTooMany(LiveMembers answer) {
		int maximum = this.settings.limits().members();
		long returned = answer.members().size() + answer.tooLong();
		boolean tooMany = answer.live() > maximum || returned < answer.live();
		if (tooMany && !this.overflowing) {
			logger.warn("{}: {} live members (expected: at most {}, of {} bytes together); those beyond are left out",
					this.settings.source(), answer.live(), maximum, this.settings.limits().totalBytes());
		}
		this.overflowing = tooMany;
	}

	private List<DiscoveredInstance> instances() {
		List<DiscoveredInstance> instances = new ArrayList<>();
		this.entries.values().stream().sorted(Comparator.comparingLong(Entry::sequence).reversed()).forEach((entry) -> {
			DiscoveredInstance instance = entry.instance();
			if (instance != null && wanted(instance.name())) {
				instances.add(instance);
			}
		});
		return instances;
	}

	private boolean wanted(String name) {
		return this.settings.serviceNames().isEmpty() || this.settings.serviceNames().contains(name);
	}

	private void reportRefused(List<Entry> refused) {
		if (!refused.isEmpty()) {
			Entry example = refused.get(0);
			logger.warn("{}: {} malformed members are left out, for example '{}': {}", this.settings.source(),
					refused.size(), RegistryMember.printable(example.member()), example.problem());
		}
	}

	private void reportConflicts(List<DiscoveredInstance> instances) {
		Map<String, List<DiscoveredInstance>> byService = instances.stream()
			.collect(
					Collectors
						.groupingBy(
								(instance) -> ServiceConfig.normalize(instance.name()) + "/"
										+ ServiceConfig.normalize(instance.id()),
								LinkedHashMap::new, Collectors.toList()));
		byService.values().removeIf((entriesOfOne) -> entriesOfOne.size() < 2);
		this.reportedConflicts.retainAll(byService.keySet());
		byService.forEach((service, conflicting) -> {
			if (this.reportedConflicts.add(service)) {
				logger.warn("{}: {} is there {} times (expected: once); {} was first seen latest and wins",
						this.settings.source(), service, conflicting.size(), endPoint(conflicting.get(0)));
			}
		});
	}

	private static String endPoint(DiscoveredInstance instance) {
		return instance.address() + ":" + instance.port();
	}

	/**
	 * A live member.
	 *
	 * @param member its text
	 * @param sequence its place in the order in which members were first seen
	 * @param instance what it says, or {@code null} if it is malformed
	 * @param problem why it is malformed, or {@code null}
	 */
	private record Entry(String member, long sequence, @Nullable DiscoveredInstance instance,
			@Nullable String problem) {

		static Entry of(String member, long sequence) {
			try {
				return new Entry(member, sequence, RegistryMember.parse(member), null);
			}
			catch (IllegalArgumentException ex) {
				return new Entry(member, sequence, null, ex.getMessage());
			}
		}

	}

}
