package dev.backend.discovery.consul;

import java.time.Duration;
import java.util.function.Supplier;

import dev.backend.discovery.WatchedDiscovery;

/**
 * Watches services in Consul through one agent, by blocking queries.
 *
 * <p>
 * <b>What is watched.</b> Each service has a long poll of
 * {@code /v1/health/service/<name>}: the only query that every kind of change wakes (a
 * check of the instance or of its node, maintenance, registration with or without checks,
 * tags, metadata, the address), and that only changes of that service wake, so that no
 * other service is read again. It is asked for all instances; which are live and carry
 * the tag is judged here, since an empty answer must tell "none passes" from "not
 * visible". Without service names in the settings, one more long poll of
 * {@code /v1/catalog/services} says which services there are; Consul's own is left out.
 *
 * <p>
 * <b>Hundreds of services.</b> An agent takes 200 connections of one address by default,
 * from all its clients together, and a long poll takes one. So at most
 * {@link ConsulLimits#longPolls()} services have their own. The others share three long
 * polls without content ({@code /v1/catalog/services}, {@code /v1/health/state/any} and
 * {@code /v1/catalog/nodes}, of which together every kind of change wakes at least one),
 * and are read, sixteen at once, when one of those is answered: as fast, but also when
 * another service has changed.
 *
 * <p>
 * <b>What is left out.</b> Entries of the proxies and gateways of a mesh are no
 * instances. An id that several nodes have in one answer becomes {@code id@node} for all
 * of them. A service whose name cannot stand in the path of a query is not asked for.
 *
 * <p>
 * <b>What is believed.</b> A snapshot is the last good answer of every service; there is
 * none before each has been read once, but for those that cannot be read: not at all,
 * such as one whose nodes are hidden from the token, or not while, for two seconds,
 * nothing else has been read that was not before. They join when they can be read. An
 * error, an answer that is not whole, one without index or of a cluster without leader
 * changes nothing. Neither does an empty answer unless the catalog, asked then, lists
 * other services and not this one: a token that may not read sees an empty Consul, not an
 * error. Every successful read is pushed, also one that found no change, with the time of
 * the last read of each service. After a first read, and after one that misses an
 * instance, the next long poll waits no longer than {@link #confirmationDelay()}, so that
 * what is missing is confirmed to be gone.
 *
 * <p>
 * <b>Failures.</b> A poll that fails is tried again, without index, after a back-off of
 * at most a second, or half a minute if the query itself is refused.
 * {@code /v1/status/leader} is asked every two seconds, and at once when a poll gets no
 * answer; while that fails, the status is down with the reason, all polls are given up,
 * and all begin anew when it succeeds again: no poll that hangs on a lost connection, or
 * on a server that is no leader any more, is trusted. A single long poll whose connection
 * has died without a word is found out: with each of those probes, three short queries
 * without content say whether anything of the datacenter has changed; if so, each long
 * poll is compared with the index of its service, asked for without content too, and is
 * given up if it should have answered. A service that did not change is not read again.
 *
 * <p>
 * <b>Threads.</b> One daemon thread owns all state, another calls the listeners, and an
 * event loop reads what arrives. Nothing ever waits for Consul.
 */
public final class ConsulServiceDiscovery extends WatchedDiscovery<ConsulWatch> {

	private final ConsulDiscoverySettings settings;

	private final Supplier<ConsulWatch> watches;

	/**
	 * Creates a discovery, which does nothing until it is subscribed to.
	 * @param settings the agent and what to watch
	 */
	public ConsulServiceDiscovery(ConsulDiscoverySettings settings) {
		this(settings, () -> ConsulWatch.start(settings));
	}

	/** With watches of a test. */
	ConsulServiceDiscovery(ConsulDiscoverySettings settings, Supplier<ConsulWatch> watches) {
		super(settings.source());
		this.settings = settings;
		this.watches = watches;
	}

	/**
	 * Returns {@link ConsulTimings#confirmationDelay()}.
	 */
	@Override
	public Duration confirmationDelay() {
		return this.settings.timings().confirmationDelay();
	}

	@Override
	protected ConsulWatch startWatch() {
		return this.watches.get();
	}

}
