package dev.backend.autoconfigure.endpoint;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;

import dev.backend.ServiceConfig;
import dev.backend.autoconfigure.registration.RegistrationStatus;
import dev.backend.discovery.DiscoveryStatus;
import org.jspecify.annotations.Nullable;

/**
 * What the endpoint {@code backends} answers.
 *
 * @param backends the backends by bean name
 * @param registrations what this application has registered
 */
public record BackendsDescriptor(Map<String, BackendDescriptor> backends, List<RegistrationDescriptor> registrations) {

	/**
	 * A backend.
	 *
	 * @param protocol how its services are reached, such as {@code tcp}
	 * @param fleet the fleet that it serves; {@code null} if it is that of no fleet
	 * @param discovery how discovery is doing
	 * @param holds the ids of the instances that the registry misses, but whose loss it
	 * has not confirmed yet, by service name
	 * @param holdsStarted how often such a hold has begun
	 * @param drained the ids of the instances that an operator keeps off the rings, known
	 * at present or not, by service name
	 * @param suspended the ids of the instances that an operator leaves without a
	 * connection, known at present or not, by service name; none over HTTP
	 * @param groups the groups by service name
	 */
	public record BackendDescriptor(String protocol, @Nullable FleetDescriptor fleet, DiscoveryDescriptor discovery,
			Map<String, SortedSet<String>> holds, long holdsStarted, Map<String, SortedSet<String>> drained,
			Map<String, SortedSet<String>> suspended, Map<String, GroupDescriptor> groups) {

	}

	/**
	 * A fleet.
	 *
	 * @param name its name, which qualifies its beans
	 * @param services which services belong to it: names, and patterns in which {@code *}
	 * stands for any characters
	 */
	public record FleetDescriptor(String name, SortedSet<String> services) {

	}

	/**
	 * How discovery is doing.
	 *
	 * @param source what is watched
	 * @param state whether the registry answers: {@code STARTING}, {@code UP} or
	 * {@code DOWN}
	 * @param entries what the sources have seen; taken are those that can be used
	 * @param services what this backend has made of those that were taken; {@code null}
	 * until discovery has answered
	 * @param sinceLastRead the time since the last successful read, or {@code null}
	 * @param reason why the registry is not up, or what is wrong although it is, or
	 * {@code null}
	 */
	public record DiscoveryDescriptor(String source, DiscoveryStatus.State state, CountsDescriptor entries,
			@Nullable CountsDescriptor services, @Nullable Duration sinceLastRead, @Nullable String reason) {

	}

	/**
	 * How many entries there are.
	 *
	 * @param seen all of them
	 * @param taken those that are used
	 * @param leftOut those that are not, by the reason in words; none is zero
	 */
	public record CountsDescriptor(int seen, int taken, SortedMap<String, Integer> leftOut) {

	}

	/**
	 * The instances of one service name.
	 *
	 * @param known the number of instances
	 * @param usable the number of those that may be chosen
	 * @param services the instances by id
	 * @param rings the ring of all usable instances, and those of the tags
	 */
	public record GroupDescriptor(int known, int usable, List<ServiceDescriptor> services, List<RingDescriptor> rings) {

	}

	/**
	 * A ring.
	 *
	 * @param tag the routing tag that its instances have; {@code null} for all instances
	 * @param shares the part of the keys that each instance owns, by its id; together 1
	 */
	public record RingDescriptor(@Nullable String tag, Map<String, Double> shares) {

	}

	/**
	 * An instance.
	 *
	 * @param id the id, unique within the group
	 * @param address the host name or IP address
	 * @param port the port
	 * @param tags the routing tags
	 * @param weight the share of the rings relative to others
	 * @param state where it is in the life of its connection
	 * @param timeInState how long it has been in that state
	 * @param reason why the last connection ended or the last attempt failed;
	 * {@code null} while connected
	 * @param pendingRequests the requests without a reply
	 * @param queuedMessages the messages that wait to be encoded
	 * @param withdrawn whether discovery does not list it any more
	 * @param held whether the registry misses it, and it is kept until another read
	 * confirms that it is gone: so many of its group were missed at once that the
	 * registry may have lost them
	 * @param drained whether an operator keeps it off the rings
	 * @param suspended whether an operator leaves it without a connection
	 * @param connection the two ends of the connection, or {@code null}
	 */
	public record ServiceDescriptor(String id, String address, int port, SortedSet<String> tags, double weight,
			String state, Duration timeInState, @Nullable String reason, int pendingRequests, int queuedMessages,
			boolean withdrawn, boolean held, boolean drained, boolean suspended, @Nullable String connection) {

	}

	/**
	 * Where a key goes.
	 *
	 * @param service the service name
	 * @param key the key
	 * @param tag the routing tag that was asked for, or {@code null}
	 * @param owner the instance that owns the key
	 * @param next the instances that would own it if the owner and those before were
	 * gone, in this order
	 */
	public record RouteDescriptor(String service, String key, @Nullable String tag, OwnerDescriptor owner,
			List<OwnerDescriptor> next) {

	}

	/**
	 * An instance that may own a key.
	 *
	 * @param id the id, unique within the group
	 * @param address the host name or IP address
	 * @param port the port
	 */
	public record OwnerDescriptor(String id, String address, int port) {

	}

	/**
	 * A registration.
	 *
	 * @param name the service name
	 * @param id the id of the instance
	 * @param scheme the protocol
	 * @param address the host name or IP address
	 * @param port the port
	 * @param tags the routing tags
	 * @param registered whether others see it
	 * @param reason why the last heartbeat failed, or {@code null}
	 */
	public record RegistrationDescriptor(String name, String id, String scheme, String address, int port,
			SortedSet<String> tags, boolean registered, @Nullable String reason) {

		static RegistrationDescriptor of(RegistrationStatus status) {
			ServiceConfig service = status.service();
			return new RegistrationDescriptor(service.name(), service.id(), service.scheme(), service.address(),
					service.port(), new TreeSet<>(service.tags()), status.registered(), status.lastError());
		}

	}

}
