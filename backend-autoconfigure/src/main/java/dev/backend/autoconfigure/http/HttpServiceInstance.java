package dev.backend.autoconfigure.http;

import java.net.URI;
import java.util.Map;

import dev.backend.http.HttpService;

import org.springframework.cloud.client.ServiceInstance;

/**
 * An instance as Spring Cloud sees it.
 *
 * @param service the instance
 */
record HttpServiceInstance(HttpService service) implements ServiceInstance {

	@Override
	public String getInstanceId() {
		return this.service.id();
	}

	@Override
	public String getServiceId() {
		return this.service.name();
	}

	@Override
	public String getHost() {
		String host = this.service.uri().getHost();
		return (host != null) ? host : this.service.config().address();
	}

	@Override
	public int getPort() {
		return this.service.config().port();
	}

	@Override
	public boolean isSecure() {
		return getScheme().equals("https");
	}

	@Override
	public URI getUri() {
		return this.service.uri();
	}

	@Override
	public Map<String, String> getMetadata() {
		return this.service.config().metadata();
	}

	@Override
	public String getScheme() {
		return this.service.config().scheme();
	}

}
