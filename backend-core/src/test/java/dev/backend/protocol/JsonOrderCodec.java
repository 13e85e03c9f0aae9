package dev.backend.protocol;

import dev.backend.codec.DelimiterFraming;
import dev.backend.codec.JsonCodec;
import tools.jackson.databind.json.JsonMapper;

class JsonOrderCodec extends JsonCodec<Order> {

	JsonOrderCodec(JsonMapper mapper) {
		super(DelimiterFraming.line(), mapper, Order.class);
	}

	@Override
	public Object requestId(Order order) {
		return order.id();
	}

	@Override
	public Object responseId(Order order) {
		return order.id();
	}

}
