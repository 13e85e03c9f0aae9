package dev.backend.tcp;

import dev.backend.ServiceConfig;
import dev.backend.execution.PermitGate;
import dev.backend.transport.PlainWords;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.ConnectionObserver;
import reactor.netty.NettyPipeline;
import reactor.util.context.Context;

/**
 * One attempt to connect a service. It ends once: with a channel, with a failure, or
 * because its {@link Owner} gave it up. Event loop only.
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
 * <b>Failure.</b> Whatever goes wrong, and at whatever moment, is told to the owner and
 * not thrown: the permit of the {@link PermitGate} depends on it.
 */
final class Dial extends BaseSubscriber<Connection> implements ConnectionObserver {

	private final EventLoop loop;

	private @Nullable Owner owner;

	/** The last one that was made; each address of a host has its own. */
	private @Nullable Channel channel;

	Dial(EventLoop loop, Owner owner) {
		this.loop = loop;
		this.owner = owner;
	}

	void start(TcpTransport transport, ServiceConfig config) {
		try {
			transport.connect(this.loop, config, this, this::initialized).subscribe(this);
		}
		catch (Throwable ex) {
			fail(ex);
		}
	}

	/** Gives up. A channel that comes up all the same is closed. */
	void giveUp() {
		this.owner = null;
		dispose();
		Channel channel = this.channel;
		if (channel != null) {
			// One that is connected stays open when a handler of its pipeline fails.
			channel.close();
		}
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
			if (this.owner != null) {
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
		if (this.owner != null) {
			this.loop.execute(end);
		}
	}

	/** Without reactor-netty's own handler, its events would not come at all. */
	private void initialized(Channel channel) {
		this.channel = channel;
		if (channel.pipeline().get(NettyPipeline.ReactiveBridge) == null) {
			fail(noBridge());
		}
	}

	private void succeed(Connection connection) {
		Channel channel = connection.channel();
		Owner owner = this.owner;
		if (owner == null) {
			channel.close();
			return;
		}
		if (channel.pipeline().get(NettyPipeline.ReactiveBridge) == null) {
			fail(noBridge());
			channel.close();
			return;
		}
		this.owner = null;
		try {
			owner.dialSucceeded(this, connection);
		}
		catch (Throwable ex) {
			channel.close();
			owner.dialFailed(this, ex);
		}
	}

	private void fail(Throwable cause) {
		Owner owner = this.owner;
		if (owner != null) {
			giveUp();
			owner.dialFailed(this, PlainWords.of(cause));
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

	/** Told how a dial ended, on its event loop. */
	interface Owner {

		/**
		 * There is a channel. What this throws closes it, and fails the dial.
		 * @param dial the dial
		 * @param connection the channel, as reactor-netty has it
		 */
		void dialSucceeded(Dial dial, Connection connection);

		void dialFailed(Dial dial, Throwable cause);

	}

}
