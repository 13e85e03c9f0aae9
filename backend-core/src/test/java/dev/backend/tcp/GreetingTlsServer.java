package dev.backend.tcp;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

/**
 * A server that speaks TLS 1.2 and sends a {@link Frame} as soon as the handshake is
 * done. Before it stands a relay that holds back the end of the handshake until it has
 * the frame, too, and passes both on in one piece.
 */
final class GreetingTlsServer implements AutoCloseable {

	private static final int CHANGE_CIPHER_SPEC = 20;

	private static final int APPLICATION_DATA = 23;

	private final List<Closeable> sockets = new CopyOnWriteArrayList<>();

	private final SSLServerSocket server;

	private final ServerSocket relay;

	GreetingTlsServer(Path directory, Frame greeting) throws Exception {
		this.server = (SSLServerSocket) context(directory).getServerSocketFactory()
			.createServerSocket(0, 1, InetAddress.getLoopbackAddress());
		this.server.setEnabledProtocols(new String[] { "TLSv1.2" });
		this.relay = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
		this.sockets.add(this.server);
		this.sockets.add(this.relay);
		start(() -> greet(greeting));
		start(this::relay);
	}

	private static SSLContext context(Path directory) throws Exception {
		Path file = directory.resolve("server.p12");
		char[] password = "changeit".toCharArray();
		Process keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
				"-genkeypair", "-alias", "server", "-keyalg", "EC", "-dname", "CN=localhost", "-storetype", "PKCS12",
				"-storepass", new String(password), "-keystore", file.toString())
			.redirectErrorStream(true)
			.redirectOutput(ProcessBuilder.Redirect.DISCARD)
			.start();
		if (!keytool.waitFor(30, TimeUnit.SECONDS)) {
			throw new IllegalStateException("keytool hangs");
		}
		KeyStore store = KeyStore.getInstance("PKCS12");
		try (var in = Files.newInputStream(file)) {
			store.load(in, password);
		}
		KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
		keys.init(store, password);
		SSLContext context = SSLContext.getInstance("TLS");
		context.init(keys.getKeyManagers(), null, null);
		return context;
	}

	int port() {
		return this.relay.getLocalPort();
	}

	private void greet(Frame greeting) throws IOException {
		SSLSocket socket = (SSLSocket) this.server.accept();
		this.sockets.add(socket);
		ByteBuf out = Unpooled.buffer();
		Frame.write(greeting, out);
		socket.startHandshake();
		socket.getOutputStream().write(ByteBufUtil.getBytes(out));
	}

	private void relay() throws IOException {
		Socket client = this.relay.accept();
		Socket server = new Socket(this.server.getInetAddress(), this.server.getLocalPort());
		this.sockets.add(client);
		this.sockets.add(server);
		client.setTcpNoDelay(true);
		start(() -> client.getInputStream().transferTo(server.getOutputStream()));
		DataInputStream in = new DataInputStream(server.getInputStream());
		OutputStream out = client.getOutputStream();
		ByteArrayOutputStream held = new ByteArrayOutputStream();
		boolean holding = false;
		while (true) {
			byte[] header = in.readNBytes(5);
			holding = (holding || header[0] == CHANGE_CIPHER_SPEC) && header[0] != APPLICATION_DATA;
			held.write(header);
			held.write(in.readNBytes(((header[3] & 0xff) << 8) | (header[4] & 0xff)));
			if (!holding) {
				out.write(held.toByteArray());
				held.reset();
			}
		}
	}

	private static void start(Task task) {
		Thread thread = new Thread(() -> {
			try {
				task.run();
			}
			catch (IOException | IndexOutOfBoundsException ex) {
				// A socket was closed.
			}
		}, "greeting-tls-server");
		thread.setDaemon(true);
		thread.start();
	}

	@Override
	public void close() throws IOException {
		for (Closeable socket : this.sockets) {
			socket.close();
		}
	}

	@FunctionalInterface
	private interface Task {

		void run() throws IOException;

	}

}
