package dev.backend.autoconfigure.discovery;

import java.time.Duration;

import dev.backend.discovery.WatchedDiscovery;

/**
 * Watches the services that a discovery client of Spring Cloud knows, whatever the
 * registry behind it.
 *
 * <p>
 * The client is asked when it told of a change by an event, and else every poll interval,
 * for several services at once, on threads of this source. A service that cannot be read,
 * or not in time, keeps its last content, and {@link #status()} is down with the reason
 * until it is read again; the others go on. Without the list of services, or any of them,
 * the last snapshot stands. While the status is down, the next read comes after at most
 * two seconds.
 *
 * <p>
 * Some clients answer an error with an empty list. A read that finds nothing, where the
 * client does not know of any service either, is thus an error once there was something.
 * What else is missing is left to the confirmation: of most of a group, and for as long
 * as the confirmation delay after an outage of anything, it must be missing from another
 * read that begins a confirmation delay later.
 */
final class SpringCloudServiceDiscovery extends WatchedDiscovery<SpringCloudWatch> {

	private final CloudClient client;

	private final SpringCloudDiscoveryProperties properties;

	/**
	 * Creates a discovery, which does nothing until it is subscribed to.
	 * @param client the client to ask
	 * @param properties what to ask it for, and when
	 */
	SpringCloudServiceDiscovery(CloudClient client, SpringCloudDiscoveryProperties properties) {
		super(source(client));
		this.client = client;
		this.properties = properties;
	}

	private static String source(CloudClient client) {
		return "spring cloud (" + CloudFailure.printable(String.valueOf(client.description())) + ")";
	}

	@Override
	protected SpringCloudWatch startWatch() {
		return SpringCloudWatch.start(this.client, source(this.client), this.properties);
	}

	/**
	 * Returns {@code backend.discovery.spring-cloud.confirmation-delay}.
	 */
	@Override
	public Duration confirmationDelay() {
		return this.properties.confirmationDelay();
	}

	/** Something may have changed: reads again. Any thread; returns at once. */
	void readNow() {
		SpringCloudWatch current = watch();
		if (current != null) {
			current.wake();
		}
	}

}
