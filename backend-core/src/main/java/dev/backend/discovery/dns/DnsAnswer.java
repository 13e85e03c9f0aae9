package dev.backend.discovery.dns;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InstanceEntry;
import dev.backend.discovery.LeftOut;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRawRecord;
import io.netty.handler.codec.dns.DnsRecord;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.util.NetUtil;
import org.jspecify.annotations.Nullable;

/**
 * What DNS says of a service.
 *
 * @param entries its instances, in the order of their ids
 * @param timeToLive for how many seconds that holds
 */
record DnsAnswer(List<InstanceEntry> entries, long timeToLive) {

	static final DnsAnswer NONE = new DnsAnswer(List.of(), Long.MAX_VALUE);

	private static final int MAXIMUM_ALIASES = 8;

	/** Where a message says how many answers it has. */
	private static final int ANSWER_COUNT = 6;

	/**
	 * Returns both as one: what has no instances does not make the other live shorter.
	 */
	DnsAnswer plus(DnsAnswer other) {
		if (this.entries.isEmpty() != other.entries.isEmpty()) {
			return this.entries.isEmpty() ? other : this;
		}
		List<InstanceEntry> all = new ArrayList<>(this.entries);
		all.addAll(other.entries);
		return new DnsAnswer(all, Math.min(this.timeToLive, other.timeToLive));
	}

	/**
	 * Reads an answer.
	 * @throws IOException if it is not one, or not whole; says why
	 */
	static DnsAnswer of(DnsService service, DnsQuestion question, DnsResponse response) throws IOException {
		boolean exists = !response.code().equals(DnsResponseCode.NXDOMAIN);
		require(!exists || response.code().equals(DnsResponseCode.NOERROR), response.code().toString());
		require(!response.isTruncated(), "an answer that is cut, also over TCP");
		String name = question.name().toLowerCase(Locale.ROOT);
		long shortest = Long.MAX_VALUE;
		List<DnsRawRecord> aliases = find(response, DnsSection.ANSWER, DnsRecordType.CNAME, name);
		for (int i = 0; !aliases.isEmpty(); i++) {
			require(i < MAXIMUM_ALIASES, "more than %d aliases".formatted(MAXIMUM_ALIASES));
			shortest = Math.min(shortest, aliases.get(0).timeToLive());
			name = DefaultDnsRecordDecoder.decodeName(aliases.get(0).content().duplicate()).toLowerCase(Locale.ROOT);
			aliases = find(response, DnsSection.ANSWER, DnsRecordType.CNAME, name);
		}
		List<DnsRawRecord> records = find(response, DnsSection.ANSWER, question.type(), name);
		if (records.isEmpty()) {
			List<DnsRawRecord> authorities = find(response, DnsSection.AUTHORITY, DnsRecordType.SOA, null);
			boolean resolved = shortest == Long.MAX_VALUE
					&& (response.isAuthoritativeAnswer() || response.isRecursionAvailable());
			require(!exists || !authorities.isEmpty() || resolved, "an alias or a referral without what it leads to");
			return new DnsAnswer(List.of(), authorities.isEmpty() ? 0 : authorities.get(0).timeToLive());
		}
		// A message that ends too early is read as far as it goes.
		require(records.get(0).content().getUnsignedShort(ANSWER_COUNT) == response.count(DnsSection.ANSWER),
				"an answer that is not whole");
		for (DnsRawRecord found : records) {
			shortest = Math.min(shortest, found.timeToLive());
		}
		return new DnsAnswer(question.type().equals(DnsRecordType.SRV) ? targets(service, records)
				: addresses(service, question.type(), records), shortest);
	}

	private static void require(boolean condition, String failure) throws IOException {
		if (!condition) {
			throw new IOException(failure);
		}
	}

	private static List<DnsRawRecord> find(DnsResponse response, DnsSection section, DnsRecordType type,
			@Nullable String name) {
		List<DnsRawRecord> found = new ArrayList<>();
		for (int i = 0; i < response.count(section); i++) {
			DnsRecord candidate = response.recordAt(section, i);
			if (candidate.type().equals(type)
					&& (name == null || candidate.name().toLowerCase(Locale.ROOT).equals(name))) {
				found.add((DnsRawRecord) candidate);
			}
		}
		return found;
	}

	private static List<InstanceEntry> addresses(DnsService service, DnsRecordType type, List<DnsRawRecord> records)
			throws UnknownHostException {
		int length = type.equals(DnsRecordType.A) ? 4 : 16;
		Map<String, InstanceEntry> byId = new TreeMap<>();
		for (DnsRawRecord found : records) {
			byte[] bytes = ByteBufUtil.getBytes(found.content());
			if (bytes.length != length) {
				byId.put(found.type().name(), unreadable(service, found));
				continue;
			}
			InetAddress address = InetAddress.getByAddress(bytes);
			String id = service.name() + "-" + address.getHostAddress().replaceAll("[.:]", "-");
			byId.put(id,
					(address.isAnyLocalAddress() || address.isMulticastAddress())
							? InstanceEntry.leftOut(id, LeftOut.MALFORMED,
									"%s: address %s (expected: that of a host)".formatted(service.name(),
											address.getHostAddress()))
							: entry(service, id, NetUtil.toAddressString(address), service.port()));
		}
		return List.copyOf(byId.values());
	}

	private static List<InstanceEntry> targets(DnsService service, List<DnsRawRecord> records) {
		Map<String, InstanceEntry> byId = new TreeMap<>();
		Map<Integer, Map<String, InstanceEntry>> byPriority = new TreeMap<>();
		for (DnsRawRecord found : records) {
			try {
				ByteBuf content = found.content();
				int priority = content.readUnsignedShort();
				int port = content.skipBytes(Short.BYTES).readUnsignedShort();
				String target = DefaultDnsRecordDecoder.decodeName(content).toLowerCase(Locale.ROOT);
				String host = target.substring(0, target.length() - 1);
				String id = host + ":" + port;
				// A single dot says that there is no such service.
				byPriority.computeIfAbsent(priority, (key) -> new TreeMap<>())
					.put(id, host.isEmpty() ? InstanceEntry.leftOut(id, LeftOut.NOT_WANTED, "")
							: entry(service, id, host, port));
			}
			catch (IndexOutOfBoundsException | DecoderException ex) {
				byId.put(found.type().name(), unreadable(service, found));
			}
		}
		byPriority.values().forEach((targets) -> {
			boolean lowest = targets == byPriority.values().iterator().next();
			targets.forEach((id, target) -> byId.putIfAbsent(id,
					lowest ? target : InstanceEntry.leftOut(id, LeftOut.NOT_WANTED, "")));
		});
		return List.copyOf(byId.values());
	}

	private static InstanceEntry entry(DnsService service, String id, String address, int port) {
		return InstanceEntry.of(id,
				new DiscoveredInstance(service.name(), id, service.scheme(), address, port, List.of(), Map.of()));
	}

	private static InstanceEntry unreadable(DnsService service, DnsRawRecord found) {
		return InstanceEntry.leftOut(found.type().name(), LeftOut.UNREADABLE, "%s: %s record of %s that cannot be read"
			.formatted(service.name(), found.type().name(), service.host()));
	}

}
