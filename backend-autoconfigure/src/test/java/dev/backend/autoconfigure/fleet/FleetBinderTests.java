package dev.backend.autoconfigure.fleet;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

import dev.backend.autoconfigure.tcp.TcpBackendProperties;
import org.junit.jupiter.api.Test;

import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

class FleetBinderTests {

	private final Map<String, Object> properties = new LinkedHashMap<>(
			Map.of("backend.tcp.fleets.game.services", "game", "backend.tcp.fleets.chat.services", "chat",
					"backend.tcp.fleets.chat.health.required-services[0]", "chat"));

	@Test
	void whenAListAboveAllFleetsHasIndexesAsInYamlThenAFleetTakesItOrHasItsOwn() {
		this.properties.put("backend.tcp.health.required-services[0]", "game");
		this.properties.put("backend.tcp.health.required-services[1]", "lobby");
		assertThat(required("game")).containsExactly("game", "lobby");
		assertThat(required("chat")).containsExactly("chat");
	}

	@Test
	void whenAListAboveAllFleetsIsOneTextThenAFleetTakesItOrHasItsOwn() {
		this.properties.put("backend.tcp.health.required-services", "game, lobby");
		assertThat(required("game")).containsExactly("game", "lobby");
		assertThat(required("chat")).containsExactly("chat");
	}

	@Test
	void whenAFleetSaysThatAListIsEmptyThenItIs() {
		this.properties.put("backend.tcp.health.required-services[0]", "game");
		this.properties.put("backend.tcp.fleets.game.health.required-services", "");
		assertThat(required("game")).isEmpty();
	}

	private Set<String> required(String fleet) {
		StandardEnvironment environment = new StandardEnvironment();
		environment.getPropertySources().addFirst(new MapPropertySource("test", this.properties));
		return new FleetBinder("backend.tcp", environment).bind(fleet, TcpBackendProperties.class)
			.health()
			.requiredServices();
	}

}
