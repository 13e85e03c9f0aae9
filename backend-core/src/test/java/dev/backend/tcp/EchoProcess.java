package dev.backend.tcp;

import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A process of its own that sends every {@link Frame} back, and that the system can stop
 * in the middle of everything.
 */
final class EchoProcess implements AutoCloseable {

	private final Process process;

	private final int port;

	EchoProcess() throws Exception {
		Path classes = Path.of(EchoProcess.class.getProtectionDomain().getCodeSource().getLocation().toURI());
		this.process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx64m",
				"-XX:TieredStopAtLevel=1", "-cp", classes.toString(), EchoProcess.class.getName())
			.redirectError(ProcessBuilder.Redirect.INHERIT)
			.start();
		BufferedReader out = new BufferedReader(
				new InputStreamReader(this.process.getInputStream(), StandardCharsets.UTF_8));
		this.port = Integer.parseInt(out.readLine());
	}

	/** What the process runs; it ends when its parent does. */
	public static void main(String[] arguments) throws IOException {
		try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
			System.out.println(listener.getLocalPort());
			Thread watch = new Thread(EchoProcess::exitWithParent);
			watch.setDaemon(true);
			watch.start();
			while (true) {
				Socket socket = listener.accept();
				Thread thread = new Thread(() -> echo(socket));
				thread.setDaemon(true);
				thread.start();
			}
		}
	}

	private static void exitWithParent() {
		try {
			System.in.read();
		}
		catch (IOException ex) {
			// The same.
		}
		System.exit(0);
	}

	private static void echo(Socket socket) {
		try (socket) {
			DataInputStream in = new DataInputStream(socket.getInputStream());
			DataOutputStream out = new DataOutputStream(socket.getOutputStream());
			while (true) {
				byte[] frame = new byte[in.readInt()];
				in.readFully(frame);
				out.writeInt(frame.length);
				out.write(frame);
			}
		}
		catch (IOException ex) {
			// The peer has gone.
		}
	}

	int port() {
		return this.port;
	}

	/** Stops the process where it is; its sockets stay open. */
	void pause() throws Exception {
		signal("STOP");
	}

	void resume() throws Exception {
		signal("CONT");
	}

	private void signal(String signal) throws Exception {
		Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(this.process.pid())).inheritIO().start();
		if (!kill.waitFor(10, TimeUnit.SECONDS) || kill.exitValue() != 0) {
			throw new IllegalStateException("kill -" + signal + " failed");
		}
	}

	@Override
	public void close() throws IOException {
		this.process.destroyForcibly();
		this.process.getInputStream().close();
	}

}
