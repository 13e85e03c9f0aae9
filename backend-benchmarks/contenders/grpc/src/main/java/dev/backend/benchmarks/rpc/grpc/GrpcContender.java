package dev.backend.benchmarks.rpc.grpc;

import java.net.InetSocketAddress;

import dev.backend.benchmarks.rpc.client.Contender;
import dev.backend.benchmarks.rpc.client.ContenderClient;
import dev.backend.benchmarks.rpc.client.ReplyCallback;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import org.jspecify.annotations.Nullable;

/**
 * gRPC-Java with its direct executor, which saves it a hop: unary calls for requests, one
 * client-streaming call for one-way messages.
 */
public final class GrpcContender implements Contender {

	private @Nullable ManagedChannel channel;

	private @Nullable StreamObserver<byte[]> stream;

	/**
	 * Runs one work.
	 * @param arguments the arguments of a client process
	 */
	public static void main(String[] arguments) {
		ContenderClient.run(new GrpcContender(), arguments);
	}

	@Override
	public void connect(InetSocketAddress server) {
		this.channel = NettyChannelBuilder.forAddress(server).usePlaintext().directExecutor().build();
	}

	@Override
	public void request(byte[] body, ReplyCallback callback) {
		ClientCalls.asyncUnaryCall(channel().newCall(EchoMethods.ECHO, CallOptions.DEFAULT), body,
				new ReplyObserver(callback));
	}

	@Override
	public byte[] request(byte[] body) {
		return ClientCalls.blockingUnaryCall(channel(), EchoMethods.ECHO, CallOptions.DEFAULT, body);
	}

	@Override
	public void send(byte[] body) {
		StreamObserver<byte[]> current = this.stream;
		if (current == null) {
			current = ClientCalls.asyncClientStreamingCall(channel().newCall(EchoMethods.SEND, CallOptions.DEFAULT),
					new IgnoringObserver());
			this.stream = current;
		}
		current.onNext(body);
	}

	private ManagedChannel channel() {
		ManagedChannel current = this.channel;
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
		channel().shutdownNow();
	}

	private static final class ReplyObserver implements StreamObserver<byte[]> {

		private final ReplyCallback callback;

		ReplyObserver(ReplyCallback callback) {
			this.callback = callback;
		}

		@Override
		public void onNext(byte[] reply) {
			this.callback.replied(reply.length);
		}

		@Override
		public void onError(Throwable cause) {
			this.callback.failed(cause);
		}

		@Override
		public void onCompleted() {
			// The reply is what counts.
		}

	}

	private static final class IgnoringObserver implements StreamObserver<byte[]> {

		@Override
		public void onNext(byte[] reply) {
			// There is none before the end.
		}

		@Override
		public void onError(Throwable cause) {
			cause.printStackTrace();
		}

		@Override
		public void onCompleted() {
			// The process ends.
		}

	}

}
