package dev.backend.faults;

import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

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
	public void onConnected(TcpService<Note> service) {
		this.onConnected.accept(service);
	}

	@Override
	public void onMessage(TcpService<Note> service, Note message) {
		this.onMessage.accept(service);
	}

}
