package dev.backend.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * Ports for servers that must be told theirs, and come back on the same one. They are
 * none of those that the system gives to outgoing connections (32,768 and above on
 * Linux), of which one might take it before the server has started, or while it is down.
 * For the same reason each process has a range of its own, by a lock on a file, and each
 * port is handed out long after it was the last time.
 */
public final class FreePorts {

	private static final int LOWEST = 10_000;

	private static final int RANGE = 500;

	/** A node of a Redis Cluster also listens on the port that is 10,000 higher. */
	private static final int RANGES = 10_000 / RANGE;

	private static final AtomicInteger NEXT = new AtomicInteger();

	/** Holds the range as long as this process lives; its position is the range's. */
	private static final FileLock LOCK = lockRange();

	private static final int FIRST = LOWEST + RANGE * (int) LOCK.position();

	private FreePorts() {
	}

	/** Returns a port on which nothing listens. */
	public static int one() {
		return IntStream.generate(() -> FIRST + Math.floorMod(NEXT.getAndIncrement(), RANGE))
			.limit(RANGE)
			.filter(FreePorts::isFree)
			.findFirst()
			.orElseThrow(() -> new IllegalStateException("%d to %d: no free port".formatted(FIRST, FIRST + RANGE - 1)));
	}

	/** Returns different ports on which nothing listens. */
	public static List<Integer> several(int number) {
		return IntStream.range(0, number).mapToObj((i) -> one()).toList();
	}

	private static boolean isFree(int port) {
		InetAddress loopback = InetAddress.getLoopbackAddress();
		try (ServerSocket tcp = new ServerSocket(port, 1, loopback);
				DatagramSocket udp = new DatagramSocket(port, loopback)) {
			return tcp.isBound() && udp.isBound();
		}
		catch (IOException ex) {
			return false;
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
