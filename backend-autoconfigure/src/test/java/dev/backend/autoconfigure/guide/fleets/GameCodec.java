package dev.backend.autoconfigure.guide.fleets;

import dev.backend.codec.JsonCodec;
import dev.backend.codec.LengthFieldFraming;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.stereotype.Component;

@Component
class GameCodec extends JsonCodec<Move> {

	GameCodec(JsonMapper mapper) {
		super(LengthFieldFraming.of(4), mapper, Move.class);
	}

	@Override
	public Object requestId(Move message) {
		return message.id();
	}

	@Override
	public @Nullable Object responseId(Move message) {
		return (message.id() != 0) ? message.id() : null;
	}

}
