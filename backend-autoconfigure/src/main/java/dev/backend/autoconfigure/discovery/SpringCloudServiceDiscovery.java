package dev.backend.autoconfigure.discovery;

import java.time.Duration;

import dev.backend.discovery.DiscoveryStatus;
import dev.backend.discovery.DiscoveryStatus.State;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.discovery.SnapshotPublisher.Receiver;
import org.jspecify.annotations.Nullable;

/**
 * Watches the services that a discovery client of Spring Cloud knows, whatever the
 * registry behind it.
 *
 * <p>
 * The client is asked when it told of a change by an event, and else every poll interval,
 * on a thread of this source. A read counts if every question of it was answered in time;
 * any other one changes nothing: the last snapshot stands, and {@link #status()} is down
 * with the reason until a read succeeds. While it is down, it is read again after at most
 * two seconds.
 *
 * <p>
 * Some clients answer an error with an empty list. A read that finds nothing, where the
 * client does not know of any service either, is thus an error once there was something.
 * What else is missing is left to the confirmation: of most of a group, and for as long
 * as the confirmation delay after an outage of anything, it must be missing from another
 * read that begins a confirmation delay later.
 */
final class SpringCloudServiceDiscovery implements ServiceDiscovery, AutoCloseable {

	private final CloudClient client;

	private final SpringCloudDiscoveryProperties properties;

	private final String source;

	private @Nullable SpringCloudWatch watch;

	private boolean closed;

	/**
	 * Creates a discovery, which does nothing until it is subscribed to.
	 * @param client the client to ask
	 * @param properties what to ask it for, and when
	 */
	SpringCloudServiceDiscovery(CloudClient client, SpringCloudDiscoveryProperties properties) {
		this.client = client;
		this.properties = properties;
		this.source = "spring cloud (" + CloudFailure.printable(String.valueOf(client.description())) + ")";
	}

	/**
	 * {@inheritDoc}
	 * @throws IllegalStateException if this discovery is closed
	 */
	@Override
	public synchronized Subscription subscribe(DiscoveryListener listener) {
		if (this.closed) {
			throw new IllegalStateException("discovery of " + this.source + " is closed");
		}
		SpringCloudWatch current = this.watch;
		if (current == null) {
			current = SpringCloudWatch.start(this.client, this.source, this.properties);
			this.watch = current;
		}
		SpringCloudWatch watched = current;
		Receiver receiver = watched.publisher().add(listener);
		return () -> {
			// Not under the lock: this may wait for a call of the listener.
			receiver.close();
			remove(watched, receiver);
		};
	}

	/**
	 * Returns {@code backend.discovery.spring-cloud.confirmation-delay}.
	 */
	@Override
	public Duration confirmationDelay() {
		return this.properties.confirmationDelay();
	}

	@Override
	public DiscoveryStatus status() {
		SpringCloudWatch current;
		synchronized (this) {
			current = this.watch;
		}
		return (current != null) ? current.health().status()
				: new DiscoveryStatus(this.source, State.STARTING, 0, 0, null, null);
	}

	/** Something may have changed: reads again. Any thread; returns at once. */
	void readNow() {
		SpringCloudWatch current;
		synchronized (this) {
			current = this.watch;
		}
		if (current != null) {
			current.wake();
		}
	}

	/**
	 * Ends all subscriptions; interrupts a read under way and does not wait for it. May
	 * be called twice.
	 */
	@Override
	public void close() {
		SpringCloudWatch ending;
		synchronized (this) {
			this.closed = true;
			ending = this.watch;
			this.watch = null;
		}
		if (ending != null) {
			ending.stop();
		}
	}

	private synchronized void remove(SpringCloudWatch watched, Receiver receiver) {
		boolean last = watched.publisher().remove(receiver);
		if (last && this.watch == watched) {
			this.watch = null;
			watched.stop();
		}
	}

}
