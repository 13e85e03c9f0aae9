package dev.backend.autoconfigure.http;

import dev.backend.http.HttpBackend;

/**
 * Makes the {@link HttpBackend} beans; named by their bean definitions.
 */
final class HttpBackendFactory {

	private HttpBackendFactory() {
	}

	/**
	 * Makes the backend without a name.
	 */
	static HttpBackend only(String beanName, HttpBackend.Builder builder) {
		return builder.name(beanName).build();
	}

	/**
	 * Makes the backend of a fleet.
	 */
	static HttpBackend fleet(String beanName, String fleetName, HttpBackendBuilderConfigurer configurer) {
		return configurer.configure(HttpBackend.builder(), fleetName).name(beanName).build();
	}

}
