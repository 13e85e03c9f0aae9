package dev.backend.tcp;

import dev.backend.execution.PermitGate;
import dev.backend.transport.PlainFailure;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.ConnectionObserver;
import reactor.netty.NettyPipeline;
import reactor.util.context.Context;

/**
 * One attempt to connect a service. It ends once: with a channel, with a failure, or
 * because its {@link Connector} gave it up. Event loop only.
 *
 * <p>
 * <b>Success.</b> The channel is handed on from within reactor-netty's CONFIGURED event,
 * of which this is the last observer: after whatever a client customizer does in
 * {@code doOnConnected}, but before the event loop goes on with what it has read. With
 * TLS, the read that ends the handshake may carry the first messages, too; a task of its
 * own would come too late for them. The value of the {@link Mono} says nothing more. If
 * it comes alone, an observer before this one threw.
 *
 * <p>
 * <b>Failure.</b> Whatever goes wrong, and at whatever moment, is told to the connector
 * and not thrown: the permit of the {@link PermitGate} depends on it.
 */
final class Dial extends BaseSubscriber<Connection> implements ConnectionObserver {

	private @Nullable Connector<?> connector;

	Dial(Connector<?> connector) {
		this.connector = connector;
	}

	void start(TcpTransport transport) {
		Connector<?> connector = this.connector;
		if (connector == null) {
			return;
		}
		try {
			transport.connect(connector.loop(), connector.config(), this, this::requireBridge).subscribe(this);
		}
		catch (Throwable ex) {
			fail(ex);
		}
	}

	/** Gives up. A channel that comes up all the same is closed. */
	void giveUp() {
		this.connector = null;
		dispose();
	}

	@Override
	public void onStateChange(Connection connection, State state) {
		if (state == State.CONFIGURED) {
			succeed(connection);
		}
	}

	@Override
	protected void hookOnNext(Connection connection) {
		later(() -> {
			if (this.connector != null) {
				connection.channel().close();
				fail(new IllegalStateException(
						"a callback of the client customizer failed when the connection was made"));
			}
		});
	}

	@Override
	protected void hookOnError(Throwable cause) {
		later(() -> fail(cause));
	}

	private void later(Runnable end) {
		Connector<?> connector = this.connector;
		if (connector != null) {
			connector.loop().execute(end);
		}
	}

	/** Without reactor-netty's own handler, its events would not come at all. */
	private void requireBridge(Channel channel) {
		if (channel.pipeline().get(NettyPipeline.ReactiveBridge) == null) {
			fail(noBridge());
		}
	}

	private void succeed(Connection connection) {
		Channel channel = connection.channel();
		Connector<?> connector = this.connector;
		if (connector == null) {
			channel.close();
			return;
		}
		if (channel.pipeline().get(NettyPipeline.ReactiveBridge) == null) {
			fail(noBridge());
			channel.close();
			return;
		}
		this.connector = null;
		try {
			connector.onDialSucceeded(this, connection);
		}
		catch (Throwable ex) {
			channel.close();
			connector.onDialFailed(this, ex);
		}
	}

	private void fail(Throwable cause) {
		Connector<?> connector = this.connector;
		if (connector != null) {
			giveUp();
			connector.onDialFailed(this, PlainFailure.of(cause));
		}
	}

	private static IllegalStateException noBridge() {
		return new IllegalStateException(
				"the client customizer removed the handler %s (expected: left in the pipeline until connected)"
					.formatted(NettyPipeline.ReactiveBridge));
	}

	@Override
	public Context currentContext() {
		return Context.empty();
	}

}
