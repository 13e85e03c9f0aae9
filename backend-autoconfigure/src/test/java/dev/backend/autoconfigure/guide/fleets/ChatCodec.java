package dev.backend.autoconfigure.guide.fleets;

import java.nio.charset.StandardCharsets;

import dev.backend.codec.DelimiterFraming;
import dev.backend.codec.TextCodec;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Component;

@Component
@Qualifier("chat")
class ChatCodec extends TextCodec {

	ChatCodec() {
		super(DelimiterFraming.line(), StandardCharsets.UTF_8);
	}

	@Override
	public Correlation correlation() {
		return Correlation.IN_ORDER;
	}

}
