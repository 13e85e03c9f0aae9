package dev.backend.faults;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A server of {@link Note}s on a free loopback port that answers each request with its
 * text and its checksum, which it does not look at, unless the text is {@link #QUIET}.
 */
final class NotePeer implements AutoCloseable {

	/** Answered by a message that is no reply. */
	static final String PING = "ping";

	/** Not answered. */
	static final String QUIET = "quiet";

	private static final int MAX_FRAME = 1 << 20;

	/** The id and the checksum. */
	private static final int HEADER_BYTES = Long.BYTES + Integer.BYTES;

	private final ServerSocket listener;

	private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

	NotePeer() {
		try {
			this.listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		run(this::accept);
	}

	int port() {
		return this.listener.getLocalPort();
	}

	private void accept() throws IOException {
		while (true) {
			Socket socket = this.listener.accept();
			socket.setTcpNoDelay(true);
			this.sockets.add(socket);
			run(() -> serve(socket));
		}
	}

	private void serve(Socket socket) throws IOException {
		try (socket) {
			DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
			DataOutputStream out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
			while (true) {
				int length = in.readInt();
				if (length > MAX_FRAME) {
					return;
				}
				byte[] text = new byte[length - HEADER_BYTES];
				long id = in.readLong();
				int checksum = in.readInt();
				in.readFully(text);
				answer(id, checksum, text, out);
				if (in.available() == 0) {
					out.flush();
				}
			}
		}
		finally {
			this.sockets.remove(socket);
		}
	}

	private static void answer(long id, int checksum, byte[] bytes, DataOutputStream out) throws IOException {
		String text = new String(bytes, StandardCharsets.UTF_8);
		boolean ping = text.equals(PING);
		if (ping || (id != 0 && !text.equals(QUIET))) {
			out.writeInt(HEADER_BYTES + bytes.length);
			out.writeLong(id);
			out.writeInt(checksum);
			out.write(bytes);
		}
	}

	@Override
	public void close() {
		try {
			this.listener.close();
			for (Socket socket : this.sockets) {
				socket.close();
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static void run(Task task) {
		Thread thread = new Thread(() -> {
			try {
				task.run();
			}
			catch (IOException | RuntimeException ex) {
				// The connection or the listener is closed, or what came is no note.
			}
		}, "note-peer");
		thread.setDaemon(true);
		thread.start();
	}

	/** What may end with its socket. */
	private interface Task {

		void run() throws IOException;

	}

}
