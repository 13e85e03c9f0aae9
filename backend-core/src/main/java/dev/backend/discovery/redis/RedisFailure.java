package dev.backend.discovery.redis;

import java.util.regex.Pattern;

import dev.backend.discovery.FailureText;

/**
 * Why the registry could not be read or written. The message is for people: it says what
 * to do, and holds no secret. Whoever tells it names the key.
 */
final class RedisFailure extends RuntimeException {

	private static final long serialVersionUID = 1L;

	/** How a server's own errors begin: a word in capitals. */
	private static final Pattern SERVER_ERROR = Pattern.compile("(?:^|: )([A-Z]{3,}) .+", Pattern.DOTALL);

	/** A failing save, a full memory, too few replicas. */
	private static final Pattern NO_WRITES = Pattern.compile("\\b(?:MISCONF|OOM|NOREPLICAS)\\b");

	private final String message;

	private final Kind kind;

	private RedisFailure(String message, Kind kind) {
		super(message, null, false, false);
		this.message = message;
		this.kind = kind;
	}

	/** Redis answered, and the registry cannot be used as it is. */
	static RedisFailure refused(String message) {
		return new RedisFailure(message, Kind.REFUSAL);
	}

	/** Whatever made a command fail. */
	static RedisFailure of(Throwable failure) {
		if (failure instanceof RedisFailure known) {
			return known;
		}
		String serverError = FailureText.messages(failure)
			.stream()
			.filter(RedisFailure::isServerError)
			.findFirst()
			.orElse(null);
		if (serverError == null) {
			return new RedisFailure("no answer: " + FailureText.of(failure).replace("/<unresolved>", ""),
					Kind.CONNECTION);
		}
		return new RedisFailure(explain(serverError), kind(serverError));
	}

	/** The message, which is never {@code null}. */
	String message() {
		return this.message;
	}

	/**
	 * Whether a new connection may help: there was no answer, or one of a server that is
	 * not, or not yet, a master.
	 */
	boolean mayBeTheConnection() {
		return this.kind == Kind.CONNECTION;
	}

	/** Whether Redis takes nobody's writes: it says nothing of what is written. */
	boolean isOfAllWrites() {
		return this.kind == Kind.ALL_WRITES;
	}

	private static String explain(String error) {
		if (error.contains("WRONGTYPE")) {
			return "holds another type than a registry has (expected: a sorted set, or no key): " + error;
		}
		if (error.contains("NOPERM") || error.contains("ACL failure") || error.contains("user executing the script")) {
			return "Redis denies access (expected: an ACL user with the commands, keys and channel of the registry): "
					+ error;
		}
		if (error.contains("NOAUTH") || error.contains("WRONGPASS")) {
			return "Redis refuses the credentials: " + error;
		}
		if (error.contains("CROSSSLOT")) {
			return "its keys lie in different slots of the cluster (expected: a key whose hash tag is that of its "
					+ "list, for gobase-v2 one with braces, such as '{games}'): " + error;
		}
		return (NO_WRITES.matcher(error).find() ? "Redis takes no writes: " : "Redis refuses: ") + error;
	}

	private static Kind kind(String error) {
		if (needsAnotherServer(error)) {
			return Kind.CONNECTION;
		}
		return NO_WRITES.matcher(error).find() ? Kind.ALL_WRITES : Kind.REFUSAL;
	}

	private static boolean needsAnotherServer(String error) {
		return error.contains("READONLY") || error.contains("MASTERDOWN") || error.contains("LOADING")
				|| error.contains("CLUSTERDOWN");
	}

	private static boolean isServerError(String message) {
		return SERVER_ERROR.matcher(message).find();
	}

	/** What a failure concerns. */
	private enum Kind {

		/** No answer, or that of a server that is not, or not yet, a master. */
		CONNECTION,

		/** Every write to this server. */
		ALL_WRITES,

		/** This command, user or key. */
		REFUSAL

	}

}
