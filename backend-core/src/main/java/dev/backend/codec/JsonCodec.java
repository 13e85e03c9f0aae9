package dev.backend.codec;

import java.io.InputStream;
import java.io.OutputStream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.ByteBufOutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Messages that are objects, and JSON in UTF-8 on the wire. Needs Jackson 3
 * ({@code tools.jackson.core:jackson-databind}), which is the application's to add.
 * Override {@link #requestId} and {@link #responseId}, or {@link #correlation}, to send
 * requests.
 *
 * <p>
 * JSON is written without line breaks, whatever the mapper is set to, so that it may
 * stand in lines.
 *
 * @param <M> the type of the messages, both ways
 */
public class JsonCodec<M> extends FramedCodec<M> {

	private final ObjectWriter writer;

	private final ObjectReader reader;

	/**
	 * Creates the codec.
	 * @param framing where a frame begins and ends
	 * @param mapper how objects become JSON and back, for example the application's bean
	 * @param type the class of the messages
	 */
	public JsonCodec(Framing framing, JsonMapper mapper, Class<M> type) {
		this(framing, mapper, mapper.constructType(type));
	}

	/**
	 * Creates the codec for a generic type.
	 * @param framing where a frame begins and ends
	 * @param mapper how objects become JSON and back
	 * @param type the type of the messages; must be {@code M}
	 */
	public JsonCodec(Framing framing, JsonMapper mapper, JavaType type) {
		super(framing);
		this.writer = mapper.writerFor(type).without(SerializationFeature.INDENT_OUTPUT);
		this.reader = mapper.readerFor(type);
	}

	@Override
	protected void encodeBody(M message, ByteBuf out) throws Exception {
		try (OutputStream stream = new ByteBufOutputStream(out)) {
			this.writer.writeValue(stream, message);
		}
	}

	@Override
	protected @Nullable M decodeBody(ByteBuf body) throws Exception {
		try (InputStream stream = new ByteBufInputStream(body)) {
			M message = this.reader.readValue(stream);
			if (message == null) {
				throw new CodecException("JSON message: null (expected: an object)");
			}
			return message;
		}
	}

}
