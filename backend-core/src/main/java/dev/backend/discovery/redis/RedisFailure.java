package dev.backend.discovery.redis;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a failed Redis command means for the registry.
 *
 * @param reason a sentence that names the key and what to do; no secrets
 * @param connection whether a new connection may help: there was no answer, or one of a
 * server that is not, or not yet, a master
 */
record RedisFailure(String reason, boolean connection) {

	/** How a server's own errors begin: a word in capitals. */
	private static final Pattern SERVER_ERROR = Pattern.compile("(?:^|: )([A-Z]{3,}) .+", Pattern.DOTALL);

	private static final int MAXIMUM_TEXT = 300;

	static RedisFailure of(String key, Throwable failure) {
		if (failure instanceof RegistryException) {
			return new RedisFailure(String.valueOf(failure.getMessage()), false);
		}
		List<String> messages = messages(failure);
		String serverError = messages.stream().filter(RedisFailure::isServerError).findFirst().orElse(null);
		if (serverError == null) {
			return new RedisFailure(on(key) + "no answer: " + innermost(messages), true);
		}
		return new RedisFailure(on(key) + explain(serverError), needsAnotherServer(serverError));
	}

	static String on(String key) {
		return "redis key '" + key + "': ";
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
		return "Redis refuses: " + error;
	}

	private static boolean needsAnotherServer(String error) {
		return error.contains("READONLY") || error.contains("MASTERDOWN") || error.contains("LOADING")
				|| error.contains("CLUSTERDOWN");
	}

	private static boolean isServerError(String message) {
		return SERVER_ERROR.matcher(message).find();
	}

	/** The last two that say something new: what was tried, and what came of it. */
	private static String innermost(List<String> messages) {
		List<String> telling = new ArrayList<>();
		for (String message : messages) {
			if (telling.stream().noneMatch((earlier) -> earlier.contains(message))) {
				telling.add(message);
			}
		}
		return String.join(": ", telling.subList(Math.max(0, telling.size() - 2), telling.size()))
			.replace("/<unresolved>", "");
	}

	private static List<String> messages(Throwable failure) {
		List<String> messages = new ArrayList<>();
		Throwable cause = failure;
		while (cause != null && messages.size() < 10) {
			String message = (cause.getMessage() != null) ? cause.getMessage() : cause.getClass().getSimpleName();
			messages.add((message.length() <= MAXIMUM_TEXT) ? message : message.substring(0, MAXIMUM_TEXT) + "…");
			cause = cause.getCause();
		}
		return messages;
	}

}
