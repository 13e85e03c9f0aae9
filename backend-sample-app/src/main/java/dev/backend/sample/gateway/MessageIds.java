package dev.backend.sample.gateway;

import java.util.concurrent.atomic.AtomicLong;

import org.springframework.stereotype.Component;

/**
 * The ids of the messages that the gateway sends.
 */
@Component
class MessageIds {

	private final AtomicLong last = new AtomicLong();

	long next() {
		return this.last.incrementAndGet();
	}

}
