package dev.backend.autoconfigure.http;

import java.net.URI;

import dev.backend.http.HttpService;

import org.springframework.http.HttpRequest;
import org.springframework.http.client.support.HttpRequestWrapper;

/**
 * A request of a {@code RestClient} or {@code RestTemplate} at an instance.
 */
final class RoutedRestRequest extends HttpRequestWrapper {

	private final URI uri;

	RoutedRestRequest(HttpRequest request, HttpService service) {
		super(request);
		this.uri = InstanceUris.at(service.uri(), request.getURI());
	}

	@Override
	public URI getURI() {
		return this.uri;
	}

	/** Whether a request was routed already, whatever it was wrapped in after that. */
	static boolean is(HttpRequest request) {
		HttpRequest current = request;
		while (current instanceof HttpRequestWrapper wrapper) {
			if (wrapper instanceof RoutedRestRequest) {
				return true;
			}
			current = wrapper.getRequest();
		}
		return false;
	}

}
