package dev.backend.transport;

import java.time.Duration;

import io.netty.channel.EventLoopGroup;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

/**
 * Event loops, whoever has them.
 */
final class LoopThreads {

	/** Without one, Netty may leave open what is still to be closed. */
	private static final Duration QUIET_PERIOD = Duration.ofMillis(100);

	/** So long they may take when nobody gives a time. */
	private static final Duration END_TIMEOUT = Duration.ofSeconds(1);

	private final LoopResources resources;

	private final EventLoopGroup group;

	private volatile boolean channelsOpen;

	LoopThreads(LoopResources resources) {
		this.resources = resources;
		this.group = resources.onClient(true);
	}

	LoopResources resources() {
		return this.resources;
	}

	EventLoopGroup group() {
		return this.group;
	}

	/** Somebody who has done with them may have left something open. */
	void channelsOpen() {
		this.channelsOpen = true;
	}

	/**
	 * Ends them, when subscribed to.
	 * @param timeout the longest time that they may take
	 * @return completes when they have ended
	 */
	Mono<Void> end(Duration timeout) {
		return this.resources.disposeLater(this.channelsOpen ? QUIET_PERIOD : Duration.ZERO, timeout);
	}

	/** Ends them, and does not wait for that. */
	void endLater() {
		end(END_TIMEOUT).onErrorComplete().subscribe();
	}

}
