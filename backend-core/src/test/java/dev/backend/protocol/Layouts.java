package dev.backend.protocol;

import dev.backend.codec.Checksum;
import dev.backend.codec.Escaping;
import dev.backend.codec.FieldFormat;
import dev.backend.codec.FrameLayout;
import dev.backend.codec.FrameLayout.Counted;

/** Frames of known protocols. */
final class Layouts {

	static final FrameLayout PROTOBUF_DELIMITED = FrameLayout.builder()
		.length(FieldFormat.varint(5), Counted.BODY)
		.body()
		.build();

	static final FrameLayout NETSTRING = FrameLayout.builder()
		.length(FieldFormat.decimalUntil(':', 7), Counted.BODY)
		.body()
		.end(",")
		.build();

	static final FrameLayout STX_ETX = FrameLayout.builder()
		.start(0x02)
		.body()
		.end(0x03)
		.checksum(1, Checksum.xor())
		.build();

	static final FrameLayout MLLP = FrameLayout.builder().start(0x0B).body().end(0x1C, 0x0D).build();

	static final FrameLayout SLIP = FrameLayout.builder()
		.start(0xC0)
		.body()
		.end(0xC0)
		.escaping(Escaping.by(0xDB).replacing(0xC0, 0xDC).replacing(0xDB, 0xDD))
		.build();

	static final FrameLayout MEMCACHED = FrameLayout.builder()
		.field("magic", 1)
		.type(1)
		.field("keyBytes", 2)
		.field("extrasBytes", 1)
		.field("dataType", 1)
		.field("status", 2)
		.length(4, Counted.BODY)
		.id(4)
		.field("cas", 8)
		.body()
		.build();

	private Layouts() {
	}

}
