package dev.backend.discovery.dns;

import java.time.Duration;
import java.util.function.Supplier;

import dev.backend.discovery.WatchedDiscovery;

/**
 * Watches names in DNS: an instance for each address of a name, such as that of a
 * headless service in Kubernetes, or for each SRV record.
 *
 * <p>
 * <b>Reads.</b> Each service is read by itself, again when the time to live of its
 * records is over, within the bounds of the settings, and nothing is kept beside that.
 * The name servers are asked one after another, three times in all. A name that does not
 * exist, or has no such records, is a read without instances: so DNS in Kubernetes
 * answers while no pod is ready. All else that is not a whole answer (an error, a
 * time-out, one that is cut also over TCP, one of two kinds of addresses) fails: the
 * service keeps what it had, and the time of its last read.
 *
 * <p>
 * <b>Losses.</b> An answer from the cache of a name server is no new read: that of a
 * service counts as one if it says something new, or if the time to live of the last that
 * counted is over (of more than five minutes, five minutes).
 *
 * <p>
 * <b>Instances.</b> The id of one at an address is the service's name and the address,
 * such as {@code game-10-0-0-5} and {@code game-2001-db8-0-0-0-0-0-5}; that of a SRV
 * record is its target and port, such as {@code pod-1.example.org:7001}, and the address
 * is the target, looked up with each attempt to connect. Of SRV records those of the
 * lowest priority are used; weights are not: in Kubernetes they change with the number of
 * instances, and all keys would move.
 *
 * <p>
 * <b>Threads.</b> One daemon thread owns all state, another calls the listeners, and an
 * event loop asks and reads. Nothing waits for DNS.
 */
public final class DnsServiceDiscovery extends WatchedDiscovery<DnsWatch> {

	private final DnsDiscoverySettings settings;

	private final Supplier<DnsWatch> start;

	/**
	 * Creates a discovery, which does nothing until it is subscribed to.
	 * @param settings what to watch
	 */
	public DnsServiceDiscovery(DnsDiscoverySettings settings) {
		this(settings, () -> DnsWatch.start(settings));
	}

	DnsServiceDiscovery(DnsDiscoverySettings settings, Supplier<DnsWatch> start) {
		super(settings.source());
		this.settings = settings;
		this.start = start;
	}

	/**
	 * Returns {@link DnsDiscoverySettings#confirmationDelay()}.
	 */
	@Override
	public Duration confirmationDelay() {
		return this.settings.confirmationDelay();
	}

	@Override
	protected DnsWatch startWatch() {
		return this.start.get();
	}

}
