package dev.backend.autoconfigure.guide;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What the application keeps about one instance.
 */
class Session {

	private final AtomicLong messages = new AtomicLong();

	private volatile boolean active;

	void loggedIn() {
		this.active = true;
	}

	void loggedOut() {
		this.active = false;
	}

	void received(String message) {
		this.messages.incrementAndGet();
	}

	boolean active() {
		return this.active;
	}

	long messages() {
		return this.messages.get();
	}

}
