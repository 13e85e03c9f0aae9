package dev.backend.autoconfigure.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.Set;

import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpCounters;
import dev.backend.tcp.TcpGroup;
import dev.backend.tcp.TcpService;
import dev.backend.tcp.TcpState;

/**
 * The meters of the services of a {@link TcpBackend}. What is counted is read from its
 * own counters when the registry asks; only requests are timed as they end.
 *
 * @param <M> the type of the messages
 */
final class TcpMeters<M> implements ProtocolMeters {

	private static final List<TcpState> STATES = Arrays.stream(TcpState.values())
		.filter((state) -> state != TcpState.CLOSED)
		.toList();

	private final TcpBackend<M> backend;

	private final RequestTimers<M> requests = new RequestTimers<>();

	private TcpMeters(TcpBackend<M> backend) {
		this.backend = backend;
		backend.observeRequests(this.requests);
	}

	static <M> TcpMeters<M> of(TcpBackend<M> backend) {
		return new TcpMeters<>(backend);
	}

	@Override
	public void register(String service, MeterSet meters) {
		GroupMeters.registerStates("backend.tcp.connections", "Instances by the state of their connection",
				this.backend, service, meters, STATES);
		meters.gauge("backend.tcp.queued", "messages", "Messages that wait to be encoded", this.backend,
				(present) -> GroupMeters.services(present, service)
					.stream()
					.mapToInt((instance) -> ((TcpService<?>) instance).queuedMessages())
					.sum());
		meters.gauge("backend.tcp.pending", "requests", "Requests that wait for their reply", this.backend,
				(present) -> GroupMeters.services(present, service)
					.stream()
					.mapToInt((instance) -> ((TcpService<?>) instance).pendingRequests())
					.sum());
		TcpGroup<M> group = this.backend.groups().get(service);
		if (group != null) {
			registerConnections(group.counters(), meters);
			registerTraffic(group.counters(), meters);
		}
		this.requests.register(service, meters);
	}

	@Override
	public void retain(Set<String> services) {
		this.requests.retain(services);
	}

	private static void registerConnections(TcpCounters counters, MeterSet meters) {
		String dials = "Attempts to connect that have ended";
		meters.counter("backend.tcp.dials", "dials", dials, counters, TcpCounters::connects, "outcome", "success");
		meters.counter("backend.tcp.dials", "dials", dials, counters, TcpCounters::dialFailures, "outcome", "failure");
		meters.counter("backend.tcp.reconnects", "reconnects", "Connections made to instances that had one before",
				counters, TcpCounters::reconnects);
		meters.counter("backend.tcp.disconnects", "disconnects", "Connections that were lost or closed", counters,
				TcpCounters::disconnects);
		String dead = "Connections closed because their peer seemed dead";
		meters.counter("backend.tcp.dead.peers", "peers", dead, counters, TcpCounters::closedForSilence, "reason",
				"silence");
		meters.counter("backend.tcp.dead.peers", "peers", dead, counters, TcpCounters::closedForNoProgress, "reason",
				"no-progress");
		meters.counter("backend.tcp.skipped", "connections",
				"Connections that ended before their onConnected began, which was not called", counters,
				TcpCounters::skippedConnections);
		meters.counter("backend.tcp.heartbeats", "heartbeats", "Heartbeats sent", counters, TcpCounters::heartbeats);
	}

	private static void registerTraffic(TcpCounters counters, MeterSet meters) {
		String bytes = "Bytes handed to the transport, and read from it";
		meters.counter("backend.tcp.bytes", "bytes", bytes, counters, TcpCounters::sentBytes, "direction", "sent");
		meters.counter("backend.tcp.bytes", "bytes", bytes, counters, TcpCounters::receivedBytes, "direction",
				"received");
		String messages = "Messages encoded and decoded";
		meters.counter("backend.tcp.messages", "messages", messages, counters, TcpCounters::sentMessages, "direction",
				"sent");
		meters.counter("backend.tcp.messages", "messages", messages, counters, TcpCounters::receivedMessages,
				"direction", "received");
		meters.counter("backend.tcp.rejected", "messages", "Sends and requests that were refused", counters,
				TcpCounters::rejected);
		meters.counter("backend.tcp.dropped", "messages",
				"Accepted messages that were not written, because their connection went away first", counters,
				TcpCounters::dropped);
		meters.counter("backend.tcp.unhandled", "messages",
				"Arrived messages that no handler was given, because their connection was skipped or its handler "
						+ "did not go on after the end",
				counters, TcpCounters::unhandledMessages);
		meters.counter("backend.tcp.unmatched", "messages", "Replies for which no request waited", counters,
				TcpCounters::unmatchedReplies);
		meters.counter("backend.tcp.codec.errors", "errors",
				"What could not be decoded, which ends the connection, or encoded, and codecs that were not made",
				counters, TcpCounters::codecErrors);
		meters.counter("backend.tcp.handler.errors", "errors", "What handlers, ticks, scopes and order keys threw",
				counters, TcpCounters::handlerErrors);
	}

}
