package dev.backend.benchmarks.rpc.backend;

import java.util.Collection;
import java.util.List;
import java.util.Map;

import dev.backend.routing.ConsistentHash;
import dev.backend.routing.HashRing;
import dev.backend.routing.RingMember;
import org.jspecify.annotations.Nullable;

/**
 * Makes rings that lead nowhere and take no memory.
 */
final class NoHash implements ConsistentHash {

	@Override
	public <T> HashRing<T> ring(Collection<RingMember<T>> members) {
		return new NoRing<>();
	}

	private record NoRing<T>() implements HashRing<T> {

		@Override
		public @Nullable T owner(String key) {
			return null;
		}

		@Override
		public List<T> owners(String key, int count) {
			return List.of();
		}

		@Override
		public @Nullable T any() {
			return null;
		}

		@Override
		public List<T> any(int count) {
			return List.of();
		}

		@Override
		public HashRing<T> update(Collection<RingMember<T>> put, Collection<String> removed) {
			return this;
		}

		@Override
		public int size() {
			return 0;
		}

		@Override
		public Map<String, Double> shares() {
			return Map.of();
		}

		@Override
		public List<Arc> arcs() {
			return List.of();
		}

	}

}
