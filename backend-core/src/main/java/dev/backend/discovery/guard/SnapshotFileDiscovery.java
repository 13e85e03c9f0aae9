package dev.backend.discovery.guard;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import dev.backend.discovery.Absence;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.DiscoveryReads;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.DiscoveryStatus;
import dev.backend.discovery.InstanceCounts;
import dev.backend.discovery.InstanceRules;
import dev.backend.discovery.LossConfirmation;
import dev.backend.discovery.LossConfirmation.Known;
import dev.backend.discovery.Origin;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.discovery.SnapshotPublisher;
import dev.backend.discovery.SourceView;
import dev.backend.discovery.guard.SnapshotFile.SourceContent;
import dev.backend.execution.DaemonThreads;
import dev.backend.settings.DurationText;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A source that keeps what it lists in a file, from which an application can start while
 * the registry is down.
 *
 * <p>
 * <b>Reading.</b> A subscriber that has got no snapshot {@link #PATIENCE} after it has
 * subscribed is given the instances of the file, once, if there is one of this source and
 * a read has confirmed it within the maximum age. The first snapshot of the registry
 * replaces them.
 *
 * <p>
 * <b>Writing.</b> The file follows each snapshot, but keeps what a backend would keep
 * that has taken the same snapshots ({@link LossConfirmation}): a registry that has just
 * lost its data must not empty the file, too.
 *
 * <p>
 * <b>Threads.</b> The listeners of each subscription are called on a thread of their own,
 * and one thread reads and writes the file, so that a slow disk delays nobody. The thread
 * of the source only hands over to them.
 */
public final class SnapshotFileDiscovery implements ServiceDiscovery {

	private static final Logger logger = LoggerFactory.getLogger(SnapshotFileDiscovery.class);

	/** How long a subscriber waits for the registry before it is given the file. */
	static final Duration PATIENCE = Duration.ofSeconds(1);

	private static final int MAXIMUM_WAITING = 16;

	private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

	private final ServiceDiscovery source;

	private final SnapshotFile file;

	private final InstanceRules rules;

	private final ScheduledThreadPoolExecutor disk = newThread("backend-snapshot-file");

	/** The instances in the file, as far as they are known. The disk thread's. */
	private @Nullable List<SourceContent> kept;

	/** What the file keeps although the registry misses it. The disk thread's. */
	private final LossConfirmation<Entry> losses;

	/** What is to be kept, the latest last. */
	private final BlockingDeque<DiscoverySnapshot> waiting = new LinkedBlockingDeque<>(MAXIMUM_WAITING);

	/** How many instances of the file stand in for the registry; zero for none. */
	private volatile int standIn;

	private SnapshotFileDiscovery(ServiceDiscovery source, SnapshotFile file, InstanceRules rules) {
		this.source = source;
		this.rules = rules;
		this.file = file;
		this.losses = new LossConfirmation<>(null, source.confirmationDelay(), LossConfirmation.Listener.NONE);
	}

	/**
	 * Keeps what a source lists in a file.
	 * @param source the source
	 * @param path the file, made if it is not there, with its folder; one per source and
	 * process
	 * @param maximumAge how long after the last read that confirmed it the file may be
	 * used: by then its addresses may belong to others
	 * @param rules what an instance of the file must be like now
	 * @return the source with the file
	 */
	public static SnapshotFileDiscovery of(ServiceDiscovery source, Path path, Duration maximumAge,
			InstanceRules rules) {
		return new SnapshotFileDiscovery(source, new SnapshotFile(path, maximumAge), rules);
	}

	private static ScheduledThreadPoolExecutor newThread(String name) {
		ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1, new DaemonThreads().named(name),
				new ThreadPoolExecutor.DiscardPolicy());
		executor.setRemoveOnCancelPolicy(true);
		executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
		return executor;
	}

	@Override
	public Subscription subscribe(DiscoveryListener listener) {
		SnapshotPublisher publisher = new SnapshotPublisher("backend-snapshot-file-publish");
		publisher.add(listener);
		Subscription subscription = this.source.subscribe((snapshot) -> {
			this.standIn = 0;
			publisher.publish(snapshot);
			handOver(snapshot);
		});
		this.disk.schedule(() -> standIn(publisher), PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
		return () -> {
			publisher.close();
			subscription.close();
		};
	}

	private void handOver(DiscoverySnapshot snapshot) {
		if (this.waiting.offerLast(snapshot)) {
			this.disk.execute(this::keepNext);
		}
		else {
			// The disk hangs: the oldest is not missed.
			this.waiting.pollFirst();
			this.waiting.offerLast(snapshot);
		}
	}

	@Override
	public Duration confirmationDelay() {
		return this.source.confirmationDelay();
	}

	/** Returns the status of the source; the reason says when the file stands in. */
	@Override
	public DiscoveryStatus status() {
		DiscoveryStatus status = this.source.status();
		int instances = this.standIn;
		if (instances == 0 || status.sinceLastRead() != null) {
			return status;
		}
		String reason = "%s; %d instances are from the snapshot file"
			.formatted((status.reason() != null) ? status.reason() : "not read yet", instances);
		return new DiscoveryStatus(status.source(), status.state(), InstanceCounts.of(instances), null, reason);
	}

	@Override
	public DiscoveryReads reads() {
		return this.source.reads();
	}

	/**
	 * Closes the source and waits, at most two seconds, until what it listed last is
	 * written.
	 */
	@Override
	public void close() {
		try {
			this.source.close();
		}
		finally {
			this.disk.shutdown();
			awaitDisk();
		}
	}

	private void awaitDisk() {
		try {
			this.disk.awaitTermination(CLOSE_TIMEOUT.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private List<SourceContent> kept() {
		if (this.kept == null) {
			this.kept = this.file.read(this.source.status().source())
				.stream()
				.map((content) -> new SourceContent(content.view(),
						content.instances().stream().filter(this.rules::allow).toList()))
				.toList();
		}
		return this.kept;
	}

	private void standIn(SnapshotPublisher publisher) {
		List<SourceContent> contents = kept();
		int number = contents.stream().mapToInt((content) -> content.instances().size()).sum();
		long now = System.nanoTime();
		// What the registry's first read misses is held as what it misses later.
		List<SourceView> views = contents.stream()
			.map((content) -> new SourceView(content.view(), content.instances(), now, Absence.TO_BE_CONFIRMED))
			.toList();
		boolean told = this.standIn != 0;
		// Before it is published: whoever then sees the instances sees where they are
		// from.
		this.standIn = number;
		if (number != 0 && publisher.publishFirst(new DiscoverySnapshot(views))) {
			if (!told) {
				logger.warn("{} has not answered for {}: starting with {} instances of {}",
						this.source.status().source(), DurationText.of(PATIENCE), number, this.file);
			}
		}
		else {
			this.standIn = 0;
		}
	}

	private void keepNext() {
		DiscoverySnapshot snapshot = this.waiting.pollFirst();
		if (snapshot != null) {
			keep(snapshot);
		}
	}

	private void keep(DiscoverySnapshot snapshot) {
		Map<String, List<DiscoveredInstance>> contents = new LinkedHashMap<>();
		snapshot.views().forEach((view) -> contents.put(view.source(), new ArrayList<>(view.instances())));
		held(snapshot).forEach(
				(held) -> contents.computeIfAbsent(held.view(), (view) -> new ArrayList<>()).addAll(held.instances()));
		this.kept = contents.entrySet()
			.stream()
			.map((content) -> new SourceContent(content.getKey(), content.getValue()))
			.toList();
		this.file.write(this.source.status().source(), this.kept);
	}

	/** What stays in the file although the snapshot misses it. */
	private List<SourceContent> held(DiscoverySnapshot snapshot) {
		Set<Entry> present = new HashSet<>();
		snapshot.views()
			.forEach((view) -> view.instances().forEach((instance) -> present.add(Entry.of(view.source(), instance))));
		Map<Entry, DiscoveredInstance> known = new LinkedHashMap<>();
		kept().forEach((content) -> content.instances()
			.forEach((instance) -> known.put(Entry.of(content.view(), instance), instance)));
		List<Known<Entry>> all = known.keySet()
			.stream()
			.map((entry) -> new Known<>(entry, entry.name(), new Origin(entry.view(), entry.name())))
			.toList();
		List<SourceContent> held = new ArrayList<>();
		for (Known<Entry> one : this.losses.held(all, present::contains, snapshot)) {
			DiscoveredInstance instance = known.get(one.key());
			if (instance != null) {
				held.add(new SourceContent(one.key().view(), List.of(instance)));
			}
		}
		return held;
	}

	/** What makes an instance of the file the same as one of a snapshot. */
	private record Entry(String view, String name, String id) {

		static Entry of(String view, DiscoveredInstance instance) {
			return new Entry(view, instance.name(), instance.id());
		}

	}

}
