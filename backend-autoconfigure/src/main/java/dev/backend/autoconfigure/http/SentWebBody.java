package dev.backend.autoconfigure.http;

import java.nio.file.Path;

import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.ZeroCopyHttpOutputMessage;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.http.client.reactive.ClientHttpRequestDecorator;

/**
 * The body of a request of a {@code WebClient} as its connector asks for it, and what
 * became of that. Thread-safe.
 */
final class SentWebBody {

	private volatile boolean begun;

	private volatile boolean sourceFailed;

	/** Whether somebody has had a part of the body. */
	boolean begun() {
		return this.begun;
	}

	/**
	 * Whether the body failed of itself: it could not be read, or not be written down.
	 */
	boolean sourceFailed() {
		return this.sourceFailed;
	}

	/** Returns a request that takes the body like another, and is watched. */
	ClientHttpRequest watched(ClientHttpRequest request) {
		return (request instanceof ZeroCopyHttpOutputMessage files) ? new WithFiles(request, files)
				: new Watched(request);
	}

	private <T> Flux<T> watched(Publisher<T> body) {
		return Flux.from(body).doOnNext((part) -> this.begun = true).doOnError((failure) -> this.sourceFailed = true);
	}

	private class Watched extends ClientHttpRequestDecorator {

		Watched(ClientHttpRequest request) {
			super(request);
		}

		@Override
		public Mono<Void> writeWith(Publisher<? extends DataBuffer> body) {
			return super.writeWith(one(body));
		}

		@Override
		public Mono<Void> writeAndFlushWith(Publisher<? extends Publisher<? extends DataBuffer>> body) {
			return super.writeAndFlushWith(watched(body));
		}

		/** A single buffer stays one, which connectors send with its length. */
		private Publisher<? extends DataBuffer> one(Publisher<? extends DataBuffer> body) {
			if (body instanceof Mono<? extends DataBuffer> mono) {
				return mono.doOnNext((part) -> SentWebBody.this.begun = true)
					.doOnError((failure) -> SentWebBody.this.sourceFailed = true);
			}
			return watched(body);
		}

	}

	/** Keeps what some connectors do with files. */
	private final class WithFiles extends Watched implements ZeroCopyHttpOutputMessage {

		private final ZeroCopyHttpOutputMessage files;

		WithFiles(ClientHttpRequest request, ZeroCopyHttpOutputMessage files) {
			super(request);
			this.files = files;
		}

		@Override
		public Mono<Void> writeWith(Path file, long position, long count) {
			return this.files.writeWith(file, position, count)
				.doOnSubscribe((subscription) -> SentWebBody.this.begun = true);
		}

	}

}
