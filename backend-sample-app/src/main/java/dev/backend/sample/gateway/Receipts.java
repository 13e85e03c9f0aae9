package dev.backend.sample.gateway;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import dev.backend.sample.protocol.GameMessage;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

import org.springframework.stereotype.Component;

/**
 * The receipts that notices bring in, for those who wait for them.
 */
@Component
class Receipts {

	private final Map<Long, Sinks.Many<GameMessage>> waiting = new ConcurrentHashMap<>();

	/**
	 * Waits for the receipts of one notice.
	 * @param id the id of the notice, which is sent after this call
	 * @return the receipts from now on; must be subscribed to
	 */
	Flux<GameMessage> of(long id) {
		Sinks.Many<GameMessage> sink = Sinks.many().unicast().onBackpressureBuffer();
		this.waiting.put(id, sink);
		return sink.asFlux().doFinally((signal) -> this.waiting.remove(id));
	}

	/** Takes a receipt; several services' may arrive at once. */
	void arrived(GameMessage receipt) {
		Sinks.Many<GameMessage> sink = this.waiting.get(receipt.id());
		if (sink != null) {
			sink.emitNext(receipt, Sinks.EmitFailureHandler.busyLooping(Duration.ofSeconds(1)));
		}
	}

}
