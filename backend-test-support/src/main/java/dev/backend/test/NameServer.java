package dev.backend.test;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

import org.jspecify.annotations.Nullable;

/**
 * A name server on a free port of the loopback interface, over UDP and TCP (RFC 1035),
 * that answers as a test says, also as no server should.
 */
public final class NameServer implements AutoCloseable {

	/** The codes of answers. */
	public static final int NO_ERROR = 0;

	/** The server could not find out. */
	public static final int SERVER_FAILURE = 2;

	/** There is no such name. */
	public static final int NO_NAME = 3;

	/** The type of IPv4 addresses. */
	public static final int A = 1;

	/** The type of aliases. */
	public static final int CNAME = 5;

	private static final int SOA = 6;

	/** The type of IPv6 addresses. */
	public static final int AAAA = 28;

	/** The type of hosts and ports of a service. */
	public static final int SRV = 33;

	private static final int HEADER = 12;

	private static final int LARGEST_DATAGRAM = 1232;

	private final DatagramSocket datagrams;

	private final ServerSocket connections;

	private final Map<String, Answer> answers = new ConcurrentHashMap<>();

	private final List<String> questions = new CopyOnWriteArrayList<>();

	private volatile boolean silent;

	public NameServer() {
		try {
			this.connections = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
			this.datagrams = new DatagramSocket(
					new InetSocketAddress(InetAddress.getLoopbackAddress(), this.connections.getLocalPort()));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		start(this::serveDatagrams);
		start(this::serveConnections);
	}

	private static void start(Runnable task) {
		Thread thread = new Thread(task, "name-server");
		thread.setDaemon(true);
		thread.start();
	}

	/** Where it is. */
	public InetSocketAddress address() {
		return new InetSocketAddress(InetAddress.getLoopbackAddress(), this.datagrams.getLocalPort());
	}

	/** What was asked, such as {@code game.example A UDP}. */
	public List<String> questions() {
		return List.copyOf(this.questions);
	}

	/** From now on says nothing, or speaks again. */
	public void silent(boolean silent) {
		this.silent = silent;
	}

	/** Says from now on that a name has these IPv4 addresses. */
	public void addresses(String name, int timeToLive, String... addresses) {
		answer(name, A, Answer
			.of(Arrays.stream(addresses).map((address) -> Entry.address(name, timeToLive, address)).toList()));
	}

	/** Gives this answer from now on to questions for a name and a type. */
	public void answer(String name, int type, Answer answer) {
		this.answers.put(key(name, type), answer);
	}

	private static String key(String name, int type) {
		return name.toLowerCase(Locale.ROOT) + " " + type;
	}

	private void serveDatagrams() {
		byte[] buffer = new byte[4096];
		while (!this.datagrams.isClosed()) {
			try {
				DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
				this.datagrams.receive(packet);
				byte[] reply = reply(Arrays.copyOf(buffer, packet.getLength()), false);
				if (reply != null) {
					this.datagrams.send(new DatagramPacket(reply, reply.length, packet.getSocketAddress()));
				}
			}
			catch (IOException ex) {
				// Closed.
			}
		}
	}

	private void serveConnections() {
		while (!this.connections.isClosed()) {
			try (Socket socket = this.connections.accept()) {
				DataInputStream in = new DataInputStream(socket.getInputStream());
				byte[] query = new byte[in.readUnsignedShort()];
				in.readFully(query);
				byte[] reply = reply(query, true);
				if (reply != null) {
					DataOutputStream out = new DataOutputStream(socket.getOutputStream());
					out.writeShort(reply.length);
					out.write(reply);
					out.flush();
					// Until the client has read it.
					socket.setSoTimeout(2000);
					in.read();
				}
			}
			catch (IOException ex) {
				// Closed.
			}
		}
	}

	private byte @Nullable [] reply(byte[] message, boolean connected) {
		ByteBuffer query = ByteBuffer.wrap(message);
		query.position(HEADER);
		StringBuilder name = new StringBuilder();
		for (int length = query.get(); length > 0; length = query.get()) {
			name.append((name.length() > 0) ? "." : "")
				.append(new String(message, query.position(), length, StandardCharsets.US_ASCII));
			query.position(query.position() + length);
		}
		int type = query.getShort();
		query.getShort();
		this.questions.add("%s %s %s".formatted(name, text(type), connected ? "TCP" : "UDP"));
		Answer answer = this.answers.getOrDefault(key(name.toString(), type), Answer.NONE);
		if (this.silent || answer.silent() || (connected && answer.cut() == Cut.ALWAYS_SILENT_OVER_TCP)) {
			return null;
		}
		boolean cut = answer.cut() != Cut.NEVER && !(connected && answer.cut() == Cut.DATAGRAM);
		List<Entry> entries = answer.entries();
		ByteBuffer reply = ByteBuffer.allocate(65_535);
		reply.putShort(query.getShort(0));
		reply.putShort((short) (0x8000 | (answer.resolved() ? 0x580 : 0x100) | (cut ? 0x200 : 0) | answer.code()));
		reply.putShort((short) 1).putShort((short) (entries.size() + answer.missing()));
		reply.putShort((short) (answer.negative() ? 1 : 0)).putShort((short) 0);
		reply.put(message, HEADER, query.position() - HEADER);
		int written = 0;
		for (Entry entry : entries) {
			if (cut && written++ == 1) {
				break;
			}
			entry.writeTo(reply);
		}
		if (answer.negative()) {
			new Entry(name.toString(), SOA, answer.negativeTimeToLive(), new byte[22]).writeTo(reply);
		}
		if (!connected && !cut && reply.position() > LARGEST_DATAGRAM) {
			reply.put(2, (byte) (reply.get(2) | 0x2)).putShort(6, (short) 0);
			reply.position(query.position());
		}
		return Arrays.copyOf(reply.array(), reply.position());
	}

	private static String text(int type) {
		return switch (type) {
			case A -> "A";
			case AAAA -> "AAAA";
			case SRV -> "SRV";
			default -> String.valueOf(type);
		};
	}

	@Override
	public void close() {
		for (Closeable closing : List.<Closeable>of(this.datagrams, this.connections)) {
			try {
				closing.close();
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}
	}

	/** When an answer has but its first record and says so. */
	public enum Cut {

		/** It is whole. */
		NEVER,

		/** Over UDP. */
		DATAGRAM,

		/** Also over TCP. */
		ALWAYS,

		/** Over UDP, and over TCP there is none. */
		ALWAYS_SILENT_OVER_TCP

	}

	/**
	 * An answer.
	 *
	 * @param code its code
	 * @param entries its records
	 * @param negative whether a record says how long it holds that there is none
	 * @param negativeTimeToLive how long, in seconds
	 * @param resolved whether the server knows or finds out, and does not refer to others
	 * @param silent whether there is no answer at all
	 * @param cut when it is cut
	 * @param missing how many more records it claims to have
	 */
	public record Answer(int code, List<Entry> entries, boolean negative, int negativeTimeToLive, boolean resolved,
			boolean silent, Cut cut, int missing) {

		/** No such name. */
		public static final Answer NONE = new Answer(NO_NAME, List.of(), true, 0, true, false, Cut.NEVER, 0);

		public static Answer of(List<Entry> entries) {
			return new Answer(NO_ERROR, entries, entries.isEmpty(), 0, true, false, Cut.NEVER, 0);
		}

		public static Answer of(Entry... entries) {
			return of(List.of(entries));
		}

		public static Answer code(int code) {
			return new Answer(code, List.of(), false, 0, true, false, Cut.NEVER, 0);
		}

		public Answer withNegative(boolean negative, int timeToLive) {
			return new Answer(this.code, this.entries, negative, timeToLive, this.resolved, this.silent, this.cut,
					this.missing);
		}

		public Answer referring() {
			return new Answer(this.code, this.entries, false, 0, false, this.silent, this.cut, this.missing);
		}

		public Answer silenced() {
			return new Answer(this.code, this.entries, this.negative, this.negativeTimeToLive, this.resolved, true,
					this.cut, this.missing);
		}

		public Answer cut(Cut cut) {
			return new Answer(this.code, this.entries, this.negative, this.negativeTimeToLive, this.resolved,
					this.silent, cut, this.missing);
		}

		public Answer missing(int missing) {
			return new Answer(this.code, this.entries, this.negative, this.negativeTimeToLive, this.resolved,
					this.silent, this.cut, missing);
		}

	}

	/**
	 * A record.
	 *
	 * @param name its name
	 * @param type its type
	 * @param timeToLive for how many seconds it holds
	 * @param data its content
	 */
	public record Entry(String name, int type, int timeToLive, byte[] data) {

		public static Entry address(String name, int timeToLive, String address) {
			try {
				byte[] bytes = InetAddress.getByName(address).getAddress();
				return new Entry(name, (bytes.length == 4) ? A : AAAA, timeToLive, bytes);
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

		public static Entry alias(String name, int timeToLive, String target) {
			return new Entry(name, CNAME, timeToLive, encoded(target));
		}

		public static Entry service(String name, int timeToLive, int priority, int weight, int port, String target) {
			byte[] host = encoded(target);
			ByteBuffer data = ByteBuffer.allocate(6 + host.length);
			data.putShort((short) priority).putShort((short) weight).putShort((short) port).put(host);
			return new Entry(name, SRV, timeToLive, data.array());
		}

		private void writeTo(ByteBuffer reply) {
			reply.put(encoded(this.name)).putShort((short) this.type).putShort((short) 1).putInt(this.timeToLive);
			reply.putShort((short) this.data.length).put(this.data);
		}

		private static byte[] encoded(String name) {
			ByteArrayOutputStream out = new ByteArrayOutputStream();
			for (String label : name.split("\\.")) {
				byte[] bytes = label.getBytes(StandardCharsets.UTF_8);
				if (bytes.length > 0) {
					out.write(bytes.length);
					out.writeBytes(bytes);
				}
			}
			out.write(0);
			return out.toByteArray();
		}

	}

}
