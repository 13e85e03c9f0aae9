package dev.backend.autoconfigure.endpoint;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import dev.backend.fleet.FleetBackend;
import dev.backend.tcp.TcpBackend;

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
			tcp(backend, service, id).getService(service, id).reconnect("closed by an operator");
		}

	},

	/** Takes it off the rings and closes its connection; none is made. */
	SUSPEND {

		@Override
		void run(FleetBackend<?, ?> backend, String service, String id) {
			await(tcp(backend, service, id).suspend(service, id));
		}

	},

	/** Lets it have a connection again. */
	RESUME {

		@Override
		void run(FleetBackend<?, ?> backend, String service, String id) {
			await(tcp(backend, service, id).resume(service, id));
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

	/** An operation on a connection needs a backend that has some. */
	TcpBackend<?> tcp(FleetBackend<?, ?> backend, String service, String id) {
		if (backend instanceof TcpBackend<?> tcp) {
			return tcp;
		}
		throw new UnsupportedOperationException("%s: %s (expected: drain or undrain, no connection is kept)"
			.formatted(backend.getService(service, id), name().toLowerCase(Locale.ROOT)));
	}

	private static void await(CompletableFuture<Void> done) {
		done.copy().completeOnTimeout(null, TIMEOUT_SECONDS, TimeUnit.SECONDS).join();
	}

}
