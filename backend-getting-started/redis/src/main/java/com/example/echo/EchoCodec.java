package com.example.echo;

import java.nio.charset.StandardCharsets;

import dev.backend.codec.DelimiterFraming;
import dev.backend.codec.TextCodec;

import org.springframework.stereotype.Component;

@Component
class EchoCodec extends TextCodec {

	EchoCodec() {
		super(DelimiterFraming.line(), StandardCharsets.UTF_8);
	}

	@Override
	public Correlation correlation() {
		return Correlation.IN_ORDER;
	}

}
