package dev.backend.protocol;

import dev.backend.BackendService;
import dev.backend.codec.MessageCodec;
import tools.jackson.databind.json.JsonMapper;

class VersionedCodec extends OrderCodec {

	private final MessageCodec<Order> second = new JsonOrderCodec(JsonMapper.shared());

	@Override
	public MessageCodec<Order> forConnection(BackendService service) {
		String version = service.config().metadata().getOrDefault("protocol", "1");
		return switch (version) {
			case "1" -> this;
			case "2" -> this.second;
			default -> throw new IllegalArgumentException("protocol: %s (expected: 1 or 2)".formatted(version));
		};
	}

}
