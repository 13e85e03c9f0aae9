package dev.backend.tcp;

/**
 * A request that counts how often its deadline is looked at.
 *
 * @param <M> the type of the messages
 */
final class CountedRequest<M> extends RequestFuture<M> {

	private final Looks looks;

	CountedRequest(Long id, M message, long deadline, Looks looks) {
		super(id, message, deadline);
		this.looks = looks;
	}

	@Override
	long deadline() {
		this.looks.count++;
		return super.deadline();
	}

	static final class Looks {

		long count;

	}

}
