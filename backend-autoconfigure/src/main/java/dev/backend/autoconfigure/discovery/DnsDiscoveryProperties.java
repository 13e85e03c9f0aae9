package dev.backend.autoconfigure.discovery;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import dev.backend.ServiceConfig;
import dev.backend.autoconfigure.Checks;
import dev.backend.discovery.InstanceRules;
import dev.backend.discovery.dns.DnsDiscoverySettings;
import dev.backend.discovery.dns.DnsService;
import io.netty.util.NetUtil;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * What is watched in DNS. Read at start.
 *
 * @param services Services to watch, each with its name, the host that DNS is asked for,
 * and the port of its instances.
 * @param nameServers IP addresses of the name servers, in the order in which they are
 * asked, with a port if that is not 53. Those of the system if empty.
 * @param minimumInterval Shortest time between two reads of a service.
 * @param maximumInterval Longest time between two reads of a service, whatever the time
 * to live of its records.
 * @param responseTimeout Time that a read may take, all attempts together.
 * @param confirmationDelay Time after a read that misses most of a group until another
 * read may confirm it. At least the maximum interval.
 */
@ConfigurationProperties("backend.discovery.dns")
public record DnsDiscoveryProperties(@DefaultValue List<Service> services, @DefaultValue List<String> nameServers,
		@DefaultValue("1s") Duration minimumInterval, @DefaultValue("30s") Duration maximumInterval,
		@DefaultValue("5s") Duration responseTimeout, @DefaultValue("30s") Duration confirmationDelay) {

	private static final String PREFIX = "backend.discovery.dns.";

	private static final int DNS_PORT = 53;

	/**
	 * Returns these properties as settings of the engine.
	 * @param rules what an instance must be like
	 * @return the settings
	 * @throws InvalidConfigurationPropertyValueException if a value cannot be used
	 */
	DnsDiscoverySettings toSettings(InstanceRules rules) {
		Checks.upToOneDay(PREFIX + "minimum-interval", this.minimumInterval);
		atLeast("maximum-interval", this.maximumInterval, "minimum-interval", this.minimumInterval);
		Checks.upToOneDay(PREFIX + "response-timeout", this.responseTimeout);
		atLeast("confirmation-delay", this.confirmationDelay, "maximum-interval", this.maximumInterval);
		return DnsDiscoverySettings.defaults(watched())
			.withNameServers(this.nameServers.stream().map(DnsDiscoveryProperties::address).toList())
			.withTimings(this.minimumInterval, this.maximumInterval, this.responseTimeout, this.confirmationDelay)
			.withRules(rules);
	}

	private static void atLeast(String property, Duration value, String otherProperty, Duration other) {
		Checks.upToOneDay(PREFIX + property, value);
		Checks.require(value.compareTo(other) >= 0, PREFIX + property, value, "at least that of " + otherProperty);
	}

	private List<DnsService> watched() {
		Checks.require(!this.services.isEmpty() && this.services.size() <= DnsDiscoverySettings.MAXIMUM_SERVICES,
				PREFIX + "services", this.services.size(),
				"1 to %d services, each with name, host and port".formatted(DnsDiscoverySettings.MAXIMUM_SERVICES));
		List<DnsService> watched = new ArrayList<>();
		Set<String> names = new HashSet<>();
		for (int i = 0; i < this.services.size(); i++) {
			String property = "%sservices[%d]".formatted(PREFIX, i);
			DnsService service = this.services.get(i).toService(property);
			Checks.require(names.add(ServiceConfig.normalize(service.name())), property + ".name", service.name(),
					"each name once");
			watched.add(service);
		}
		return watched;
	}

	private static InetSocketAddress address(String text) {
		InetAddress address = NetUtil.createInetAddressFromIpAddressString(text.strip());
		if (address != null) {
			return new InetSocketAddress(address, DNS_PORT);
		}
		URI uri = URI.create("dns://none");
		try {
			uri = URI.create("dns://" + text.strip());
		}
		catch (IllegalArgumentException ex) {
			// Refused below.
		}
		address = (uri.getHost() != null) ? NetUtil.createInetAddressFromIpAddressString(uri.getHost()) : null;
		if (address == null || uri.getPort() < 1 || uri.getPort() > 65535) {
			throw Checks.refusal(PREFIX + "name-servers", text,
					"IP addresses, each with a port or not, such as 10.0.0.2:53 or [::1]:53");
		}
		return new InetSocketAddress(address, uri.getPort());
	}

	/**
	 * A service.
	 *
	 * @param name Name of the service.
	 * @param host Complete name that DNS is asked for, such as that of a headless
	 * service, or of SRV records.
	 * @param records Records that are instances.
	 * @param scheme Protocol of the instances.
	 * @param port Port of the instances. Not with SRV records, which have their own.
	 */
	public record Service(@Nullable String name, @Nullable String host, @DefaultValue("a") DnsService.Records records,
			@DefaultValue("tcp") String scheme, @Nullable Integer port) {

		DnsService toService(String property) {
			String name = Checks.require(this.name != null, property + ".name", text(this.name), "a name");
			String host = Checks.require(this.host != null, property + ".host", text(this.host),
					"the name that DNS is asked for");
			boolean portFits = (this.records == DnsService.Records.SRV) ? this.port == null
					: this.port != null && this.port >= 1 && this.port <= 65535;
			Checks.require(portFits, property + ".port", text(this.port),
					(this.records == DnsService.Records.SRV) ? "none, since SRV records have their own" : "1 to 65535");
			try {
				return new DnsService(name, host, this.records, this.scheme, (this.port != null) ? this.port : 0);
			}
			catch (IllegalArgumentException ex) {
				throw new InvalidConfigurationPropertyValueException(property, host, String.valueOf(ex.getMessage()));
			}
		}

		private static String text(@Nullable Object value) {
			return (value != null) ? value.toString() : "";
		}

	}

}
