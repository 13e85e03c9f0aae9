package dev.backend.autoconfigure.fleet;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

import static org.assertj.core.api.Assertions.assertThat;

class FleetBinderTests {

	/** As application.yml does, behind the properties of the system. */
	@ParameterizedTest
	@ValueSource(strings = { "route.services", "route.services[0]" })
	void whenAListStandsAboveAllFleetsInALaterSourceThenAFleetHasIt(String property) {
		StandardEnvironment environment = new StandardEnvironment();
		environment.getPropertySources()
			.addLast(new MapPropertySource("file",
					Map.of("backend.http.fleets.pay.services", "pay", "backend.http." + property, "pay")));
		ConfigurationPropertySources.attach(environment);
		Properties properties = new FleetBinder("backend.http", environment).bind("pay", Properties.class);
		assertThat(properties.route().services()).containsExactly("pay");
	}

	record Properties(List<String> services, Route route) {

	}

	record Route(List<String> services) {

	}

}
