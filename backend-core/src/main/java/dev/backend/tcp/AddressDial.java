package dev.backend.tcp;

import dev.backend.ServiceConfig;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.ConnectionObserver;
import reactor.netty.NettyPipeline;
import reactor.util.context.Context;

/**
 * What a {@link Dial} does with one address. It ends once: with a channel, with a
 * failure, or because the dial gave it up. Event loop only.
 *
 * <p>
 * The channel is handed on from within reactor-netty's CONFIGURED event, of which this is
 * the last observer: after whatever a client customizer does in {@code doOnConnected},
 * but before the event loop goes on with what it has read. With TLS, the read that ends
 * the handshake may carry the first messages, too; a task of its own would come too late
 * for them. The value of the {@link Mono} says nothing more. If it comes alone, an
 * observer before this one threw.
 */
final class AddressDial extends BaseSubscriber<Connection> implements ConnectionObserver {

	private final EventLoop loop;

	private @Nullable Dial dial;

	private @Nullable Channel channel;

	AddressDial(EventLoop loop, Dial dial) {
		this.loop = loop;
		this.dial = dial;
	}

	void start(TcpTransport transport, ServiceConfig config, DialAddresses addresses) {
		try {
			transport.connect(this.loop, config, addresses, this, this::initialized).subscribe(this);
		}
		catch (Throwable ex) {
			fail(ex);
		}
	}

	/** Gives up. A channel that is there, or comes up all the same, is closed. */
	void giveUp() {
		this.dial = null;
		dispose();
		if (this.channel != null) {
			// Not by the pipeline, in which a handler may have failed.
			this.channel.unsafe().close(this.channel.voidPromise());
		}
	}

	/** Whether somebody took the connection, which is not there before TLS is. */
	boolean accepted() {
		Channel channel = this.channel;
		return channel != null && channel.isActive() && channel.pipeline().get(SslHandler.class) != null;
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
			if (this.dial != null) {
				connection.channel().close();
				failForGood(new IllegalStateException(
						"a callback of the client customizer failed when the connection was made"));
			}
		});
	}

	@Override
	protected void hookOnError(Throwable cause) {
		later(() -> fail(cause));
	}

	private void later(Runnable end) {
		if (this.dial != null) {
			this.loop.execute(end);
		}
	}

	/** Without reactor-netty's own handler, its events would not come at all. */
	private void initialized(Channel channel) {
		this.channel = channel;
		if (channel.pipeline().get(NettyPipeline.ReactiveBridge) == null) {
			failForGood(noBridge());
		}
	}

	private void succeed(Connection connection) {
		Channel channel = connection.channel();
		Dial dial = this.dial;
		if (dial == null) {
			channel.close();
			return;
		}
		if (channel.pipeline().get(NettyPipeline.ReactiveBridge) == null) {
			failForGood(noBridge());
			channel.close();
			return;
		}
		this.dial = null;
		dial.succeeded(connection);
	}

	private void fail(Throwable cause) {
		Dial dial = this.dial;
		if (dial != null) {
			giveUp();
			dial.failed(cause);
		}
	}

	/** For what another address does not change. */
	private void failForGood(Throwable cause) {
		Dial dial = this.dial;
		if (dial != null) {
			giveUp();
			dial.end(cause);
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
