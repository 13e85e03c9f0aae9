package dev.backend.discovery.cloud;

import java.time.Duration;

import dev.backend.discovery.DiscoveryLoop;
import dev.backend.discovery.FailureText;
import dev.backend.discovery.WatchedDiscovery;

import org.springframework.cloud.client.discovery.DiscoveryClient;
import org.springframework.cloud.client.discovery.ReactiveDiscoveryClient;

/**
 * Watches the services that a discovery client of Spring Cloud knows, whatever the
 * registry behind it. Thread-safe.
 *
 * <p>
 * The client is asked after {@link #readNow()}, and else every poll interval, for several
 * services at once, on threads of this source. A service that cannot be read, or not in
 * time, keeps its last content, and {@link #status()} is down with the reason until it is
 * read again; the others go on. Without the list of services, or any of them, the last
 * snapshot stands. While the status is down, the next read comes after at most two
 * seconds.
 *
 * <p>
 * Some clients answer an error with an empty list. A read that finds nothing, where the
 * client does not know of any service either, is thus an error once there was something.
 * What else is missing is left to the confirmation: of most of a group, and for as long
 * as the confirmation delay after an outage of anything, it must be missing from another
 * read that begins a confirmation delay later.
 */
public final class SpringCloudServiceDiscovery extends WatchedDiscovery<SpringCloudWatch> {

	private final CloudClient client;

	private final String source;

	private final SpringCloudDiscoverySettings settings;

	SpringCloudServiceDiscovery(CloudClient client, SpringCloudDiscoverySettings settings) {
		this(client, source(client), settings);
	}

	private SpringCloudServiceDiscovery(CloudClient client, String source, SpringCloudDiscoverySettings settings) {
		super(source);
		this.client = client;
		this.source = source;
		this.settings = settings;
	}

	/**
	 * Creates a discovery, which does nothing until it is subscribed to.
	 * @param client the client to ask, on threads of this source
	 * @param settings what to ask it for, and when
	 * @return the discovery
	 */
	public static SpringCloudServiceDiscovery of(DiscoveryClient client, SpringCloudDiscoverySettings settings) {
		return new SpringCloudServiceDiscovery(CloudClient.of(client), settings);
	}

	/**
	 * Creates a discovery, which does nothing until it is subscribed to.
	 * @param client the client to ask
	 * @param settings what to ask it for, and when
	 * @return the discovery
	 */
	public static SpringCloudServiceDiscovery of(ReactiveDiscoveryClient client,
			SpringCloudDiscoverySettings settings) {
		return new SpringCloudServiceDiscovery(CloudClient.of(client), settings);
	}

	private static String source(CloudClient client) {
		String description;
		try {
			description = String.valueOf(client.description());
		}
		catch (RuntimeException ex) {
			description = "?";
		}
		return "spring cloud (" + FailureText.printable(description) + ")";
	}

	@Override
	protected SpringCloudWatch startWatch() {
		SpringCloudWatch watch = new SpringCloudWatch(this.source, new CloudReader(this.client, this.settings),
				new DiscoveryLoop("backend-cloud-watch"), this.settings);
		watch.wake();
		return watch;
	}

	/**
	 * Returns {@link SpringCloudDiscoverySettings#confirmationDelay()}.
	 */
	@Override
	public Duration confirmationDelay() {
		return this.settings.confirmationDelay();
	}

	/**
	 * Reads again, since something may have changed: for who hears of the client's
	 * events. Any thread; returns at once. Does nothing while there is no subscription.
	 */
	public void readNow() {
		SpringCloudWatch current = watch();
		if (current != null) {
			current.wake();
		}
	}

}
