package dev.backend.benchmarks.rpc.server;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/**
 * The body of every server's {@code main}: answers how many one-way messages have
 * arrived, tells the parent process the ports, and ends the process with the parent.
 */
public final class ContenderServer {

	private ContenderServer() {
	}

	/**
	 * Announces a started server and waits for the end of the parent process, which the
	 * end of the standard input shows. Does not return.
	 * @param port where the server listens, on the loopback address
	 * @param counter the count of one-way messages
	 * @throws IOException if the count cannot be offered
	 */
	public static void run(int port, ReceivedCounter counter) throws IOException {
		try (ServerSocket control = new ServerSocket(0, 16, InetAddress.getLoopbackAddress())) {
			daemon("control", () -> accept(control, counter));
			System.out.println("READY " + port + " " + control.getLocalPort());
			System.out.flush();
			InputStream parent = System.in;
			while (parent.read() >= 0) {
				// Nothing is sent; the end is awaited.
			}
		}
		System.exit(0);
	}

	private static void accept(ServerSocket control, ReceivedCounter counter) {
		try {
			while (true) {
				Socket socket = control.accept();
				daemon("receipts", () -> answer(socket, counter));
			}
		}
		catch (IOException ex) {
			// Closed: the process ends.
		}
	}

	private static void answer(Socket socket, ReceivedCounter counter) {
		try (socket) {
			socket.setTcpNoDelay(true);
			DataInputStream in = new DataInputStream(socket.getInputStream());
			DataOutputStream out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
			while (true) {
				out.writeLong(counter.await(in.readLong()));
				out.flush();
			}
		}
		catch (EOFException ex) {
			// The client has what it wanted.
		}
		catch (IOException | InterruptedException ex) {
			ex.printStackTrace();
		}
	}

	private static void daemon(String name, Runnable task) {
		Thread thread = new Thread(task, name);
		thread.setDaemon(true);
		thread.start();
	}

}
