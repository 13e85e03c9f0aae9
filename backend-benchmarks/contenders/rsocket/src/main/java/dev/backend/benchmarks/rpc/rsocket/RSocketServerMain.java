package dev.backend.benchmarks.rpc.rsocket;

import dev.backend.benchmarks.rpc.server.ContenderServer;
import dev.backend.benchmarks.rpc.server.ReceivedCounter;
import io.rsocket.Payload;
import io.rsocket.RSocket;
import io.rsocket.SocketAcceptor;
import io.rsocket.core.RSocketServer;
import io.rsocket.frame.decoder.PayloadDecoder;
import io.rsocket.transport.netty.server.CloseableChannel;
import io.rsocket.transport.netty.server.TcpServerTransport;
import reactor.core.publisher.Mono;

/**
 * The server of {@link RSocketContender}.
 */
public final class RSocketServerMain {

	private RSocketServerMain() {
	}

	/**
	 * Runs the server until the parent process ends.
	 * @param arguments none
	 * @throws Exception if it cannot start
	 */
	public static void main(String[] arguments) throws Exception {
		ReceivedCounter counter = new ReceivedCounter();
		CloseableChannel channel = RSocketServer.create(SocketAcceptor.with(new Echo(counter)))
			.payloadDecoder(PayloadDecoder.ZERO_COPY)
			.bindNow(TcpServerTransport.create("127.0.0.1", 0));
		ContenderServer.run(channel.address().getPort(), counter);
	}

	private static final class Echo implements RSocket {

		private final ReceivedCounter counter;

		Echo(ReceivedCounter counter) {
			this.counter = counter;
		}

		@Override
		public Mono<Payload> requestResponse(Payload payload) {
			return Mono.just(payload);
		}

		@Override
		public Mono<Void> fireAndForget(Payload payload) {
			payload.release();
			this.counter.add(1);
			return Mono.empty();
		}

	}

}
