package dev.backend.discovery.dns;

import java.util.List;
import java.util.Map;
import java.util.Set;

import dev.backend.ServiceConfig;
import dev.backend.settings.SettingChecks;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.util.NetUtil;

/**
 * A service whose instances are what DNS has under one name. Immutable.
 *
 * @param name the name of the service
 * @param host the name that DNS is asked for; complete, since no search domain is added
 * @param records which of its records are instances
 * @param scheme the protocol of the instances, such as {@code tcp}
 * @param port the port of the instances; zero with SRV, records of which have their own
 */
public record DnsService(String name, String host, Records records, String scheme, int port) {

	/**
	 * Checks the parts.
	 * @throws IllegalArgumentException if one cannot be that of an instance; the message
	 * names it
	 */
	public DnsService {
		SettingChecks.require(!NetUtil.isValidIpV4Address(host) && !NetUtil.isValidIpV6Address(host), "host", host,
				"a name that DNS knows");
		SettingChecks.require(records != Records.SRV || port == 0, "port", port, "0 with SRV");
		new ServiceConfig(name, name, scheme, host, (records == Records.SRV) ? 1 : port, Set.of(), Map.of());
	}

	/**
	 * Returns a TCP service with an instance at each IPv4 address of a name.
	 * @param name the name of the service
	 * @param host the name that DNS is asked for
	 * @param port the port of all instances
	 * @return the service
	 */
	public static DnsService of(String name, String host, int port) {
		return new DnsService(name, host, Records.A, ServiceConfig.SCHEME_TCP, port);
	}

	/**
	 * Returns a TCP service with an instance for each SRV record of a name.
	 * @param name the name of the service
	 * @param host the name that DNS is asked for, such as {@code _game._tcp.example.org}
	 * @return the service
	 */
	public static DnsService srv(String name, String host) {
		return new DnsService(name, host, Records.SRV, ServiceConfig.SCHEME_TCP, 0);
	}

	/** Which records are instances. */
	public enum Records {

		/** The IPv4 addresses. */
		A(DnsRecordType.A),

		/** The IPv6 addresses. */
		AAAA(DnsRecordType.AAAA),

		/** The addresses of both kinds, each an instance. */
		A_AND_AAAA(DnsRecordType.A, DnsRecordType.AAAA),

		/** The targets and ports of SRV records of the lowest priority. */
		SRV(DnsRecordType.SRV);

		private final List<DnsRecordType> types;

		Records(DnsRecordType... types) {
			this.types = List.of(types);
		}

		List<DnsRecordType> types() {
			return this.types;
		}

	}

}
