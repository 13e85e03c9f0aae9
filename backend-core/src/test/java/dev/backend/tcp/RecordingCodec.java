package dev.backend.tcp;

import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import dev.backend.BackendService;
import dev.backend.codec.MessageCodec;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Remembers which of its methods were called, and by which threads. Each connection has
 * one of its own, which would match replies in another way.
 */
class RecordingCodec extends Frame.Codec {

	/** The names of the threads, by that of the method. */
	final Map<String, Set<String>> calls = new ConcurrentHashMap<>();

	private final Correlation correlation;

	private final @Nullable RecordingCodec own;

	RecordingCodec(Correlation correlation) {
		this.correlation = correlation;
		this.own = new RecordingCodec((correlation == Correlation.BY_ID) ? Correlation.IN_ORDER : Correlation.BY_ID,
				null);
	}

	private RecordingCodec(Correlation correlation, @Nullable RecordingCodec own) {
		this.correlation = correlation;
		this.own = own;
	}

	private void called(String method) {
		this.calls.computeIfAbsent(method, (key) -> ConcurrentHashMap.newKeySet())
			.add(Thread.currentThread().getName());
	}

	/** The one of the connection. */
	RecordingCodec own() {
		return Objects.requireNonNull(this.own);
	}

	@Override
	public MessageCodec<Frame> forConnection(BackendService service) {
		called("forConnection");
		return own();
	}

	@Override
	public void encode(Frame message, ByteBuf out) throws Exception {
		called("encode");
		super.encode(message, out);
	}

	@Override
	public @Nullable Frame decode(ByteBuf in) throws Exception {
		called("decode");
		return super.decode(in);
	}

	@Override
	public Correlation correlation() {
		called("correlation");
		return this.correlation;
	}

	@Override
	public @Nullable Object requestId(Frame message) {
		called("requestId");
		return super.requestId(message);
	}

	@Override
	public @Nullable Object responseId(Frame message) {
		called("responseId");
		return super.responseId(message);
	}

	@Override
	public boolean isPush(Frame message) {
		called("isPush");
		return message.kind() == Frame.PUSH;
	}

	@Override
	public boolean expectsReply(Frame message) {
		called("expectsReply");
		return message.kind() == Frame.REQUEST;
	}

	@Override
	public @Nullable Object messageId(Frame message) {
		called("messageId");
		return null;
	}

	@Override
	public @Nullable Object orderKey(Frame message) {
		called("orderKey");
		return message.text();
	}

	@Override
	public @Nullable Frame heartbeat() {
		called("heartbeat");
		return Frame.push("heartbeat");
	}

}
