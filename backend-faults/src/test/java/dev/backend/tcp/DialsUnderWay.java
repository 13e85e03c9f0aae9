package dev.backend.tcp;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import reactor.netty.tcp.TcpClient;

/**
 * Counts the dials of a backend at their channels: each from its registration until it is
 * connected or closed.
 */
final class DialsUnderWay {

	private final AtomicInteger present = new AtomicInteger();

	private final AtomicInteger most = new AtomicInteger();

	private final AtomicInteger all = new AtomicInteger();

	/** A client customizer. */
	TcpClient count(TcpClient client) {
		return client.doOnChannelInit((observer, channel, address) -> begin(channel));
	}

	private void begin(Channel channel) {
		this.all.incrementAndGet();
		this.most.accumulateAndGet(this.present.incrementAndGet(), Math::max);
		AtomicBoolean ended = new AtomicBoolean();
		Runnable end = () -> {
			if (ended.compareAndSet(false, true)) {
				this.present.decrementAndGet();
			}
		};
		channel.closeFuture().addListener((closed) -> end.run());
		channel.pipeline().addFirst(new ChannelInboundHandlerAdapter() {
			@Override
			public void channelActive(ChannelHandlerContext context) throws Exception {
				end.run();
				super.channelActive(context);
			}
		});
	}

	int present() {
		return this.present.get();
	}

	/** The most at any moment. */
	int most() {
		return this.most.get();
	}

	int all() {
		return this.all.get();
	}

}
