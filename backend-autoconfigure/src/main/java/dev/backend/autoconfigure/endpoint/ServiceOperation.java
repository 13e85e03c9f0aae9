package dev.backend.autoconfigure.endpoint;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import dev.backend.fleet.FleetBackend;
import dev.backend.fleet.FleetService;
import dev.backend.tcp.TcpService;

/**
 * What an operator can do to one service.
 */
enum ServiceOperation {

	/** Takes it off the rings. */
	DRAIN {

		@Override
		void run(FleetBackend<?, ?> backend, String service, String id) {
			await(backend.drain(service, id));
		}

	},

	/** Puts it back on the rings. */
	UNDRAIN {

		@Override
		void run(FleetBackend<?, ?> backend, String service, String id) {
			await(backend.undrain(service, id));
		}

	},

	/** Closes its connection; a new one is made. */
	RECONNECT {

		@Override
		void run(FleetBackend<?, ?> backend, String service, String id) {
			FleetService found = backend.getService(service, id);
			if (!(found instanceof TcpService<?> tcp)) {
				throw new UnsupportedOperationException(
						"%s: reconnect (expected: drain or undrain, no connection is kept)".formatted(found));
			}
			tcp.reconnect("closed by an operator");
		}

	};

	private static final int TIMEOUT_SECONDS = 5;

	/** Returns once that is done, as a rule, and does not fail if it takes longer. */
	abstract void run(FleetBackend<?, ?> backend, String service, String id);

	static ServiceOperation of(String name) {
		List<String> names = Arrays.stream(values())
			.map((operation) -> operation.name().toLowerCase(Locale.ROOT))
			.toList();
		int index = names.indexOf(name);
		if (index < 0) {
			throw new IllegalArgumentException("operation: '%s' (expected: one of %s)".formatted(name, names));
		}
		return values()[index];
	}

	private static void await(CompletableFuture<Void> done) {
		done.copy().completeOnTimeout(null, TIMEOUT_SECONDS, TimeUnit.SECONDS).join();
	}

}
