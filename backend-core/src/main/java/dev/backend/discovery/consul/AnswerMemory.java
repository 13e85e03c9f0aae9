package dev.backend.discovery.consul;

import java.io.ByteArrayOutputStream;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds what the answers that are being received take: each, and all together. When all
 * together are over their bound, those fail that have more than an equal share: a small
 * answer does not suffer from large ones. Thread-safe.
 */
final class AnswerMemory {

	private final int maximumOfOne;

	private final long maximumOfAll;

	private final AtomicInteger answers = new AtomicInteger();

	private final AtomicLong bytes = new AtomicLong();

	AnswerMemory(int maximumOfOne, long maximumOfAll) {
		this.maximumOfOne = maximumOfOne;
		this.maximumOfAll = maximumOfAll;
	}

	/** Begins an answer, which must be {@linkplain Answer#release() released}. */
	Answer begin() {
		this.answers.incrementAndGet();
		return new Answer();
	}

	/** The bytes of all answers that are not released. */
	long bytes() {
		return this.bytes.get();
	}

	/**
	 * What has arrived of an answer. It may be released by another thread than that which
	 * receives; what arrives after that is dropped.
	 */
	final class Answer {

		private final ByteArrayOutputStream body = new ByteArrayOutputStream();

		private boolean released;

		/**
		 * Takes the next part.
		 * @throws ConsulFailure if the answer is too large
		 */
		synchronized void append(byte[] part) {
			if (this.released) {
				return;
			}
			if (part.length > AnswerMemory.this.maximumOfOne - this.body.size()) {
				throw ConsulFailure.useless("answers more than %d bytes (expected: at most that)"
					.formatted(AnswerMemory.this.maximumOfOne));
			}
			long all = AnswerMemory.this.bytes.addAndGet(part.length);
			this.body.writeBytes(part);
			long share = AnswerMemory.this.maximumOfAll / Math.max(1, AnswerMemory.this.answers.get());
			if (all > AnswerMemory.this.maximumOfAll && this.body.size() > share) {
				throw ConsulFailure
					.refused("answers %d bytes or more while %d others are large, too (expected: %d at most)"
						.formatted(this.body.size(), AnswerMemory.this.answers.get() - 1, share));
			}
		}

		/** The whole of it. */
		synchronized byte[] whole() {
			return this.body.toByteArray();
		}

		/** Counts it no more. May be called twice. */
		synchronized void release() {
			if (!this.released) {
				this.released = true;
				AnswerMemory.this.answers.decrementAndGet();
				AnswerMemory.this.bytes.addAndGet(-this.body.size());
			}
		}

	}

}
