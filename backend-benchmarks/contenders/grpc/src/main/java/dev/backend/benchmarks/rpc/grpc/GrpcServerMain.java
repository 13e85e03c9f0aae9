package dev.backend.benchmarks.rpc.grpc;

import java.net.InetSocketAddress;

import dev.backend.benchmarks.rpc.server.ContenderServer;
import dev.backend.benchmarks.rpc.server.ReceivedCounter;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;

/**
 * The server of {@link GrpcContender}.
 */
public final class GrpcServerMain {

	private GrpcServerMain() {
	}

	/**
	 * Runs the server until the parent process ends.
	 * @param arguments none
	 * @throws Exception if it cannot start
	 */
	public static void main(String[] arguments) throws Exception {
		ReceivedCounter counter = new ReceivedCounter();
		ServerServiceDefinition service = ServerServiceDefinition.builder(EchoMethods.SERVICE)
			.addMethod(EchoMethods.ECHO, ServerCalls.asyncUnaryCall(GrpcServerMain::echo))
			.addMethod(EchoMethods.SEND, ServerCalls.asyncClientStreamingCall((replies) -> new Counting(counter)))
			.build();
		Server server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
			.directExecutor()
			.addService(service)
			.build()
			.start();
		ContenderServer.run(server.getPort(), counter);
	}

	private static void echo(byte[] request, StreamObserver<byte[]> reply) {
		reply.onNext(request);
		reply.onCompleted();
	}

	private static final class Counting implements StreamObserver<byte[]> {

		private final ReceivedCounter counter;

		Counting(ReceivedCounter counter) {
			this.counter = counter;
		}

		@Override
		public void onNext(byte[] message) {
			this.counter.add(1);
		}

		@Override
		public void onError(Throwable cause) {
			// The client went away, as it does.
		}

		@Override
		public void onCompleted() {
			// Nothing is left to do.
		}

	}

}
