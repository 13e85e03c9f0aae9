package dev.backend.autoconfigure.guide;

import java.util.function.UnaryOperator;

import dev.backend.RemovalMode;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpCounters;
import dev.backend.tcp.TcpSettings;

class Maintenance {

	private final TcpBackend<?> backend;

	Maintenance(TcpBackend<?> backend) {
		this.backend = backend;
	}

	void drainWhatLeaves() {
		change((settings) -> settings.withRemoval(RemovalMode.DRAIN));
	}

	private void change(UnaryOperator<TcpSettings> change) {
		this.backend.settings(change.apply(this.backend.settings()));
	}

	String report() {
		TcpCounters counters = this.backend.group("game").counters();
		return "%d sent, %d refused, %d timed out, %d lost".formatted(counters.sentMessages(), counters.rejected(),
				counters.timeouts(), counters.lost());
	}

}
