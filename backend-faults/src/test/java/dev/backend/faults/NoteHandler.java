package dev.backend.faults;

import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

import dev.backend.tcp.TcpConnection;
import dev.backend.tcp.TcpHandler;
import dev.backend.tcp.TcpService;

/**
 * Does what a test says, and nothing by default.
 */
final class NoteHandler implements TcpHandler<Note> {

	/** Counted down when a callback that the test has set begins. */
	final CountDownLatch called = new CountDownLatch(1);

	volatile Consumer<TcpService<Note>> onConnected = (service) -> {
	};

	volatile Consumer<TcpService<Note>> onMessage = (service) -> {
	};

	@Override
	public void onConnected(TcpConnection<Note> connection) {
		this.onConnected.accept(connection.service());
	}

	@Override
	public void onMessage(TcpConnection<Note> connection, Note message) {
		this.onMessage.accept(connection.service());
	}

}
