package dev.backend.protocol;

import java.nio.charset.StandardCharsets;

import dev.backend.codec.DelimiterFraming;
import dev.backend.codec.TextCodec;

class LineCodec extends TextCodec {

	LineCodec() {
		super(DelimiterFraming.crlfLine(), StandardCharsets.UTF_8);
	}

	@Override
	public Correlation correlation() {
		return Correlation.IN_ORDER;
	}

}
