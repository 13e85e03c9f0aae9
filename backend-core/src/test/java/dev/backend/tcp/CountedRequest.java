package dev.backend.tcp;

/**
 * A request that counts how often its deadline is looked at.
 */
final class CountedRequest extends RequestFuture<String> {

	private final Looks looks;

	CountedRequest(Long id, long deadline, Looks looks) {
		super(id, "message", deadline);
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
