package dev.backend.tcp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A connection that is what a test says, and remembers what is done to it. */
final class RecordingLiveness extends PeerLiveness {

	final List<String> actions = new ArrayList<>();

	boolean established = true;

	boolean expected = true;

	boolean hasHeartbeat = true;

	int mark;

	Runnable onHeartbeat = () -> {
	};

	Runnable onClose = () -> {
	};

	@Override
	boolean established() {
		return this.established;
	}

	@Override
	boolean expected() {
		return this.expected;
	}

	@Override
	int outboundMark() {
		return this.mark;
	}

	@Override
	boolean sendHeartbeat() {
		if (this.hasHeartbeat) {
			this.actions.add("heartbeat");
			this.onHeartbeat.run();
			spoken();
		}
		return this.hasHeartbeat;
	}

	@Override
	void idle(Duration timeout) {
		close("idle " + timeout);
	}

	@Override
	void unanswered(Duration timeout) {
		close("unanswered " + timeout);
	}

	@Override
	void stalled(Duration timeout) {
		close("stalled " + timeout);
	}

	private void close(String reason) {
		this.actions.add(reason);
		this.onClose.run();
	}

}
