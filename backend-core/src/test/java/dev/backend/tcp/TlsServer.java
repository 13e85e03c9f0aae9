package dev.backend.tcp;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.pkitesting.X509Bundle;
import org.jspecify.annotations.Nullable;

/**
 * A server on a free port of this machine that answers requests over TLS, and knows
 * whether it was sent anything after the handshake.
 */
final class TlsServer implements AutoCloseable {

	private final ServerSocket listener;

	private final String protocol;

	private final List<Socket> sockets = new CopyOnWriteArrayList<>();

	private final List<Exception> failures = new CopyOnWriteArrayList<>();

	private final List<String> requestedNames = new CopyOnWriteArrayList<>();

	private final AtomicInteger accepted = new AtomicInteger();

	private final AtomicLong applicationBytes = new AtomicLong();

	private volatile X509Bundle certificate;

	private volatile @Nullable X509Bundle clientAuthority;

	private volatile @Nullable Frame greeting;

	TlsServer(X509Bundle certificate) throws IOException {
		this(certificate, "TLSv1.3");
	}

	TlsServer(X509Bundle certificate, String protocol) throws IOException {
		this(certificate, protocol, InetAddress.getLoopbackAddress(), 0);
	}

	TlsServer(X509Bundle certificate, String protocol, InetAddress address, int port) throws IOException {
		this.certificate = certificate;
		this.protocol = protocol;
		this.listener = new ServerSocket(port, 50, address);
		startThread(this::accept);
	}

	/** Wants a certificate of the client from now on. */
	TlsServer requireClientsOf(X509Bundle clientAuthority) {
		this.clientAuthority = clientAuthority;
		return this;
	}

	/** Sends a message right behind the handshake from now on. */
	TlsServer greet(Frame greeting) {
		this.greeting = greeting;
		return this;
	}

	/** Shows another certificate from the next connection on. */
	void use(X509Bundle certificate) {
		this.certificate = certificate;
	}

	private void accept() throws IOException {
		while (!this.listener.isClosed()) {
			Socket socket = this.listener.accept();
			this.accepted.incrementAndGet();
			startThread(() -> serve(socket));
		}
	}

	private void serve(Socket plain) throws IOException {
		try (SSLSocket socket = secure(plain)) {
			this.sockets.add(socket);
			socket.startHandshake();
			((ExtendedSSLSession) socket.getSession()).getRequestedServerNames()
				.stream()
				.map(SNIServerName::getEncoded)
				.forEach((name) -> this.requestedNames.add(new String(name, StandardCharsets.US_ASCII)));
			Frame greeting = this.greeting;
			if (greeting != null) {
				write(socket, greeting);
			}
			answer(socket);
		}
		catch (Exception ex) {
			this.failures.add(ex);
		}
	}

	private SSLSocket secure(Socket plain) throws Exception {
		SSLContext context = SSLContext.getInstance("TLS");
		X509Bundle authority = this.clientAuthority;
		context.init(this.certificate.toKeyManagerFactory().getKeyManagers(),
				(authority != null) ? new TrustManager[] { authority.toTrustManager() } : null, null);
		SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(plain, null, plain.getPort(), true);
		socket.setUseClientMode(false);
		socket.setEnabledProtocols(new String[] { this.protocol });
		socket.setNeedClientAuth(authority != null);
		return socket;
	}

	private void answer(SSLSocket socket) throws IOException {
		DataInputStream in = new DataInputStream(socket.getInputStream());
		while (true) {
			int first = in.read();
			if (first < 0) {
				return;
			}
			this.applicationBytes.incrementAndGet();
			byte[] length = { (byte) first, in.readByte(), in.readByte(), in.readByte() };
			byte[] text = new byte[Unpooled.wrappedBuffer(length).readInt() - 9];
			char kind = (char) in.readByte();
			long id = in.readLong();
			in.readFully(text);
			if (kind == Frame.REQUEST) {
				write(socket, new Frame(Frame.REPLY, id, new String(text, StandardCharsets.UTF_8)));
			}
		}
	}

	private static void write(Socket socket, Frame frame) throws IOException {
		ByteBuf out = Unpooled.buffer();
		Frame.write(frame, out);
		socket.getOutputStream().write(ByteBufUtil.getBytes(out));
	}

	int port() {
		return this.listener.getLocalPort();
	}

	/** The connections that were accepted, whatever became of them. */
	int accepted() {
		return this.accepted.get();
	}

	/** Frames of which at least one byte was received. */
	long applicationBytes() {
		return this.applicationBytes.get();
	}

	List<Exception> failures() {
		return this.failures;
	}

	List<String> requestedNames() {
		return this.requestedNames;
	}

	void dropConnections() throws IOException {
		for (Socket socket : this.sockets) {
			socket.close();
		}
	}

	@Override
	public void close() throws IOException {
		this.listener.close();
		dropConnections();
	}

	private static void startThread(Task task) {
		Thread thread = new Thread(() -> {
			try {
				task.run();
			}
			catch (IOException | UncheckedIOException ex) {
				// The connection or the listener was closed.
			}
		}, "tls-server");
		thread.setDaemon(true);
		thread.start();
	}

	@FunctionalInterface
	private interface Task {

		void run() throws IOException;

	}

}
