package dev.backend.discovery.consul;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import org.jspecify.annotations.Nullable;

/**
 * Stands between a client and an agent, and does to the answers what a test wants. Takes
 * GET requests only; a thread per connection.
 */
public final class HttpFaultProxy implements AutoCloseable {

	private static final int LF = '\n';

	private final ServerSocket listener;

	private final int agentPort;

	private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

	private final List<String> requests = new CopyOnWriteArrayList<>();

	private final AtomicInteger mostConnections = new AtomicInteger();

	private final Set<Socket> clients = ConcurrentHashMap.newKeySet();

	private final Set<Socket> silenced = ConcurrentHashMap.newKeySet();

	private volatile Fault fault = (path, answer) -> answer;

	public HttpFaultProxy(int agentPort) throws IOException {
		this.agentPort = agentPort;
		this.listener = new ServerSocket(0, 500, InetAddress.getLoopbackAddress());
		daemon(this::accept);
	}

	public int port() {
		return this.listener.getLocalPort();
	}

	URI address() {
		return URI.create("http://127.0.0.1:" + this.listener.getLocalPort());
	}

	ConsulDiscoverySettings settings() {
		return ConsulDiscoverySettings.defaults(address());
	}

	/** From now on answers go through this; queries that wait are cut off. */
	public void inject(Fault fault) {
		this.fault = fault;
		this.sockets.forEach(HttpFaultProxy::close);
	}

	/** From now on answers go through this; queries that wait go on to wait. */
	void change(Fault fault) {
		this.fault = fault;
	}

	/** No answer comes over the connections that there are now; new ones are fine. */
	void silence() {
		this.silenced.addAll(this.clients);
	}

	public void heal() {
		inject((path, answer) -> answer);
	}

	/** The paths that were asked, with their queries, in order. */
	List<String> requests() {
		return this.requests;
	}

	/** How often a path was asked. */
	long count(String path) {
		return this.requests.stream().filter((request) -> request.startsWith(path)).count();
	}

	/** The most connections that there were at once. */
	int mostConnections() {
		return this.mostConnections.get();
	}

	@Override
	public void close() throws IOException {
		this.listener.close();
		this.sockets.forEach(HttpFaultProxy::close);
	}

	private void accept() {
		while (!this.listener.isClosed()) {
			try {
				Socket client = this.listener.accept();
				this.sockets.add(client);
				this.clients.add(client);
				this.mostConnections.accumulateAndGet(this.clients.size(), Math::max);
				daemon(() -> serve(client));
			}
			catch (IOException ex) {
				return;
			}
		}
	}

	private void serve(Socket client) {
		try (client) {
			String head = readHead(client.getInputStream());
			while (head != null) {
				String path = head.split(" ", 3)[1];
				this.requests.add(path);
				byte[] answer = this.fault.apply(path, ask(head));
				if (this.silenced.contains(client)) {
					head = readHead(client.getInputStream());
					continue;
				}
				if (answer == null) {
					return;
				}
				client.getOutputStream().write(answer);
				if (!isComplete(answer)) {
					return;
				}
				head = readHead(client.getInputStream());
			}
		}
		catch (IOException ex) {
			// The connection is gone, which is what the test wants, or its end.
		}
		finally {
			this.sockets.remove(client);
			this.clients.remove(client);
			this.silenced.remove(client);
		}
	}

	/** Version 1.0 makes the agent close the connection at the end of its answer. */
	private byte[] ask(String head) throws IOException {
		try (Socket agent = new Socket(InetAddress.getLoopbackAddress(), this.agentPort)) {
			this.sockets.add(agent);
			try {
				String request = head.replaceFirst("HTTP/1\\.1", "HTTP/1.0")
					.replaceAll("(?i)\r\n(connection|upgrade|http2-settings): [^\r]*", "");
				agent.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
				return withLength(agent.getInputStream().readAllBytes());
			}
			finally {
				this.sockets.remove(agent);
			}
		}
	}

	private static byte[] withLength(byte[] answer) throws IOException {
		String text = new String(answer, StandardCharsets.ISO_8859_1);
		int end = text.indexOf("\r\n\r\n");
		if (end < 0) {
			throw new IOException("the agent closed the connection");
		}
		return answer(text.substring(0, end), text.substring(end + 4));
	}

	/** An answer of this head and body. */
	public static byte[] answer(String head, String body) {
		String kept = head.replaceFirst("HTTP/1\\.0", "HTTP/1.1")
			.replaceAll("(?i)\r\n(content-length|connection|transfer-encoding): [^\r]*", "");
		return "%s\r\nContent-Length: %d\r\n\r\n%s".formatted(kept, body.length(), body)
			.getBytes(StandardCharsets.ISO_8859_1);
	}

	private static boolean isComplete(byte[] answer) {
		String text = new String(answer, StandardCharsets.ISO_8859_1);
		int end = text.indexOf("\r\n\r\n");
		return end > 0 && text.contains("Content-Length: " + (text.length() - end - 4) + "\r\n");
	}

	private static @Nullable String readHead(InputStream in) throws IOException {
		ByteArrayOutputStream head = new ByteArrayOutputStream();
		for (int read = in.read(); read >= 0; read = in.read()) {
			head.write(read);
			if (read == LF && head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
				return head.toString(StandardCharsets.ISO_8859_1);
			}
		}
		return null;
	}

	private static void daemon(Runnable task) {
		Thread thread = new Thread(task, "fault-proxy");
		thread.setDaemon(true);
		thread.start();
	}

	private static void close(Socket socket) {
		try {
			socket.close();
		}
		catch (IOException ex) {
			// It is closed.
		}
	}

	/**
	 * What happens to an answer.
	 */
	@FunctionalInterface
	public interface Fault {

		/**
		 * Changes an answer.
		 * @param path what was asked
		 * @param answer the agent's answer, with its head
		 * @return what the client gets; a part of it to break it off; {@code null} for
		 * nothing at all
		 */
		byte @Nullable [] apply(String path, byte[] answer);

		/** Only what is asked of paths that begin so. */
		static Fault on(String path, Fault fault) {
			return (asked, answer) -> asked.startsWith(path) ? fault.apply(asked, answer) : answer;
		}

		/** An answer of the status 500. */
		static Fault status500(String body) {
			return (path, answer) -> answer("HTTP/1.1 500 Internal Server Error", body);
		}

		/** A body of which the last part is missing, and the end of the connection. */
		static Fault half() {
			return (path, answer) -> {
				int end = new String(answer, StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n") + 4;
				return Arrays.copyOf(answer, end + (answer.length - end) / 2);
			};
		}

		/** Half of the body as if it were all. */
		static Fault halfAsWhole() {
			return (path, answer) -> {
				String text = new String(answer, StandardCharsets.ISO_8859_1);
				int end = text.indexOf("\r\n\r\n");
				String body = text.substring(end + 4);
				return answer(text.substring(0, end), body.substring(0, body.length() / 2));
			};
		}

		/** Another value of a header. */
		static Fault header(String name, String value) {
			return (path, answer) -> new String(answer, StandardCharsets.ISO_8859_1)
				.replaceAll("(?i)\r\n" + name + ": [^\r]*", "\r\n" + name + ": " + value)
				.getBytes(StandardCharsets.ISO_8859_1);
		}

	}

}
