package dev.backend.discovery;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

import dev.backend.discovery.ServiceDiscovery.DiscoveryListener;
import dev.backend.discovery.ServiceDiscovery.Subscription;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One listener's view of several sources.
 *
 * <p>
 * Sources push on threads of their own, at the same time. Each push puts its snapshot in
 * its place, and raises {@link #requests}. Whoever raises it from zero merges and calls
 * the listener, again until no request is left; the others go their way and never wait,
 * so that a source's thread can not be caught between this and the source's own locks.
 * The lock is held during the call only, by that one thread and by {@link #close()},
 * which thus returns after the last call; a listener may close from within its call.
 */
final class MergedSubscription implements Subscription {

	private static final Logger logger = LoggerFactory.getLogger(MergedSubscription.class);

	private final List<Subscription> subscriptions = new ArrayList<>();

	private final AtomicInteger requests = new AtomicInteger();

	private final ReentrantLock calling = new ReentrantLock();

	private final List<ServiceDiscovery> sources;

	private final DiscoveryListener listener;

	private final Duration patience;

	/** The last snapshot of each source, by its place. Guarded by itself. */
	private final @Nullable DiscoverySnapshot[] latest;

	private volatile boolean waitingForAll = true;

	private volatile boolean closed;

	private MergedSubscription(List<ServiceDiscovery> sources, DiscoveryListener listener, Duration patience) {
		this.sources = sources;
		this.latest = new DiscoverySnapshot[sources.size()];
		this.listener = listener;
		this.patience = patience;
	}

	static Subscription start(List<ServiceDiscovery> sources, DiscoveryListener listener, Duration patience) {
		MergedSubscription merged = new MergedSubscription(sources, listener, patience);
		try {
			for (int i = 0; i < sources.size(); i++) {
				int place = i;
				Subscription subscription = sources.get(i).subscribe((snapshot) -> merged.take(place, snapshot));
				merged.keep(subscription);
			}
		}
		catch (Throwable ex) {
			merged.close();
			throw ex;
		}
		return merged;
	}

	@Override
	public void close() {
		List<Subscription> ending;
		this.calling.lock();
		try {
			this.closed = true;
		}
		finally {
			this.calling.unlock();
		}
		synchronized (this.subscriptions) {
			ending = List.copyOf(this.subscriptions);
			this.subscriptions.clear();
		}
		RuntimeException failure = null;
		for (Subscription one : ending) {
			try {
				one.close();
			}
			catch (RuntimeException ex) {
				failure = ex;
			}
		}
		if (failure != null) {
			throw failure;
		}
	}

	/** A listener may have closed this while the sources were being subscribed to. */
	private void keep(Subscription subscription) {
		synchronized (this.subscriptions) {
			this.subscriptions.add(subscription);
		}
		if (this.closed) {
			close();
		}
	}

	private void take(int place, DiscoverySnapshot snapshot) {
		int known = 0;
		synchronized (this.latest) {
			this.latest[place] = snapshot;
			for (DiscoverySnapshot one : this.latest) {
				known += (one != null) ? 1 : 0;
			}
		}
		if (known == this.sources.size()) {
			this.waitingForAll = false;
		}
		if (!this.waitingForAll) {
			push();
		}
		else if (known == 1) {
			CompletableFuture.delayedExecutor(this.patience.toNanos(), TimeUnit.NANOSECONDS)
				.execute(this::waitNoLonger);
		}
	}

	private void waitNoLonger() {
		if (this.waitingForAll) {
			this.waitingForAll = false;
			push();
		}
	}

	private void push() {
		if (this.requests.getAndIncrement() != 0) {
			return;
		}
		int served = 1;
		while (served != 0) {
			call();
			served = this.requests.addAndGet(-served);
		}
	}

	private void call() {
		this.calling.lock();
		try {
			if (!this.closed) {
				this.listener.onSnapshot(merge());
			}
		}
		catch (Throwable ex) {
			logger.error("A listener of {} failed", sourceNames(), ex);
		}
		finally {
			this.calling.unlock();
		}
	}

	private List<String> sourceNames() {
		return this.sources.stream().map((source) -> source.status().source()).toList();
	}

	private DiscoverySnapshot merge() {
		List<SourceView> views = new ArrayList<>();
		synchronized (this.latest) {
			for (int i = 0; i < this.latest.length; i++) {
				DiscoverySnapshot snapshot = this.latest[i];
				if (snapshot != null) {
					ServiceDiscovery source = this.sources.get(i);
					String name = "source " + (i + 1);
					Duration delay = source.confirmationDelay();
					snapshot.views().forEach((view) -> views.add(view.of(name, delay)));
				}
			}
		}
		return new DiscoverySnapshot(views);
	}

}
