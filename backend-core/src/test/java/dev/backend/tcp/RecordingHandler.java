package dev.backend.tcp;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.jspecify.annotations.Nullable;

/**
 * Remembers what it was called with, as short lines.
 */
class RecordingHandler implements TcpHandler<Frame> {

	final List<String> calls = new CopyOnWriteArrayList<>();

	final List<Frame> messages = new CopyOnWriteArrayList<>();

	@Override
	public void onConnected(TcpConnection<Frame> connection) throws Exception {
		this.calls.add("connected " + connection.service().id());
	}

	@Override
	public void onMessage(TcpConnection<Frame> connection, Frame message) throws Exception {
		this.messages.add(message);
		this.calls.add("message " + message.text());
	}

	@Override
	public void onDisconnected(TcpConnection<Frame> connection, @Nullable Throwable cause) throws Exception {
		this.calls.add("disconnected " + connection.service().id());
	}

}
