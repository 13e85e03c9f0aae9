package dev.backend.fleet;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

import dev.backend.BackendListener;
import dev.backend.ServiceConfig;
import dev.backend.ServiceInfoFactory;
import dev.backend.discovery.InstanceFilter;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.logging.FailureLog;
import dev.backend.routing.ConsistentHash;
import dev.backend.settings.SettingChecks;
import org.jspecify.annotations.Nullable;

/**
 * What all backends are built from, whatever their protocol. Not safe for use by several
 * threads.
 *
 * @param <B> the type of the builder
 */
public abstract class FleetBuilder<B extends FleetBuilder<B>> {

	private String name;

	private @Nullable ServiceDiscovery discovery;

	private InstanceFilter filter;

	private Predicate<String> services = ServiceNames.ALL;

	private UnaryOperator<ServiceConfig> redirection = UnaryOperator.identity();

	private @Nullable Duration confirmationDelay;

	private ConsistentHash consistentHash = ConsistentHash.balanced();

	private @Nullable ServiceInfoFactory infoFactory;

	private final List<BackendListener> listeners = new ArrayList<>();

	private @Nullable Executor handlerExecutor;

	private @Nullable SharedThreads threads;

	private final FailureLog failureLog = new FailureLog(System::nanoTime);

	private int handlerThreads = SharedThreads.DEFAULT_HANDLER_THREADS;

	private int eventLoops = SharedThreads.defaultEventLoops();

	/**
	 * Creates a builder with the defaults.
	 * @param name the name of the backend
	 * @param schemes the schemes of the instances that belong to it
	 */
	protected FleetBuilder(String name, List<String> schemes) {
		this.name = name;
		this.filter = InstanceFilter.forSchemes(schemes);
	}

	/**
	 * Returns this builder.
	 * @return this
	 */
	protected abstract B self();

	/**
	 * Sets the name of the backend, by default {@code backend-} and its protocol. Its
	 * threads are named after it, and its services {@linkplain FleetService#backend()
	 * say} it.
	 * @param name the name
	 * @return this builder
	 */
	public final B name(String name) {
		this.name = Objects.requireNonNull(name, "name");
		return self();
	}

	/**
	 * Sets where instances come from. Needed.
	 * @param discovery the source; not closed with the backend
	 * @return this builder
	 */
	public final B discovery(ServiceDiscovery discovery) {
		this.discovery = Objects.requireNonNull(discovery, "discovery");
		return self();
	}

	/**
	 * Sets which instances belong to the backend, by default those with a scheme of its
	 * protocol.
	 * @param filter the filter
	 * @return this builder
	 */
	public final B filter(InstanceFilter filter) {
		this.filter = Objects.requireNonNull(filter, "filter");
		return self();
	}

	/**
	 * Sets which services belong to the backend, by default all. Asked with the name of
	 * each instance that the filter has taken, whoever set that.
	 * @param services whether a service of a name belongs to the backend, such as
	 * {@link ServiceNames}; called on the control thread, must be quick
	 * @return this builder
	 */
	public final B services(Predicate<String> services) {
		this.services = Objects.requireNonNull(services, "services");
		return self();
	}

	/**
	 * Sets where instances are reached in place of where discovery says, such as behind a
	 * forwarded port. Asked at each snapshot, of what the filter has taken, whoever set
	 * that.
	 * @param redirection returns the instance, at another place or as it is; name and id
	 * must stay
	 * @return this builder
	 */
	public final B redirection(UnaryOperator<ServiceConfig> redirection) {
		this.redirection = Objects.requireNonNull(redirection, "redirection");
		return self();
	}

	/**
	 * Sets how long after a read that misses more than half of a group another read must
	 * confirm that, before those instances count as gone; by default what the discovery
	 * says, which is the expiry of its registry. Until then those that still answer stay
	 * on the rings.
	 * @param confirmationDelay the delay; zero if one read is enough
	 * @return this builder
	 * @throws IllegalArgumentException if it is negative
	 */
	public final B confirmationDelay(Duration confirmationDelay) {
		this.confirmationDelay = SettingChecks.notNegative("confirmationDelay", confirmationDelay);
		return self();
	}

	/**
	 * Sets the algorithm of the rings, by default {@link ConsistentHash#balanced()}.
	 * @param consistentHash the algorithm
	 * @return this builder
	 */
	public final B consistentHash(ConsistentHash consistentHash) {
		this.consistentHash = Objects.requireNonNull(consistentHash, "consistentHash");
		return self();
	}

	/**
	 * Sets what makes the user's object of each service, by default none.
	 * @param infoFactory the factory
	 * @return this builder
	 */
	public final B infoFactory(ServiceInfoFactory infoFactory) {
		this.infoFactory = Objects.requireNonNull(infoFactory, "infoFactory");
		return self();
	}

	/**
	 * Adds hooks.
	 * @param listener the hooks
	 * @return this builder
	 */
	public final B listener(BackendListener listener) {
		this.listeners.add(Objects.requireNonNull(listener, "listener"));
		return self();
	}

	/**
	 * Sets what runs handlers and hooks, by default a pool of daemon threads. It needs to
	 * run as many tasks at once as handlers may block. One task per service is with it at
	 * a time, or as many as the dispatch mode of the backend allows. It should not refuse
	 * any: what it refuses is not lost, but waits for the next callback of that service.
	 * @param handlerExecutor the executor; not shut down with the backend
	 * @return this builder
	 */
	public final B handlerExecutor(Executor handlerExecutor) {
		this.handlerExecutor = Objects.requireNonNull(handlerExecutor, "handlerExecutor");
		return self();
	}

	/**
	 * Sets the threads that this backend shares with others, by default none: it has its
	 * own. Then {@link #eventLoops(int)} and {@link #handlerThreads(int)} are without
	 * effect. With a {@link #handlerExecutor(Executor) handler executor}, only the event
	 * loops are shared.
	 * @param threads the threads
	 * @return this builder
	 */
	public final B threads(SharedThreads threads) {
		this.threads = Objects.requireNonNull(threads, "threads");
		return self();
	}

	/**
	 * Sets the size of the default pool that runs handlers and hooks, by default 32. Idle
	 * threads end. Without effect if there is a {@link #handlerExecutor(Executor) handler
	 * executor}, or if {@link #threads(SharedThreads) threads} are shared.
	 * @param handlerThreads the number of threads, at least 1
	 * @return this builder
	 * @throws IllegalArgumentException if the number is less than 1
	 */
	public final B handlerThreads(int handlerThreads) {
		this.handlerThreads = SettingChecks.positive("handlerThreads", handlerThreads);
		return self();
	}

	/**
	 * Sets the number of event loops, by default one per two processors: what they do is
	 * done in batches, and more threads than needed make these smaller. Without effect if
	 * {@link #threads(SharedThreads) threads} are shared.
	 * @param eventLoops the number, at least 1
	 * @return this builder
	 * @throws IllegalArgumentException if the number is less than 1
	 */
	public final B eventLoops(int eventLoops) {
		this.eventLoops = SettingChecks.positive("eventLoops", eventLoops);
		return self();
	}

	protected final ConsistentHash consistentHash() {
		return this.consistentHash;
	}

	protected final List<BackendListener> listeners() {
		return this.listeners;
	}

	/**
	 * Returns what bounds the log of the backend's services, for its protocol, too.
	 * @return the log
	 */
	protected final FailureLog failureLog() {
		return this.failureLog;
	}

	/** What the backend is built from, as it is now. */
	final FleetOptions options() {
		ServiceDiscovery discovery = this.discovery;
		if (discovery == null) {
			throw new IllegalStateException("discovery: none (expected: one, set by the builder's discovery(…))");
		}
		return new FleetOptions(this.name, discovery, filter(), this.confirmationDelay, this.infoFactory,
				threadsOfRun(), this.handlerExecutor, this.failureLog);
	}

	private Supplier<SharedThreads> threadsOfRun() {
		SharedThreads shared = this.threads;
		if (shared != null) {
			return () -> shared;
		}
		String name = this.name;
		int eventLoops = this.eventLoops;
		int handlerThreads = this.handlerThreads;
		return () -> new SharedThreads(name, eventLoops, handlerThreads);
	}

	private InstanceFilter filter() {
		InstanceFilter filter = this.filter;
		Predicate<String> services = this.services;
		UnaryOperator<ServiceConfig> redirection = this.redirection;
		return (instance) -> {
			ServiceConfig config = filter.map(instance);
			return (config != null && services.test(config.name())) ? redirect(config, redirection.apply(config))
					: null;
		};
	}

	private static ServiceConfig redirect(ServiceConfig config, ServiceConfig redirected) {
		if (!ServiceKey.of(config).equals(ServiceKey.of(redirected))) {
			throw new IllegalArgumentException("%s redirected to %s (expected: the same name and id)"
				.formatted(config.label(), redirected.label()));
		}
		UriHosts.require(redirected);
		return redirected;
	}

}
