package dev.backend.tcp;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.backend.BackendService;
import dev.backend.codec.MessageCodec;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Each connection has a codec of its own that remembers when it was used and closed; but
 * for instances whose id begins with {@code shared}. Text that begins with {@code bad}
 * can be neither encoded nor decoded.
 */
class ClosingCodec extends Frame.Codec implements AutoCloseable {

	final List<ClosingCodec> made = new CopyOnWriteArrayList<>();

	/** {@code encode}, {@code decode} and {@code close}, as they were called. */
	final List<String> calls = new CopyOnWriteArrayList<>();

	private volatile @Nullable Thread user;

	@Override
	public MessageCodec<Frame> forConnection(BackendService service) throws Exception {
		if (service.id().startsWith("shared")) {
			return this;
		}
		ClosingCodec own = new ClosingCodec();
		this.made.add(own);
		return own;
	}

	@Override
	public void encode(Frame message, ByteBuf out) throws Exception {
		called("encode");
		refuse(message);
		super.encode(message, out);
	}

	@Override
	public @Nullable Frame decode(ByteBuf in) throws Exception {
		called("decode");
		Frame frame = super.decode(in);
		if (frame != null) {
			refuse(frame);
		}
		return frame;
	}

	private static void refuse(Frame frame) {
		if (frame.text().startsWith("bad")) {
			throw new IllegalArgumentException("on purpose");
		}
	}

	@Override
	public void close() {
		called((this.user == Thread.currentThread()) ? "close" : "close on another thread");
	}

	private void called(String method) {
		this.user = (this.user != null) ? this.user : Thread.currentThread();
		this.calls.add(method);
	}

	long closes() {
		return this.calls.stream().filter((call) -> call.startsWith("close")).count();
	}

}
