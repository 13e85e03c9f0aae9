package dev.backend.protocol;

import dev.backend.codec.CodecException;
import dev.backend.codec.MessageCodec;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

class MqttCodec implements MessageCodec<MqttPacket> {

	private static final MqttPacket PING = new MqttPacket(MqttPacket.PINGREQ, new byte[0]);

	@Override
	public void encode(MqttPacket packet, ByteBuf out) {
		out.writeByte(packet.header());
		int length = packet.body().length;
		for (; length >= 0x80; length >>>= 7) {
			out.writeByte(length | 0x80);
		}
		out.writeByte(length).writeBytes(packet.body());
	}

	@Override
	public @Nullable MqttPacket decode(ByteBuf in) {
		int length = 0;
		for (int i = 0; i < 4 && in.readableBytes() > i + 1; i++) {
			byte next = in.getByte(in.readerIndex() + i + 1);
			length |= (next & 0x7F) << 7 * i;
			if (next >= 0) {
				return body(in, i + 2, length);
			}
		}
		if (in.readableBytes() > 4) {
			throw new CodecException("length of more than 4 bytes");
		}
		return null;
	}

	private static @Nullable MqttPacket body(ByteBuf in, int headerBytes, int length) {
		if (in.readableBytes() < headerBytes + length) {
			return null;
		}
		MqttPacket packet = new MqttPacket(in.readByte(), new byte[length]);
		in.skipBytes(headerBytes - 1).readBytes(packet.body());
		return packet;
	}

	/** The login asks for these, one after another. */
	@Override
	public @Nullable Object responseId(MqttPacket packet) {
		return switch (packet.header()) {
			case MqttPacket.CONNACK, MqttPacket.SUBACK -> packet.header();
			default -> null;
		};
	}

	@Override
	public MqttPacket heartbeat() {
		return PING;
	}

}
