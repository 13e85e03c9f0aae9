package dev.backend.discovery;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * A source with one listener that pushes what a test says.
 */
public final class PushedSource implements ServiceDiscovery {

	private final String name;

	volatile @Nullable DiscoveryListener listener;

	Duration delay = Duration.ofSeconds(8);

	DiscoveryStatus status;

	@Nullable RuntimeException failure;

	public boolean closed;

	public PushedSource(String name) {
		this.name = name;
		this.status = DiscoveryStatus.starting(name);
	}

	public void push(long readAt, String... ids) {
		push(DiscoverySnapshot.of(instances(ids), readAt));
	}

	public void push(DiscoverySnapshot snapshot) {
		DiscoveryListener present = this.listener;
		if (present != null) {
			present.onSnapshot(snapshot);
		}
	}

	public List<DiscoveredInstance> instances(String... ids) {
		return List.of(ids)
			.stream()
			.map((id) -> new DiscoveredInstance("game", id, "tcp", "127.0.0.1", 7001, List.of(),
					Map.of("of", this.name)))
			.toList();
	}

	@Override
	public Subscription subscribe(DiscoveryListener listener) {
		this.listener = listener;
		return () -> this.listener = null;
	}

	@Override
	public Duration confirmationDelay() {
		return this.delay;
	}

	@Override
	public DiscoveryStatus status() {
		return this.status;
	}

	@Override
	public void close() {
		this.closed = true;
		if (this.failure != null) {
			throw this.failure;
		}
	}

}
