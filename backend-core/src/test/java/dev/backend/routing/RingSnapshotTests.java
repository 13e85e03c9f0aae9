package dev.backend.routing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whoever still reads an old ring sees what it was, whatever was made of it since: the
 * rings share buckets, and a slot that was left is taken again.
 */
@Timeout(60)
class RingSnapshotTests {

	private static final int KEYS = 300;

	@ParameterizedTest
	@CsvSource({ "balanced, 3, 40", "balanced, 120, 40", "balanced, 300, 20", "gobase, 3, 200", "gobase, 400, 100" })
	void whenRingsChangeThenReadersOfOldOnesSeeTheOwnersOfThatTime(String algorithm, int size, int changes)
			throws Exception {
		ConsistentHash hash = algorithm.equals("gobase") ? ConsistentHash.gobase() : ConsistentHash.balanced();
		Random random = new Random(size);
		AtomicReference<Snapshot> present = new AtomicReference<>(Snapshot.of(hash, hash.ring(List.of()), List.of()));
		List<Snapshot> old = new ArrayList<>();
		CompletableFuture<Void> end = new CompletableFuture<>();
		CompletableFuture<Long> reader = CompletableFuture.supplyAsync(() -> {
			long reads = 0;
			while (!end.isDone() || reads == 0) {
				present.get().check();
				reads++;
			}
			return reads;
		});
		Map<String, RingMember<String>> members = new TreeMap<>();
		HashRing<String> ring = hash.ring(List.of());
		for (int i = 0; i < changes; i++) {
			int most = (i % 10 == 9) ? size : size / 10 + 1;
			ring = change(ring, members, random, most, size);
			Snapshot snapshot = Snapshot.of(hash, ring, List.copyOf(members.values()));
			old.add(snapshot);
			present.set(snapshot);
		}
		end.complete(null);
		assertThat(reader.get()).isPositive();
		old.forEach(Snapshot::check);
	}

	private static HashRing<String> change(HashRing<String> ring, Map<String, RingMember<String>> members,
			Random random, int most, int size) {
		Map<String, RingMember<String>> put = new TreeMap<>();
		Set<String> removed = new HashSet<>();
		int count = random.nextInt(most) + 1;
		for (int i = 0; i < count; i++) {
			String id = "game-" + random.nextInt(size * 2);
			if (random.nextBoolean()) {
				put.put(id, new RingMember<>(id, (random.nextInt(4) == 0) ? 0.3 : 1, id + " " + random.nextInt()));
			}
			else {
				removed.add(id);
			}
		}
		removed.removeAll(put.keySet());
		members.keySet().removeAll(removed);
		members.putAll(put);
		return ring.update(put.values(), removed);
	}

	/**
	 * A ring, and what one that is made anew says.
	 */
	private record Snapshot(HashRing<String> ring, List<String> owners, Map<String, Double> shares,
			Set<String> values) {

		static Snapshot of(ConsistentHash hash, HashRing<String> ring, Collection<RingMember<String>> members) {
			HashRing<String> plain = hash.ring(members);
			return new Snapshot(ring, owners(plain), plain.shares(),
					Set.copyOf(members.stream().map(RingMember::value).toList()));
		}

		private static List<String> owners(HashRing<String> ring) {
			List<String> owners = new ArrayList<>();
			for (int i = 0; i < KEYS; i++) {
				owners.add(ring.owner("user-" + i) + " " + ring.owners("user-" + i, 3));
			}
			return owners;
		}

		void check() {
			assertThat(owners(this.ring)).isEqualTo(this.owners);
			assertThat(this.ring.shares()).isEqualTo(this.shares);
			assertThat(this.ring.size()).isEqualTo(this.values.size());
			for (int i = 0; i < 20; i++) {
				String any = this.ring.any();
				assertThat((any != null) ? this.values.contains(any) : this.values.isEmpty()).isTrue();
				assertThat(this.values).containsAll(this.ring.any(3));
			}
		}

	}

}
