package dev.backend.sample.protocol;

import dev.backend.codec.CodecException;
import dev.backend.sample.protocol.GameMessage.Kind;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class GameMessageCodecTests {

	private static final GameMessage MESSAGE = new GameMessage(Kind.REPLY, Long.MIN_VALUE, "game-1", "玩家 says hello");

	private final GameMessageCodec codec = new GameMessageCodec();

	private final ByteBuf buffer = Unpooled.buffer();

	@Test
	void whatIsEncodedIsDecoded() {
		this.codec.encode(MESSAGE, this.buffer);
		this.codec.encode(GameMessage.request(1, ""), this.buffer);
		assertThat(this.codec.decode(this.buffer)).isEqualTo(MESSAGE);
		assertThat(this.codec.decode(this.buffer)).isEqualTo(GameMessage.request(1, ""));
		assertThat(this.buffer.isReadable()).isFalse();
	}

	@Test
	void whenFrameIsNotCompleteThenNothingIsTaken() {
		this.codec.encode(MESSAGE, this.buffer);
		for (int length = 1; length < this.buffer.readableBytes(); length++) {
			ByteBuf part = this.buffer.slice(0, length);
			assertThat(this.codec.decode(part)).isNull();
			assertThat(part.readerIndex()).isZero();
		}
	}

	@Test
	void whenLengthIsImpossibleThenProtocolIsViolated() {
		for (int length : new int[] { -1, 0, 9, GameMessageCodec.MAXIMUM_FRAME, Integer.MAX_VALUE }) {
			assertThatExceptionOfType(CodecException.class)
				.isThrownBy(() -> this.codec.decode(Unpooled.buffer().writeInt(length)))
				.withMessageContaining("frame length: " + length);
		}
	}

	@Test
	void whenKindOrServerIsImpossibleThenProtocolIsViolated() {
		ByteBuf unknownKind = Unpooled.buffer().writeInt(10).writeByte(9).writeLong(1).writeByte(0);
		assertThatExceptionOfType(CodecException.class).isThrownBy(() -> this.codec.decode(unknownKind))
			.withMessageContaining("kind 9");
		ByteBuf longServer = Unpooled.buffer().writeInt(10).writeByte(0).writeLong(1).writeByte(200);
		assertThatExceptionOfType(CodecException.class).isThrownBy(() -> this.codec.decode(longServer))
			.withMessageContaining("200 bytes");
	}

	@Test
	void onlyRepliesAnswerRequests() {
		assertThat(this.codec.requestId(GameMessage.request(7, "a"))).isEqualTo(7L);
		assertThat(this.codec.responseId(GameMessage.request(7, "a").answeredBy("game-1"))).isEqualTo(7L);
		assertThat(this.codec.responseId(GameMessage.notice(7, "a").answeredBy("game-1"))).isNull();
		assertThat(this.codec.responseId(GameMessage.request(7, "a"))).isNull();
	}

}
