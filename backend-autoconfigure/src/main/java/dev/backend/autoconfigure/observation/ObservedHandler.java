package dev.backend.autoconfigure.observation;

import dev.backend.logging.StandIn;
import dev.backend.tcp.CallbackScope;
import dev.backend.tcp.TcpConnection;
import dev.backend.tcp.TcpHandler;
import dev.backend.tcp.TcpService;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;

/**
 * Observes the handling of each message, around the handler's own scope.
 *
 * @param <M> the type of the messages
 * @param handler the handler
 * @param registry where observations begin
 * @param convention names and keys
 * @param entries finds the trace in the message
 */
record ObservedHandler<M>(TcpHandler<M> handler, ObservationRegistry registry,
		TcpMessageObservationConvention convention, TraceEntries<M> entries) implements TcpHandler<M>, StandIn {

	@Override
	public CallbackScope scope(TcpService<M> service, @Nullable TcpConnection<M> connection, @Nullable M message) {
		if (message == null) {
			return this.handler.scope(service, connection, null);
		}
		Observation observation = Observation.start(this.convention,
				() -> new TcpMessageContext(service, this.entries.extract(service.config(), message)), this.registry);
		Observation.Scope scope = observation.openScope();
		try {
			CallbackScope inner = this.handler.scope(service, connection, message);
			return () -> close(inner, observation, scope);
		}
		catch (Throwable ex) {
			observation.error(ex);
			close(CallbackScope.none(), observation, scope);
			throw ex;
		}
	}

	private static void close(CallbackScope inner, Observation observation, Observation.Scope scope) {
		try {
			inner.close();
		}
		finally {
			scope.close();
			observation.stop();
		}
	}

	@Override
	public void onMessage(TcpConnection<M> connection, M message) throws Exception {
		Observation observation = this.registry.getCurrentObservation();
		try {
			this.handler.onMessage(connection, message);
		}
		catch (Throwable ex) {
			if (observation != null) {
				observation.error(ex);
			}
			throw ex;
		}
	}

	@Override
	public void onConnected(TcpConnection<M> connection) throws Exception {
		this.handler.onConnected(connection);
	}

	@Override
	public boolean onControl(TcpConnection<M> connection, M message) throws Exception {
		return this.handler.onControl(connection, message);
	}

	@Override
	public void onDisconnected(TcpConnection<M> connection, @Nullable Throwable cause) throws Exception {
		this.handler.onDisconnected(connection, cause);
	}

	@Override
	public void onTick(TcpService<M> service) throws Exception {
		this.handler.onTick(service);
	}

	@Override
	public boolean marksReady() {
		return this.handler.marksReady();
	}

	@Override
	public boolean handlesControl() {
		return this.handler.handlesControl();
	}

	@Override
	public String nameOfFailed(Throwable failure) {
		return StandIn.nameOf(this.handler, failure);
	}

}
