package dev.backend.benchmarks.rpc.client;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Bounds what is on the way by what the server says it has received. After each burst the
 * driver announces over a connection of its own the total that the server will then have
 * received; the server answers once it has. So every contender is held to the same bound,
 * its own bounds aside, and nothing counts before it has arrived.
 */
final class ReceiptWindow implements AutoCloseable {

	private final Socket socket;

	private final DataOutputStream out;

	private final Semaphore bursts;

	private final int size;

	private long announced;

	ReceiptWindow(InetSocketAddress control, int size) throws IOException {
		this.socket = new Socket(control.getAddress(), control.getPort());
		this.socket.setTcpNoDelay(true);
		this.out = new DataOutputStream(new BufferedOutputStream(this.socket.getOutputStream()));
		this.size = size;
		this.bursts = new Semaphore(size);
		DataInputStream in = new DataInputStream(this.socket.getInputStream());
		write(0);
		this.announced = in.readLong();
		Thread reader = new Thread(() -> read(in), "receipts");
		reader.setDaemon(true);
		reader.start();
	}

	/** Waits until another burst may go. */
	void enter() throws InterruptedException {
		if (!this.bursts.tryAcquire(20, TimeUnit.SECONDS)) {
			throw new IllegalStateException("the server has not received what was sent 20s ago");
		}
	}

	/** Announces a burst that was sent. */
	void sent(long messages) throws IOException {
		this.announced += messages;
		write(this.announced);
	}

	/** Waits until the server has received everything. */
	void await() throws InterruptedException {
		if (!this.bursts.tryAcquire(this.size, 20, TimeUnit.SECONDS)) {
			throw new IllegalStateException("the server has not received what was sent 20s ago");
		}
		this.bursts.release(this.size);
	}

	private void write(long threshold) throws IOException {
		this.out.writeLong(threshold);
		this.out.flush();
	}

	private void read(DataInputStream in) {
		try {
			while (true) {
				in.readLong();
				this.bursts.release();
			}
		}
		catch (IOException ex) {
			// Closed: the driver notices by the missing permits, if it still waits.
		}
	}

	@Override
	public void close() throws IOException {
		this.socket.close();
	}

}
