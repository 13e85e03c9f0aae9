package dev.backend.tcp;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.function.Supplier;

import dev.backend.ServiceConfig;
import io.netty.util.NetUtil;
import reactor.netty.transport.AddressUtils;

/**
 * Where one {@link Dial} goes. The first address is given as the name of the host, for
 * which the client looks up the addresses; it is given back only the first of them. Each
 * later one is given as itself, with the name, which TLS verifies. For an IP address
 * there is no look-up and no later one.
 *
 * <p>
 * Used on the event loop of the dial, but for {@link #select}, which runs where the
 * resolver of the client notifies.
 */
final class DialAddresses implements Supplier<SocketAddress> {

	private final ServiceConfig config;

	private final Runnable found;

	private volatile List<SocketAddress> addresses = List.of();

	private int current;

	/**
	 * Creates the addresses of a dial.
	 * @param config the peer
	 * @param found run when the addresses are known
	 */
	DialAddresses(ServiceConfig config, Runnable found) {
		this.config = config;
		this.found = found;
	}

	/** What the client is to connect to now. */
	@Override
	public SocketAddress get() {
		return (this.current == 0) ? AddressUtils.createUnresolved(this.config.address(), this.config.port())
				: named(this.addresses.get(this.current));
	}

	/**
	 * Takes what the client found.
	 * @param resolved all addresses
	 * @return the one to connect to, or none if there is none
	 */
	List<? extends SocketAddress> select(List<? extends SocketAddress> resolved) {
		if (resolved.isEmpty() || !this.addresses.isEmpty()) {
			return resolved;
		}
		this.addresses = List.copyOf(resolved);
		this.found.run();
		return this.addresses.subList(0, 1);
	}

	/** How many are left, the present one included. */
	int left() {
		return Math.max(1, this.addresses.size() - this.current);
	}

	/** Goes on to the next address, which must be there. */
	void advance() {
		this.current++;
	}

	/** The present address for people. */
	String label() {
		SocketAddress address = (this.current < this.addresses.size()) ? this.addresses.get(this.current) : get();
		return (address instanceof InetSocketAddress inet) ? NetUtil.toSocketAddressString(inet) : address.toString();
	}

	private SocketAddress named(SocketAddress address) {
		if (!(address instanceof InetSocketAddress inet) || inet.isUnresolved()) {
			return address;
		}
		try {
			return new InetSocketAddress(named(inet.getAddress()), inet.getPort());
		}
		catch (UnknownHostException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private InetAddress named(InetAddress address) throws UnknownHostException {
		String name = this.config.address();
		if (address instanceof Inet6Address scoped && scoped.getScopeId() != 0) {
			return Inet6Address.getByAddress(name, address.getAddress(), scoped.getScopeId());
		}
		return InetAddress.getByAddress(name, address.getAddress());
	}

}
