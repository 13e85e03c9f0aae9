package dev.backend.discovery.guard;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.DiscoveryReads;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.DiscoveryStatus;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.logging.PlainText;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A source without the instances that an {@link AllowList} refuses. Those count as
 * rejected in the status, and are logged when they come, not at every read.
 */
public final class AllowListDiscovery implements ServiceDiscovery {

	private static final Logger logger = LoggerFactory.getLogger(AllowListDiscovery.class);

	private final ServiceDiscovery source;

	private final AllowList allowList;

	private volatile int refused;

	private AllowListDiscovery(ServiceDiscovery source, AllowList allowList) {
		this.source = source;
		this.allowList = allowList;
	}

	/**
	 * Limits a source.
	 * @param source the source
	 * @param allowList which of its instances are let through
	 * @return the limited source
	 */
	public static AllowListDiscovery of(ServiceDiscovery source, AllowList allowList) {
		return new AllowListDiscovery(source, allowList);
	}

	@Override
	public Subscription subscribe(DiscoveryListener listener) {
		Filter filter = new Filter(listener);
		return this.source.subscribe(filter);
	}

	@Override
	public Duration confirmationDelay() {
		return this.source.confirmationDelay();
	}

	@Override
	public DiscoveryStatus status() {
		DiscoveryStatus status = this.source.status();
		int count = this.refused;
		return new DiscoveryStatus(status.source(), status.state(), status.instances() - count,
				status.rejected() + count, status.sinceLastRead(), status.reason());
	}

	@Override
	public DiscoveryReads reads() {
		return this.source.reads();
	}

	/**
	 * Closes the source.
	 */
	@Override
	public void close() {
		this.source.close();
	}

	/** Lets the allowed instances through. Called by the source, one call at a time. */
	private final class Filter implements DiscoveryListener {

		private final DiscoveryListener listener;

		private Set<String> reported = Set.of();

		private Filter(DiscoveryListener listener) {
			this.listener = listener;
		}

		@Override
		public void onSnapshot(DiscoverySnapshot snapshot) {
			List<DiscoveredInstance> allowed = new ArrayList<>();
			Set<String> refusals = new HashSet<>();
			for (DiscoveredInstance instance : snapshot.instances()) {
				@Nullable String refusal = AllowListDiscovery.this.allowList.refusal(instance);
				if (refusal == null) {
					allowed.add(instance);
				}
				else {
					refusals.add("%s/%s: %s".formatted(printable(instance.name()), printable(instance.id()),
							printable(refusal)));
				}
			}
			AllowListDiscovery.this.refused = snapshot.instances().size() - allowed.size();
			report(refusals);
			this.listener.onSnapshot(refusals.isEmpty() ? snapshot : new DiscoverySnapshot(allowed, snapshot.readAt(),
					snapshot.oldestReadAt(), snapshot.recovering()));
		}

		/** One line a read, however many there are: a hostile registry may list many. */
		private void report(Set<String> refusals) {
			List<String> news = refusals.stream().filter((refusal) -> !this.reported.contains(refusal)).toList();
			if (!news.isEmpty()) {
				logger.warn("{}: {} instances are not in the allow-list and are left out, {} of them new, such as {}",
						AllowListDiscovery.this.source.status().source(), refusals.size(), news.size(), news.get(0));
			}
			this.reported = refusals;
		}

		private static String printable(String text) {
			return PlainText.of(text, 120);
		}

	}

}
