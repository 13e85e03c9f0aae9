package dev.backend.http;

import java.net.URI;
import java.time.Duration;
import java.util.Objects;

import dev.backend.Availability;
import dev.backend.ServiceConfig;
import dev.backend.execution.SerialExecutor;
import dev.backend.fleet.FleetService;
import dev.backend.fleet.ServiceCallbacks;
import dev.backend.fleet.UriHosts;
import dev.backend.logging.ServiceLog;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One instance that is reached over HTTP, and what its probe has found out. Safe for use
 * by any thread. No method blocks.
 *
 * <p>
 * An instance that changes its address or port under its id stays this very object. While
 * it is up, it goes there when its probe succeeds there, and is on its rings all the
 * time; otherwise at once.
 */
public final class HttpService extends FleetService {

	private static final Logger logger = LoggerFactory.getLogger(HttpService.class);

	private final HttpRuntime runtime;

	private final ServiceCallbacks callbacks;

	private final Prober prober;

	/** Of the present configuration, once somebody has asked for it. */
	private volatile @Nullable Location location;

	HttpService(ServiceConfig config, @Nullable Object info, GroupEjections group, HttpRuntime runtime) {
		super(config, info);
		this.runtime = runtime;
		this.callbacks = new ServiceCallbacks(this, runtime.listener(),
				new SerialExecutor(this, runtime.context().failureLog().of(config.name()), runtime.handlerExecutor()));
		this.prober = new Prober(this, group, runtime);
	}

	/**
	 * Returns where this instance is in its life.
	 * @return the state
	 */
	@Override
	public HttpState state() {
		return this.prober.state();
	}

	/**
	 * Returns how long this instance has been in its state.
	 * @return the duration
	 */
	@Override
	public Duration timeInState() {
		return this.prober.timeInState();
	}

	/**
	 * Returns why this instance is ejected or, if it is not, why the last probe failed.
	 * @return the cause; {@code null} if the last probe succeeded or none has ended yet
	 */
	@Override
	public @Nullable Throwable lastFailure() {
		return this.prober.lastFailure();
	}

	@Override
	protected boolean attemptFailed() {
		return this.prober.attemptFailed();
	}

	@Override
	protected Availability stateAvailability() {
		return state().availability();
	}

	/**
	 * Returns where this instance is.
	 * @return for example {@code http://10.0.0.5:8080}
	 */
	public URI uri() {
		ServiceConfig config = config();
		Location location = this.location;
		if (location == null || location.config() != config) {
			location = new Location(config, uri(config, ""));
			this.location = location;
		}
		return location.uri();
	}

	/**
	 * Returns the address of something at this instance.
	 * @param path the path, with its query if there is one, encoded; a slash is put in
	 * front if it is missing
	 * @return for example {@code http://10.0.0.5:8080/orders?of=7}
	 * @throws IllegalArgumentException if the path is malformed
	 */
	public URI uri(String path) {
		return uri(config(), path);
	}

	static URI uri(ServiceConfig config, String path) {
		String slash = (path.isEmpty() || path.startsWith("/")) ? "" : "/";
		return URI.create(config.scheme() + "://" + UriHosts.of(config) + ":" + config.port() + slash + path);
	}

	/**
	 * Probes this instance at once, because a request to it has failed. Its outcome
	 * counts like that of any other probe.
	 */
	public void probe() {
		this.prober.probeNow();
	}

	/**
	 * Tells that a request to this instance was answered. To be called by whoever makes
	 * requests and tells of those that {@link #failed(Throwable) fail}. Costs a volatile
	 * read as a rule.
	 */
	public void succeeded() {
		this.prober.succeeded();
	}

	/**
	 * Tells that a request to this instance failed in a way that speaks against the
	 * instance: no connection, no answer in time, or an answer of a gateway that has none
	 * (502, 503, 504). If so many fail in a row as {@link HttpEjection} says, with none
	 * between that {@linkplain #succeeded() succeeded}, the instance is taken off its
	 * rings for a while. Without ejection, which is the default, nothing happens.
	 * @param cause why it failed
	 */
	public void failed(Throwable cause) {
		this.prober.failed(Objects.requireNonNull(cause, "cause"));
	}

	void settingsChanged() {
		this.prober.settingsChanged();
	}

	@Override
	protected void start() {
		this.prober.start();
	}

	@Override
	protected void withdraw() {
		this.prober.withdraw();
	}

	@Override
	protected void restore() {
		this.prober.restore();
	}

	/** Closes: what is pending is the business of an HTTP client. */
	@Override
	protected void drain() {
		this.prober.close();
	}

	@Override
	protected void stop() {
		this.prober.close();
	}

	@Override
	protected void destinationChanged() {
		this.prober.destinationChanged();
	}

	/** Where discovery says that the instance is, if that is elsewhere. */
	@Nullable ServiceConfig movesTo() {
		return destination();
	}

	/**
	 * It is reached there; returns where it was, or {@code null} if there is none, or
	 * another one than that which has answered.
	 */
	@Nullable ServiceConfig moved(@Nullable ServiceConfig answered) {
		return arrive(answered);
	}

	@Override
	protected void drainedChanged() {
		this.prober.drainedChanged();
	}

	@Override
	protected void close() {
		this.prober.close();
	}

	@Override
	protected void published() {
		this.prober.published();
	}

	@Override
	protected ServiceCallbacks callbacks() {
		return this.callbacks;
	}

	/**
	 * Returns what happened to all instances of this name since the backend started.
	 * @return the counters; live
	 */
	public HttpCounters counters() {
		return this.runtime.context().counters(name());
	}

	/** Bounds what is logged of this service. */
	ServiceLog log() {
		return this.callbacks.log();
	}

	/** Counts a probe that has ended. */
	void probed(@Nullable Throwable failure) {
		HttpCounters counters = counters();
		((failure != null) ? counters.failedProbes : counters.succeededProbes).increment();
	}

	void onConnected() {
		counters().ups.increment();
		this.callbacks.connected();
	}

	void onReady() {
		this.callbacks.ready();
	}

	void onDisconnected(@Nullable Throwable cause) {
		counters().downs.increment();
		this.callbacks.disconnected(cause);
	}

	void onMoved(ServiceConfig from) {
		log().news(logger, "{} was at {} before", this, from.endpoint());
		this.callbacks.moved(from);
	}

	void onRemoved() {
		this.callbacks.removed();
	}

	private record Location(ServiceConfig config, URI uri) {
	}

}
