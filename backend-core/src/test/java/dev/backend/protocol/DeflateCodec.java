package dev.backend.protocol;

import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

import dev.backend.BackendService;
import dev.backend.codec.MessageCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

class DeflateCodec extends OrderCodec {

	@Override
	public MessageCodec<Order> forConnection(BackendService service) {
		return new OfConnection();
	}

	private static final class OfConnection extends OrderCodec implements AutoCloseable {

		private static final int MAX_BYTES = 1024 * 1024;

		private final Deflater deflater = new Deflater();

		private final Inflater inflater = new Inflater();

		private final byte[] chunk = new byte[4096];

		@Override
		protected void encodeBody(Order order, ByteBuf out) {
			ByteBuf plain = Unpooled.buffer();
			super.encodeBody(order, plain);
			this.deflater.setInput(ByteBufUtil.getBytes(plain));
			int length;
			while ((length = this.deflater.deflate(this.chunk, 0, this.chunk.length, Deflater.SYNC_FLUSH)) > 0) {
				out.writeBytes(this.chunk, 0, length);
			}
		}

		@Override
		protected Order decodeBody(ByteBuf body) {
			ByteBuf plain = Unpooled.buffer(256, MAX_BYTES);
			this.inflater.setInput(ByteBufUtil.getBytes(body));
			try {
				int length;
				while ((length = this.inflater.inflate(this.chunk)) > 0) {
					plain.writeBytes(this.chunk, 0, length);
				}
			}
			catch (DataFormatException ex) {
				throw new IllegalArgumentException(ex);
			}
			return super.decodeBody(plain);
		}

		@Override
		public void close() {
			this.deflater.end();
			this.inflater.end();
		}

	}

}
