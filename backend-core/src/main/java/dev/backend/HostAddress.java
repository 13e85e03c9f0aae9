package dev.backend;

import java.net.IDN;

import dev.backend.logging.PlainText;
import io.netty.util.NetUtil;

/**
 * What the address of an instance may be: a host name or an IP address, and nothing that
 * would lead elsewhere when a URI or a socket address is made of it.
 * <p>
 * A name that ends in a number is none: resolvers take {@code 2130706433} and
 * {@code 0x7f.1} for IPv4 addresses.
 */
final class HostAddress {

	private static final int MAXIMUM_LENGTH = 253;

	private static final int MAXIMUM_LABEL = 63;

	/** How much of a refused address is shown. */
	private static final int SHOWN = 300;

	private HostAddress() {
	}

	/**
	 * Checks an address.
	 * @return the address as it is, but for the brackets that an IPv6 address may have
	 * @throws IllegalArgumentException if it is neither a host name nor an IP address
	 */
	static String check(String address) {
		if (address.indexOf(':') >= 0) {
			boolean bracketed = address.startsWith("[") && address.endsWith("]");
			String bare = bracketed ? address.substring(1, address.length() - 1) : address;
			if (isIpv6(bare)) {
				return bare;
			}
		}
		else if (NetUtil.isValidIpV4Address(address) || isHostName(address)) {
			return address;
		}
		throw new IllegalArgumentException(
				"address: '%s' (expected: a host name or an IP address)".formatted(PlainText.of(address, SHOWN)));
	}

	private static boolean isIpv6(String address) {
		int percent = address.indexOf('%');
		String number = (percent < 0) ? address : address.substring(0, percent);
		return !number.startsWith("[") && NetUtil.isValidIpV6Address(number)
				&& (percent < 0 || isZone(address, percent + 1));
	}

	/** As {@link java.net.URI} has it. */
	private static boolean isZone(String address, int start) {
		for (int i = start; i < address.length(); i++) {
			char c = address.charAt(i);
			if (!isAsciiLetter(c) && !isDigit(c) && c != '_' && c != '.') {
				return false;
			}
		}
		return start < address.length() && address.length() <= MAXIMUM_LENGTH;
	}

	private static boolean isHostName(String address) {
		String name = address.endsWith(".") ? address.substring(0, address.length() - 1) : address;
		if (name.length() > MAXIMUM_LENGTH) {
			return false;
		}
		for (int i = 0; i < name.length(); i++) {
			if (name.charAt(i) >= 0x80) {
				return isInternationalName(name);
			}
		}
		return isAsciiName(name);
	}

	private static boolean isInternationalName(String name) {
		try {
			return name.codePoints().allMatch(HostAddress::isInName) && isAsciiName(IDN.toASCII(name));
		}
		catch (IllegalArgumentException ex) {
			return false;
		}
	}

	/** Signs are refused before they turn into others: ／ is a slash to the IDN. */
	private static boolean isInName(int codePoint) {
		return switch (Character.getType(codePoint)) {
			case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK -> true;
			default -> Character.isLetterOrDigit(codePoint) || codePoint == '-' || codePoint == '_' || codePoint == '.';
		};
	}

	private static boolean isAsciiName(String name) {
		if (name.length() > MAXIMUM_LENGTH) {
			return false;
		}
		int start = 0;
		for (int i = 0; i <= name.length(); i++) {
			if (i == name.length() || name.charAt(i) == '.') {
				if (i == start || i - start > MAXIMUM_LABEL) {
					return false;
				}
				if (i == name.length()) {
					return !isNumber(name.substring(start));
				}
				start = i + 1;
			}
			else if (!isInAsciiLabel(name.charAt(i))) {
				return false;
			}
		}
		return false;
	}

	private static boolean isInAsciiLabel(char c) {
		return isAsciiLetter(c) || isDigit(c) || c == '-' || c == '_';
	}

	private static boolean isNumber(String label) {
		return label.chars().allMatch(HostAddress::isDigit) || label.matches("0[xX][0-9a-fA-F]*");
	}

	private static boolean isAsciiLetter(int c) {
		return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
	}

	private static boolean isDigit(int c) {
		return c >= '0' && c <= '9';
	}

}
