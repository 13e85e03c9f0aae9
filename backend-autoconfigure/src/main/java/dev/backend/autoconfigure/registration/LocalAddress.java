package dev.backend.autoconfigure.registration;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The address under which other machines most likely reach this one.
 */
final class LocalAddress {

	private LocalAddress() {
	}

	/**
	 * Looks at the network interfaces that are up, in the order of their index: the
	 * physical ones usually come before those of containers and tunnels.
	 * @return the address, or {@code null} if there is none but loopback
	 */
	static @Nullable String detect() {
		try {
			List<InetAddress> addresses = new ArrayList<>();
			for (NetworkInterface network : Collections.list(NetworkInterface.getNetworkInterfaces())
				.stream()
				.sorted(Comparator.comparingInt(NetworkInterface::getIndex))
				.toList()) {
				if (network.isUp()) {
					addresses.addAll(Collections.list(network.getInetAddresses()));
				}
			}
			return choose(addresses);
		}
		catch (SocketException ex) {
			return null;
		}
	}

	/** The first IPv4 address, else the first IPv6 address, that others may route to. */
	static @Nullable String choose(List<InetAddress> addresses) {
		return addresses.stream()
			.filter((address) -> !address.isLoopbackAddress() && !address.isLinkLocalAddress()
					&& !address.isMulticastAddress() && !address.isAnyLocalAddress())
			.min(Comparator.comparingInt((address) -> (address instanceof Inet4Address) ? 0 : 1))
			.map(LocalAddress::text)
			.orElse(null);
	}

	private static String text(InetAddress address) {
		String text = address.getHostAddress();
		int scope = text.indexOf('%');
		return (scope >= 0) ? text.substring(0, scope) : text;
	}

}
