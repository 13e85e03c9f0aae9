package dev.backend.discovery;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;

/**
 * The smallest registry there can be, and the smallest source on the parts that all
 * share: what the contract asks for comes from those parts.
 */
final class PolledRegistry implements DiscoveryContract.Registry {

	static final Duration DELAY = Duration.ofSeconds(1);

	private final List<DiscoveredInstance> instances = new CopyOnWriteArrayList<>();

	/** How many watches have begun. */
	final AtomicInteger watches = new AtomicInteger();

	volatile boolean failing;

	private volatile @Nullable Error error;

	@Override
	public ServiceDiscovery open(InstanceRules rules) {
		return new Discovery(rules, null);
	}

	/** A source whose time is the loop's. */
	Discovery open(DiscoveryLoop loop) {
		return new Discovery(InstanceRules.defaults(), loop);
	}

	@Override
	public void list(String... ids) {
		List<DiscoveredInstance> listed = new ArrayList<>();
		for (String id : ids) {
			listed.add(instance(id, "127.0.0.1"));
		}
		this.instances.stream().filter((instance) -> instance.address().contains("/")).forEach(listed::add);
		this.instances.clear();
		this.instances.addAll(listed);
	}

	@Override
	public void fail() {
		this.failing = true;
	}

	@Override
	public void recover() {
		this.failing = false;
	}

	@Override
	public void addHostile() {
		this.instances.add(instance("bad", "127.0.0.1/any?x="));
	}

	@Override
	public boolean throwError() {
		this.error = new NoClassDefFoundError("forced");
		return true;
	}

	@Override
	public void close() {
	}

	private static DiscoveredInstance instance(String id, String address) {
		return new DiscoveredInstance("game", id, "tcp", address, 7001, List.of(), Map.of());
	}

	private List<DiscoveredInstance> read() {
		Error thrown = this.error;
		if (thrown != null) {
			this.error = null;
			throw thrown;
		}
		if (this.failing) {
			throw new IllegalStateException("is away");
		}
		return this.instances;
	}

	/** Reads the registry every 50 ms. */
	final class Discovery extends WatchedDiscovery<Poll> {

		private final InstanceRules rules;

		private final @Nullable DiscoveryLoop loop;

		Discovery(InstanceRules rules, @Nullable DiscoveryLoop loop) {
			super("a map");
			this.rules = rules;
			this.loop = loop;
		}

		@Override
		public Duration confirmationDelay() {
			return DELAY;
		}

		@Override
		protected Poll startWatch() {
			return new Poll(this.rules, (this.loop != null) ? this.loop : new DiscoveryLoop("test-map"));
		}

	}

	final class Poll implements WatchedDiscovery.Watch {

		private final DiscoveryLoop loop;

		private final DiscoveryHealth health;

		private final InstanceTable table;

		private final SnapshotPublisher publisher = new SnapshotPublisher("test-map-publish");

		Poll(InstanceRules rules, DiscoveryLoop loop) {
			this.loop = loop;
			PolledRegistry.this.watches.incrementAndGet();
			this.health = new DiscoveryHealth("a map", DELAY, Duration.ofSeconds(1), loop::nanoTime);
			this.table = new InstanceTable("a map", rules);
			this.loop.repeat(this::poll);
		}

		private Duration poll() {
			try {
				long readAt = this.loop.nanoTime();
				List<InstanceEntry> entries = read().stream()
					.map((instance) -> InstanceEntry.of(instance.id(), instance))
					.toList();
				this.table.update(entries, 0);
				this.health.read(this.table.counts());
				this.publisher.publish(new DiscoverySnapshot(
						new SourceView("a map", this.table.instances(), readAt, this.health.absence())));
				this.health.up();
			}
			catch (RuntimeException ex) {
				this.health.down(FailureText.of(ex));
			}
			return Duration.ofMillis(50);
		}

		@Override
		public SnapshotPublisher publisher() {
			return this.publisher;
		}

		@Override
		public DiscoveryHealth health() {
			return this.health;
		}

		@Override
		public void stop() {
			this.publisher.close();
			this.loop.close(() -> {
			});
		}

		@Override
		public void join(Duration timeout) {
			this.loop.join(timeout);
		}

	}

}
