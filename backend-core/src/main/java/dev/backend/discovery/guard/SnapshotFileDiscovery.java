package dev.backend.discovery.guard;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

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
import dev.backend.execution.DaemonThreads;
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

	private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

	private final ServiceDiscovery source;

	private final SnapshotFile file;

	private final InstanceRules rules;

	private final ScheduledThreadPoolExecutor disk = newThread("backend-snapshot-file");

	/** The instances in the file, as far as they are known. The disk thread's. */
	private @Nullable List<DiscoveredInstance> kept;

	/** What the file keeps although the registry misses it. The disk thread's. */
	private final LossConfirmation<Map.Entry<String, String>> losses;

	/** The instances from the file, while they stand in for the registry. */
	private volatile @Nullable List<DiscoveredInstance> standIn;

	/** Whether somebody was given the file. */
	private volatile boolean stoodIn;

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
			this.standIn = null;
			publisher.publish(this.stoodIn ? withoutStandIn(snapshot) : snapshot);
			this.disk.execute(() -> keep(snapshot));
		});
		this.disk.schedule(() -> standIn(publisher), PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
		return () -> {
			publisher.close();
			subscription.close();
		};
	}

	@Override
	public Duration confirmationDelay() {
		return this.source.confirmationDelay();
	}

	/** Returns the status of the source; the reason says when the file stands in. */
	@Override
	public DiscoveryStatus status() {
		DiscoveryStatus status = this.source.status();
		List<DiscoveredInstance> instances = this.standIn;
		if (instances == null || status.sinceLastRead() != null) {
			return status;
		}
		String reason = "%s; %d instances are from the snapshot file"
			.formatted((status.reason() != null) ? status.reason() : "not read yet", instances.size());
		return new DiscoveryStatus(status.source(), status.state(), InstanceCounts.of(instances.size()), null, reason);
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

	private List<DiscoveredInstance> kept() {
		if (this.kept == null) {
			this.kept = this.file.read(this.source.status().source()).stream().filter(this.rules::allow).toList();
		}
		return this.kept;
	}

	private void standIn(SnapshotPublisher publisher) {
		List<DiscoveredInstance> instances = kept();
		DiscoverySnapshot first = new DiscoverySnapshot(
				new SourceView(fileView(), instances, System.nanoTime(), Absence.EVIDENCE));
		if (!instances.isEmpty() && publisher.publishFirst(first)) {
			this.stoodIn = true;
			this.standIn = instances;
			logger.warn("{} has not answered for {}: starting with {} instances of {}", this.source.status().source(),
					PATIENCE, instances.size(), this.file);
		}
	}

	private String fileView() {
		return this.source.status().source() + " (snapshot file)";
	}

	/**
	 * The file was another source than the registry: it says from now on that nothing of
	 * it is there, as of when the registry was read. Another read must confirm that.
	 */
	private DiscoverySnapshot withoutStandIn(DiscoverySnapshot snapshot) {
		long readAt = snapshot.views().isEmpty() ? System.nanoTime() : snapshot.views().get(0).readAt();
		Absence absence = Absence.TO_BE_CONFIRMED;
		Map<String, Long> readAtByName = new HashMap<>();
		for (SourceView view : snapshot.views()) {
			readAt = earlier(readAt, view.readAt());
			absence = (view.absence().compareTo(absence) > 0) ? view.absence() : absence;
			view.readAtByName().forEach((name, time) -> readAtByName.merge(name, time, SnapshotFileDiscovery::earlier));
		}
		List<SourceView> views = new ArrayList<>(snapshot.views());
		views.add(new SourceView(fileView(), List.of(), readAt, readAtByName, absence, confirmationDelay()));
		return new DiscoverySnapshot(views);
	}

	private static long earlier(long one, long other) {
		return (one - other < 0) ? one : other;
	}

	private void keep(DiscoverySnapshot snapshot) {
		List<DiscoveredInstance> instances = new ArrayList<>(snapshot.instances());
		instances.addAll(held(snapshot));
		this.kept = List.copyOf(instances);
		this.file.write(this.source.status().source(), this.kept);
	}

	/** What stays in the file although the snapshot misses it. */
	private List<DiscoveredInstance> held(DiscoverySnapshot snapshot) {
		Set<Map.Entry<String, String>> present = snapshot.instances()
			.stream()
			.map(SnapshotFileDiscovery::key)
			.collect(Collectors.toSet());
		Map<Map.Entry<String, String>, DiscoveredInstance> known = new LinkedHashMap<>();
		kept().forEach((instance) -> known.put(key(instance), instance));
		// The file is of one source.
		String view = snapshot.views().isEmpty() ? "" : snapshot.views().get(0).source();
		List<Known<Map.Entry<String, String>>> all = known.keySet()
			.stream()
			.map((key) -> new Known<>(key, key.getKey(), new Origin(view, key.getKey())))
			.toList();
		return this.losses.held(all, present::contains, snapshot)
			.stream()
			.map((held) -> known.get(held.key()))
			.filter(Objects::nonNull)
			.toList();
	}

	private static Map.Entry<String, String> key(DiscoveredInstance instance) {
		return Map.entry(instance.name(), instance.id());
	}

}
