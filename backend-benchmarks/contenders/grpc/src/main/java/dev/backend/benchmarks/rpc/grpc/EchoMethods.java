package dev.backend.benchmarks.rpc.grpc;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;

/**
 * The two methods of the service, without Protocol Buffers: a message is its body. Bodies
 * are read and written in one piece, as the marshaller of Protocol Buffers does.
 */
final class EchoMethods {

	static final String SERVICE = "Echo";

	static final MethodDescriptor<byte[], byte[]> ECHO = method("Echo", MethodDescriptor.MethodType.UNARY);

	static final MethodDescriptor<byte[], byte[]> SEND = method("Send", MethodDescriptor.MethodType.CLIENT_STREAMING);

	private EchoMethods() {
	}

	private static MethodDescriptor<byte[], byte[]> method(String name, MethodDescriptor.MethodType type) {
		return MethodDescriptor.<byte[], byte[]>newBuilder()
			.setType(type)
			.setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
			.setRequestMarshaller(new BytesMarshaller())
			.setResponseMarshaller(new BytesMarshaller())
			.build();
	}

	private static final class BytesMarshaller implements MethodDescriptor.Marshaller<byte[]> {

		@Override
		public InputStream stream(byte[] value) {
			return new BytesInputStream(value);
		}

		@Override
		public byte[] parse(InputStream stream) {
			try {
				return stream.readNBytes(stream.available());
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	}

	/**
	 * Written in one piece, without the buffer that gRPC copies other streams through.
	 */
	private static final class BytesInputStream extends ByteArrayInputStream implements KnownLength, Drainable {

		BytesInputStream(byte[] bytes) {
			super(bytes);
		}

		@Override
		public int drainTo(OutputStream target) throws IOException {
			return (int) transferTo(target);
		}

	}

}
