package dev.backend.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;

/**
 * Ports for servers that must be told theirs, and come back on the same one. They are
 * none of those that the system gives to outgoing connections (32,768 and above on
 * Linux), of which one might take it before the server has started, or while it is down.
 * For the same reason each process has a range of its own, by a lock on a file, and each
 * port is handed out long after it was the last time. Until then it is reserved: a socket
 * is bound to it that does not listen, so that connections are refused, and that lets a
 * server listen beside it. A listener that is opened to see whether a port is free, and
 * closed again, would not do: the process that another thread starts at that moment
 * inherits it, and so has the port when the server wants it.
 */
public final class FreePorts {

	private static final int LOWEST = 10_000;

	private static final int RANGE = 500;

	/** A node of a Redis Cluster also listens on the port that is 10,000 higher. */
	private static final int RANGES = 10_000 / RANGE;

	/** Holds the range as long as this process lives; its position is the range's. */
	private static final FileLock LOCK = lockRange();

	private static final int FIRST = LOWEST + RANGE * (int) LOCK.position();

	private static final @Nullable Socket[] RESERVED = new Socket[RANGE];

	private static int next;

	private FreePorts() {
	}

	/** Returns a port on which nothing listens, and which no other caller gets. */
	public static synchronized int one() {
		for (int tries = 0; tries < RANGE; tries++) {
			int position = next;
			next = (next + 1) % RANGE;
			if (reserve(position)) {
				return FIRST + position;
			}
		}
		throw new IllegalStateException("%d to %d: no free port".formatted(FIRST, FIRST + RANGE - 1));
	}

	/** Returns different ports on which nothing listens. */
	public static List<Integer> several(int number) {
		return IntStream.range(0, number).mapToObj((i) -> one()).toList();
	}

	private static boolean reserve(int position) {
		InetAddress loopback = InetAddress.getLoopbackAddress();
		int port = FIRST + position;
		boolean ours = RESERVED[position] != null;
		Socket socket = new Socket();
		try {
			// At first alone, so that whoever has the port is noticed; later beside our
			// own,
			// which keeps it, so that only a listener is.
			socket.setReuseAddress(ours);
			socket.bind(new InetSocketAddress(loopback, port));
			new DatagramSocket(port, loopback).close();
			if (ours) {
				socket.close();
			}
			else {
				socket.setReuseAddress(true);
				RESERVED[position] = socket;
			}
			return true;
		}
		catch (IOException ex) {
			close(socket);
			return false;
		}
	}

	private static void close(Socket socket) {
		try {
			socket.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static FileLock lockRange() {
		Path file = Path.of(System.getProperty("java.io.tmpdir"), "backend-test-ports");
		try {
			FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
			for (int range = 0; range < RANGES; range++) {
				FileLock lock = channel.tryLock(range, 1, false);
				if (lock != null) {
					return lock;
				}
			}
			throw new IllegalStateException("%s: other processes have all %d ranges".formatted(file, RANGES));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
