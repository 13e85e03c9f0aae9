package dev.backend.discovery.guard;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.List;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InstanceRule;
import dev.backend.logging.PlainText;
import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;
import org.jspecify.annotations.Nullable;

/**
 * Which addresses and ports an instance may have. An empty list allows all. Immutable.
 */
public final class AllowList implements InstanceRule {

	private static final int LARGEST_PORT = 65535;

	private final List<IpSubnetFilterRule> networks;

	private final List<Ports> ports;

	private AllowList(List<IpSubnetFilterRule> networks, List<Ports> ports) {
		this.networks = List.copyOf(networks);
		this.ports = List.copyOf(ports);
	}

	/**
	 * Creates an allow-list.
	 * @param addresses networks in CIDR notation and single addresses, of IPv4 and IPv6,
	 * such as {@code 10.0.0.0/8}; empty if every address is allowed, else an instance
	 * with a host name is refused, since a name may resolve to anything
	 * @param ports ports and ranges of them, such as {@code 7000-7999}; empty if every
	 * port is allowed
	 * @return the allow-list
	 * @throws IllegalArgumentException if an entry is malformed; the message names it
	 */
	public static AllowList of(Collection<String> addresses, Collection<String> ports) {
		return new AllowList(addresses.stream().map(AllowList::network).toList(),
				ports.stream().map(Ports::parse).toList());
	}

	@Override
	public @Nullable String refusal(DiscoveredInstance instance) {
		if (!this.networks.isEmpty() && !allowed(instance.address())) {
			return "address '%s' (expected: one of the allowed networks)"
				.formatted(PlainText.of(instance.address(), 120));
		}
		if (!this.ports.isEmpty() && this.ports.stream().noneMatch((range) -> range.contains(instance.port()))) {
			return "port %d (expected: one of the allowed ports)".formatted(instance.port());
		}
		return null;
	}

	private boolean allowed(String address) {
		InetAddress parsed = NetUtil.createInetAddressFromIpAddressString(address);
		if (parsed == null) {
			return false;
		}
		InetSocketAddress socketAddress = new InetSocketAddress(parsed, 0);
		return this.networks.stream().anyMatch((network) -> network.matches(socketAddress));
	}

	private static IpSubnetFilterRule network(String text) {
		int slash = text.indexOf('/');
		InetAddress address = NetUtil
			.createInetAddressFromIpAddressString((slash < 0) ? text : text.substring(0, slash));
		try {
			if (address != null) {
				int bits = address.getAddress().length * 8;
				int prefix = (slash < 0) ? bits : Integer.parseInt(text.substring(slash + 1));
				return new IpSubnetFilterRule(address, prefix, IpFilterRuleType.ACCEPT);
			}
		}
		catch (IllegalArgumentException ex) {
			// The prefix is not a number, or not one of that family.
		}
		throw new IllegalArgumentException(
				"allowed address: '%s' (expected: an IP address or a network such as 10.0.0.0/8)".formatted(text));
	}

	private record Ports(int first, int last) {

		static Ports parse(String text) {
			String[] ends = text.split("-", -1);
			try {
				Ports ports = new Ports(Integer.parseInt(ends[0].strip()),
						Integer.parseInt(ends[ends.length - 1].strip()));
				if (ends.length <= 2 && ports.first >= 1 && ports.last <= LARGEST_PORT && ports.first <= ports.last) {
					return ports;
				}
			}
			catch (NumberFormatException ex) {
				// Refused below, like every other malformed text.
			}
			throw new IllegalArgumentException(
					"allowed port: '%s' (expected: a port or a range such as 7000-7999, within 1 to %d)".formatted(text,
							LARGEST_PORT));
		}

		boolean contains(int port) {
			return this.first <= port && port <= this.last;
		}

	}

}
