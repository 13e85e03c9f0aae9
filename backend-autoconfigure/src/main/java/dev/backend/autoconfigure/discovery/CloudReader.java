package dev.backend.autoconfigure.discovery;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import org.springframework.cloud.client.ServiceInstance;

/**
 * Reads everything that is watched from a discovery client, one question after another,
 * and lets others see how long the present one has been waiting.
 *
 * <p>
 * Some clients answer an error with an empty list. So a read that finds nothing at all
 * also asks which services there are: a registry that works lists at least one, that of
 * an application that asks or its own.
 */
final class CloudReader {

	private final CloudClient client;

	private final Set<String> wanted;

	private volatile @Nullable Question asking;

	/**
	 * Creates a reader.
	 * @param client the client to ask
	 * @param wanted the names of the services to read; empty for all that it lists
	 */
	CloudReader(CloudClient client, Set<String> wanted) {
		this.client = client;
		this.wanted = wanted;
	}

	/**
	 * Reads once. On a thread that may wait for the client, for as long as it likes.
	 * @return the answer, complete
	 * @throws CloudFailure if one question failed
	 */
	CloudAnswer read() {
		try {
			Collection<String> names = this.wanted.isEmpty() ? names() : this.wanted;
			Map<String, List<ServiceInstance>> services = new LinkedHashMap<>();
			for (String name : names) {
				services.put(name,
						ask("service '" + CloudFailure.printable(name) + "'", () -> this.client.instances(name)));
			}
			CloudAnswer answer = new CloudAnswer(services, false);
			boolean listsNothing = !answer.hasInstances() && (this.wanted.isEmpty() ? names : names()).isEmpty();
			return new CloudAnswer(services, listsNothing);
		}
		finally {
			this.asking = null;
		}
	}

	/** What has been asked and not answered yet, or {@code null}. Any thread. */
	@Nullable Question asking() {
		return this.asking;
	}

	private Set<String> names() {
		Set<String> names = new LinkedHashSet<>();
		for (String name : ask("the list of services", this.client::services)) {
			if (name != null && !name.isBlank()) {
				names.add(name);
			}
		}
		return names;
	}

	/**
	 * Copies the answer, since some clients' lists find out only then, or change later.
	 */
	private <T> List<T> ask(String what, Supplier<@Nullable List<T>> question) {
		this.asking = new Question(what, System.nanoTime());
		try {
			List<T> answer = question.get();
			if (answer != null) {
				return new ArrayList<>(answer);
			}
		}
		catch (Throwable ex) {
			// Also a class that a client does not find must not end the watch.
			throw new CloudFailure(what, ex);
		}
		throw new CloudFailure(what + ": no answer (expected: a list)");
	}

	/**
	 * A question under way.
	 *
	 * @param what what was asked for
	 * @param since when, by {@link System#nanoTime()}
	 */
	record Question(String what, long since) {

		Duration waiting() {
			return Duration.ofNanos(System.nanoTime() - this.since);
		}

	}

}
