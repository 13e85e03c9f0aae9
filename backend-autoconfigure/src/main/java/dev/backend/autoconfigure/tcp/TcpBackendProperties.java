package dev.backend.autoconfigure.tcp;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

import dev.backend.RemovalMode;
import dev.backend.autoconfigure.Checks;
import dev.backend.autoconfigure.ConsistentHashes;
import dev.backend.autoconfigure.HealthRule;
import dev.backend.autoconfigure.fleet.FleetProperties;
import dev.backend.routing.ConsistentHash;
import dev.backend.settings.DurationText;
import dev.backend.tcp.DispatchMode;
import dev.backend.tcp.MessageLogLevel;
import dev.backend.tcp.MessageLogging;
import dev.backend.tcp.TcpLimits;
import dev.backend.tcp.TcpLiveness;
import dev.backend.tcp.TcpSettings;
import dev.backend.tcp.TcpTimings;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Positive;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.util.StringUtils;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * The backends of services that are reached over TCP. Read at start.
 *
 * @param enabled Whether to make a TcpBackend out of the application's MessageCodec. A
 * fleet may say otherwise for itself.
 * @param services Names of the services that the backend serves, in which * stands for
 * any characters. Needed for each of several fleets. Empty: all.
 * @param fleets Services that are served apart from each other, by the name of the fleet,
 * each by a TcpBackend of its own. A fleet may have every property of backend.tcp; what
 * it does not have it takes from there.
 * @param codec Name of the MessageCodec bean to use if there are several and none is
 * primary.
 * @param removal What happens to instances that discovery does not list any more.
 * @param consistentHash Algorithm that decides which instance owns a key. Must be equal
 * in all applications that route the same keys.
 * @param eventLoops Number of threads that do the input and output. One per two
 * processors if not set.
 * @param connect How connections are made.
 * @param ssl How connections are encrypted.
 * @param limits The bounds.
 * @param dispatch How handlers run.
 * @param liveness When the connection of a silent peer counts as dead, and how often the
 * peer hears from this side.
 * @param logging At which level messages are logged.
 * @param health When the services count as healthy.
 * @param observations Whether requests and handlers are observed.
 * @param drainTimeout Time that pending requests may take when a service is drained or
 * suspended, or the application stops.
 * @param tickInterval Interval of the ticks of the handler. Zero switches them off.
 * @param idQuarantine Time for which the id of a request that timed out, or that its
 * caller ended, is not used again on its connection, if the reply does not come before.
 * Zero: it is free at once.
 * @param awaitReady Longest time that start-up waits, before the web server starts, for
 * the first snapshot of discovery and the first attempt to connect to each instance in
 * it. Zero: it does not wait.
 * @param publishTrafficEvents Whether to publish an application event for bytes sent and
 * received.
 */
@Validated
@ConfigurationProperties("backend.tcp")
public record TcpBackendProperties(@DefaultValue("true") boolean enabled, @DefaultValue Set<String> services,
		@DefaultValue Map<String, @Valid TcpBackendProperties> fleets, @Nullable String codec,
		@DefaultValue("on-disconnect") RemovalMode removal,
		@DefaultValue(ConsistentHashes.BALANCED) String consistentHash, @Nullable @Positive Integer eventLoops,
		@DefaultValue @Valid Connect connect, @DefaultValue @Valid Ssl ssl, @DefaultValue @Valid Limits limits,
		@DefaultValue @Valid Dispatch dispatch, @DefaultValue @Valid Liveness liveness,
		@DefaultValue @Valid Logging logging, @DefaultValue @Valid Health health,
		@DefaultValue Observations observations, @DefaultValue("5s") Duration drainTimeout,
		@DefaultValue("1s") Duration tickInterval, @DefaultValue("30s") Duration idQuarantine,
		@DefaultValue("5s") Duration awaitReady,
		@DefaultValue("false") boolean publishTrafficEvents) implements FleetProperties {

	/**
	 * Returns these properties as settings of the engine.
	 * @return the settings
	 */
	TcpSettings toSettings() {
		return new TcpSettings(this.limits.toLimits(), timings(), this.liveness.toLiveness(), this.dispatch.mode(),
				new MessageLogging(this.logging.level(), this.logging.levels()), this.removal);
	}

	/**
	 * Returns the algorithm of the rings, where no bean says another.
	 * @return the algorithm
	 * @throws InvalidConfigurationPropertyValueException if there is none of that name
	 */
	ConsistentHash toConsistentHash() {
		return ConsistentHashes.of("backend.tcp.consistent-hash", this.consistentHash);
	}

	private TcpTimings timings() {
		return new TcpTimings(Checks.positive("backend.tcp.connect.timeout", this.connect.timeout()),
				Checks.positive("backend.tcp.connect.ready-timeout", this.connect.readyTimeout()),
				Checks.positive("backend.tcp.connect.backoff-initial", this.connect.backoffInitial()),
				Checks.require(this.connect.backoffMax().compareTo(this.connect.backoffInitial()) >= 0,
						"backend.tcp.connect.backoff-max", this.connect.backoffMax(),
						"at least backend.tcp.connect.backoff-initial, "
								+ DurationText.of(this.connect.backoffInitial())),
				Checks.notNegative("backend.tcp.connect.stable-after", this.connect.stableAfter()),
				Checks.notNegative("backend.tcp.drain-timeout", this.drainTimeout),
				Checks.notNegative("backend.tcp.tick-interval", this.tickInterval),
				Checks.notNegative("backend.tcp.id-quarantine", this.idQuarantine));
	}

	/**
	 * How connections are made.
	 *
	 * @param timeout Time that making a connection may take: name resolution, TCP and TLS
	 * handshake.
	 * @param readyTimeout Time that a connection may take from the begin of its
	 * onConnected to being ready.
	 * @param backoffInitial Upper end of the random wait before the first new attempt. It
	 * doubles with each failure.
	 * @param backoffMax Largest upper end of the random wait between attempts.
	 * @param stableAfter Time that a connection must have been ready for the wait to
	 * start over.
	 * @param localAddress IP address of this machine to connect from. Chosen by the
	 * operating system if not set.
	 */
	public record Connect(@DefaultValue("5s") Duration timeout, @DefaultValue("10s") Duration readyTimeout,
			@DefaultValue("100ms") Duration backoffInitial, @DefaultValue("10s") Duration backoffMax,
			@DefaultValue("10s") Duration stableAfter, @Nullable InetAddress localAddress) {

	}

	/**
	 * How connections are encrypted.
	 *
	 * @param enabled Whether to enable SSL support. Enabled automatically if "bundle" is
	 * provided unless specified otherwise.
	 * @param bundle SSL bundle name. Without one, the system's default trust is used if
	 * enabled.
	 * @param verifyHostname Whether the certificate of a service must name its address.
	 * If not, whoever has any trusted certificate can pass for any service.
	 * @param serverName Name that the certificate of every service must have, and that
	 * services are told (SNI). Address of the service if not set.
	 */
	public record Ssl(@Nullable Boolean enabled, @Nullable String bundle, @DefaultValue("true") boolean verifyHostname,
			@Nullable String serverName) {

		boolean isEnabled() {
			return (this.enabled != null) ? this.enabled : StringUtils.hasText(this.bundle);
		}

	}

	/**
	 * The bounds.
	 *
	 * @param queuedMessages Messages of one service that wait to be encoded. Further
	 * sends are refused.
	 * @param outboundBytes Encoded bytes of one connection that are not written yet.
	 * Encoding pauses there.
	 * @param pendingRequests Requests of one connection without a reply. Further ones are
	 * refused.
	 * @param inboundMessages Arrived messages of one service that wait for the handler.
	 * Reading pauses there, but for "read-ahead-bytes".
	 * @param readAheadBytes Bytes of messages of one connection that are read beyond
	 * "inbound-messages", while a reply or a login is waited for or the handler takes
	 * control messages. If not set, one frame.
	 * @param frameBytes Size of one encoded message, either way. A larger one is refused,
	 * or closes the connection it arrived on.
	 * @param concurrentDials Connections that are being made at once, logins included. If
	 * not set, twice "dispatch.threads"; 1024 where handlers are not bounded, as with
	 * virtual threads, or where the handler marks readiness itself.
	 * @param totalBytes Bytes of all connections that are encoded and not written yet, or
	 * have arrived and are not decoded yet, or were read ahead of a handler. Connections
	 * that hold more than 64 KB are not read there, and sends to them are refused. 0 for
	 * no bound.
	 */
	public record Limits(@DefaultValue("16384") @Positive int queuedMessages,
			@DefaultValue("4MB") DataSize outboundBytes, @DefaultValue("65536") @Positive int pendingRequests,
			@DefaultValue("1024") @Positive int inboundMessages, @Nullable DataSize readAheadBytes,
			@DefaultValue("1MB") DataSize frameBytes, @Nullable @Positive Integer concurrentDials,
			@DefaultValue("0B") DataSize totalBytes) {

		private TcpLimits toLimits() {
			return new TcpLimits(Checks.positive("backend.tcp.limits.queued-messages", this.queuedMessages),
					Checks.bytes("backend.tcp.limits.outbound-bytes", this.outboundBytes),
					Checks.positive("backend.tcp.limits.pending-requests", this.pendingRequests),
					Checks.positive("backend.tcp.limits.inbound-messages", this.inboundMessages),
					(this.readAheadBytes != null)
							? Checks.bytes("backend.tcp.limits.read-ahead-bytes", this.readAheadBytes) : 0,
					Checks.bytes("backend.tcp.limits.frame-bytes", this.frameBytes),
					(this.concurrentDials != null)
							? Checks.positive("backend.tcp.limits.concurrent-dials", this.concurrentDials) : 0,
					Checks.anyBytes("backend.tcp.limits.total-bytes", this.totalBytes));
		}

	}

	/**
	 * How handlers run.
	 *
	 * @param mode In which order the messages of one service reach the handler: one after
	 * another, one after another within the keys that the codec names, or at the same
	 * time. Changed through TcpBackend.settings, it applies from the next message on.
	 * @param threads Threads that run handlers and application events, where virtual
	 * threads are not enabled.
	 */
	public record Dispatch(@DefaultValue("ordered") DispatchMode mode, @DefaultValue("32") @Positive int threads) {

	}

	/**
	 * When the connection of a silent peer counts as dead, to be closed and made again,
	 * and how often the peer hears from this side.
	 *
	 * @param heartbeatInterval Time that a connection may be silent before the codec's
	 * heartbeat is sent. Zero switches heartbeats off.
	 * @param heartbeatTimeout Time that a connection may be silent, although heartbeats
	 * are sent, before it is closed.
	 * @param readIdleTimeout Time that a connection may be silent before it is closed,
	 * heartbeats or not. Zero: any time.
	 * @param writeIdleInterval Time within which something is written to each ready
	 * connection, if need be the codec's heartbeat, whatever the peer sends. The limit of
	 * a peer that wants to hear from its clients, less the delay of the network. Zero:
	 * any time.
	 * @param writeProgressTimeout Time that written bytes may wait without the peer
	 * taking any before the connection is closed. Zero: any time.
	 */
	public record Liveness(@DefaultValue("3s") Duration heartbeatInterval,
			@DefaultValue("8s") Duration heartbeatTimeout, @DefaultValue("0s") Duration readIdleTimeout,
			@DefaultValue("0s") Duration writeIdleInterval, @DefaultValue("10s") Duration writeProgressTimeout) {

		private TcpLiveness toLiveness() {
			Duration interval = Checks.notNegative("backend.tcp.liveness.heartbeat-interval", this.heartbeatInterval);
			return new TcpLiveness(interval,
					Checks.require(interval.isZero() || this.heartbeatTimeout.compareTo(interval) > 0,
							"backend.tcp.liveness.heartbeat-timeout", this.heartbeatTimeout,
							"more than backend.tcp.liveness.heartbeat-interval, " + DurationText.of(interval)),
					Checks.notNegative("backend.tcp.liveness.read-idle-timeout", this.readIdleTimeout),
					Checks.notNegative("backend.tcp.liveness.write-idle-interval", this.writeIdleInterval),
					Checks.notNegative("backend.tcp.liveness.write-progress-timeout", this.writeProgressTimeout));
		}

	}

	/**
	 * At which level messages are logged, by the logger dev.backend.tcp.messages.
	 *
	 * @param level Level of the messages that have none of their own.
	 * @param levels Level by the text of the message id that the codec names.
	 */
	public record Logging(@DefaultValue("off") MessageLogLevel level,
			@DefaultValue Map<String, MessageLogLevel> levels) {

	}

	/**
	 * Whether requests and handlers are observed.
	 *
	 * @param enabled Whether to observe requests and handlers. Enabled automatically if
	 * there is a tracer unless specified otherwise.
	 */
	public record Observations(@Nullable Boolean enabled) {

	}

	/**
	 * When the services count as healthy.
	 *
	 * @param rule How many of the known instances of each group must be usable.
	 * @param requiredServices Names of the services that must be known, and to which the
	 * rule applies. Empty: it applies to all that are known. What stands above all fleets
	 * concerns the fleet that claims it.
	 */
	public record Health(@DefaultValue("any") HealthRule rule, @DefaultValue Set<String> requiredServices) {

	}

}
