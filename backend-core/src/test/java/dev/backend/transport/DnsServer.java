package dev.backend.transport;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import io.netty.resolver.dns.DnsServerAddressStreamProvider;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;

/**
 * A name server on a free port of the loopback interface that has one answer to all
 * questions for IPv4 addresses (RFC 1035, section 4).
 */
public final class DnsServer implements AutoCloseable {

	private static final int HEADER = 12;

	private static final int NAME_ERROR = 3;

	private final DatagramSocket socket;

	private final List<String> questions = new CopyOnWriteArrayList<>();

	private volatile List<String> addresses = List.of();

	private volatile boolean silent;

	public DnsServer() throws IOException {
		this.socket = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
		Thread thread = new Thread(this::serve, "dns-server");
		thread.setDaemon(true);
		thread.start();
	}

	/** Answers with these addresses, good for an hour; with none: no such name. */
	public void answer(String... addresses) {
		this.addresses = List.of(addresses);
		this.silent = false;
	}

	public void beSilent() {
		this.silent = true;
	}

	/** The names that were asked for. */
	public List<String> questions() {
		return this.questions;
	}

	public DnsServerAddressStreamProvider provider() {
		return new SingletonDnsServerAddressStreamProvider(
				new InetSocketAddress(InetAddress.getLoopbackAddress(), this.socket.getLocalPort()));
	}

	private void serve() {
		byte[] buffer = new byte[512];
		while (!this.socket.isClosed()) {
			try {
				DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
				this.socket.receive(packet);
				byte[] reply = reply(ByteBuffer.wrap(buffer, 0, packet.getLength()).slice());
				if (!this.silent) {
					this.socket.send(new DatagramPacket(reply, reply.length, packet.getSocketAddress()));
				}
			}
			catch (IOException ex) {
				// Closed.
			}
		}
	}

	private byte[] reply(ByteBuffer query) throws IOException {
		StringBuilder name = new StringBuilder();
		query.position(HEADER);
		for (int length = query.get(); length > 0; length = query.get()) {
			for (int i = 0; i < length; i++) {
				name.append((char) query.get());
			}
			name.append('.');
		}
		boolean version4 = query.getShort() == 1;
		query.getShort();
		int questionEnd = query.position();
		if (version4) {
			this.questions.add(name.substring(0, name.length() - 1));
		}
		List<String> addresses = version4 ? this.addresses : List.of();
		ByteBuffer reply = ByteBuffer.allocate(512);
		reply.putShort(query.getShort(0));
		reply.putShort((short) (0x8580 | (this.addresses.isEmpty() ? NAME_ERROR : 0)));
		reply.putShort((short) 1).putShort((short) addresses.size()).putShort((short) 0).putShort((short) 0);
		reply.put(query.array(), HEADER, questionEnd - HEADER);
		for (String address : addresses) {
			reply.putShort((short) 0xc00c).putShort((short) 1).putShort((short) 1).putInt(3600).putShort((short) 4);
			reply.put(InetAddress.getByName(address).getAddress());
		}
		byte[] bytes = new byte[reply.position()];
		reply.flip().get(bytes);
		return bytes;
	}

	@Override
	public void close() {
		this.socket.close();
	}

}
