package dev.backend.tcp;

import java.net.BindException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

import dev.backend.ServiceConfig;
import dev.backend.settings.DurationText;
import dev.backend.transport.TlsExplanation;
import reactor.netty.ChannelBindException;

/**
 * Says in a sentence why a connection could not be made, where the libraries leave that
 * to a chain of causes.
 */
final class DialExplanation {

	private DialExplanation() {
	}

	static Throwable explain(Throwable failure, ServiceConfig config, boolean tls) {
		if (failure instanceof ChannelBindException bind) {
			BindException explained = new BindException(
					"local address %s cannot be used (backend.tcp.connect.local-address)".formatted(bind.localHost()));
			explained.initCause(failure);
			return explained;
		}
		return tls ? TlsExplanation.explain(failure, config) : failure;
	}

	/**
	 * Explains why none of the addresses was connected.
	 * @param failures those of all addresses that were tried, at least one
	 * @param timeout the time that they had together
	 * @return the failure of the only address; of several, one that names them all
	 */
	static Throwable explain(List<AddressFailure> failures, Duration timeout) {
		List<Throwable> causes = failures.stream().map(AddressFailure::cause).filter(Objects::nonNull).toList();
		boolean timedOut = causes.size() < failures.size();
		if (failures.size() == 1 && !timedOut) {
			return causes.get(0);
		}
		String none = timedOut
				? "no connection within %s (backend.tcp.connect.timeout)".formatted(DurationText.of(timeout))
				: "no connection";
		boolean plain = failures.size() == 1 && failures.get(0).silent();
		String message = plain ? none : none + ": " + describe(failures);
		Throwable explained = timedOut ? new TimeoutException(message) : new ConnectException(message);
		if (!causes.isEmpty()) {
			explained.initCause(causes.get(causes.size() - 1));
		}
		return explained;
	}

	private static String describe(List<AddressFailure> failures) {
		return failures.stream()
			.map((failure) -> failure.address() + failure.words())
			.collect(Collectors.joining(", "));
	}

}
