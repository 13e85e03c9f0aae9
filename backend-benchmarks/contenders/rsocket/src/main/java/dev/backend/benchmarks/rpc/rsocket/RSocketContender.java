package dev.backend.benchmarks.rpc.rsocket;

import java.net.InetSocketAddress;

import dev.backend.benchmarks.rpc.client.Contender;
import dev.backend.benchmarks.rpc.client.ContenderClient;
import dev.backend.benchmarks.rpc.client.ReplyCallback;
import io.netty.channel.epoll.Epoll;
import io.rsocket.Payload;
import io.rsocket.RSocket;
import io.rsocket.core.RSocketConnector;
import io.rsocket.frame.decoder.PayloadDecoder;
import io.rsocket.transport.netty.client.TcpClientTransport;
import io.rsocket.util.ByteBufPayload;
import org.jspecify.annotations.Nullable;

/**
 * RSocket over TCP with zero-copy payloads: request-response and fire-and-forget.
 */
public final class RSocketContender implements Contender {

	private @Nullable RSocket socket;

	/**
	 * Runs one work.
	 * @param arguments the arguments of a client process
	 */
	public static void main(String[] arguments) {
		ContenderClient.run(new RSocketContender(), arguments);
	}

	@Override
	public void connect(InetSocketAddress server) {
		this.socket = RSocketConnector.create()
			.payloadDecoder(PayloadDecoder.ZERO_COPY)
			.connect(TcpClientTransport.create(server))
			.block();
	}

	@Override
	public void request(byte[] body, ReplyCallback callback) {
		socket().requestResponse(ByteBufPayload.create(body)).subscribe((reply) -> {
			int length = reply.data().readableBytes();
			reply.release();
			callback.replied(length);
		}, callback::failed);
	}

	@Override
	public byte[] request(byte[] body) {
		Payload reply = socket().requestResponse(ByteBufPayload.create(body)).block();
		if (reply == null) {
			throw new IllegalStateException("completed without a reply");
		}
		byte[] bytes = new byte[reply.data().readableBytes()];
		reply.data().readBytes(bytes);
		reply.release();
		return bytes;
	}

	@Override
	public void send(byte[] body) {
		socket().fireAndForget(ByteBufPayload.create(body)).subscribe();
	}

	private RSocket socket() {
		RSocket current = this.socket;
		if (current == null) {
			throw new IllegalStateException("not connected");
		}
		return current;
	}

	@Override
	public String transport() {
		return Epoll.isAvailable() ? "epoll" : "nio";
	}

	@Override
	public void close() {
		socket().dispose();
	}

}
