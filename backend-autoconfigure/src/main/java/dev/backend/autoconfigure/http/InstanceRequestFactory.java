package dev.backend.autoconfigure.http;

import java.io.IOException;
import java.net.URI;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.ClientHttpResponse;

/**
 * Makes the requests of the client of one instance: they go there, and those that fail
 * without an answer make it be probed at once. Thread-safe.
 *
 * @param delegate the factory of the client library
 * @param place the instance
 */
record InstanceRequestFactory(ClientHttpRequestFactory delegate,
		InstancePlace place) implements ClientHttpRequestFactory {

	@Override
	public ClientHttpRequest createRequest(URI uri, HttpMethod method) throws IOException {
		return new Request(this.delegate, method, uri, this.place);
	}

	private static final class Request extends DeferredRestRequest {

		private final InstancePlace place;

		Request(ClientHttpRequestFactory factory, HttpMethod method, URI uri, InstancePlace place) {
			super(factory, method, uri);
			this.place = place;
		}

		@Override
		protected ClientHttpResponse executeInternal(HttpHeaders headers) throws IOException {
			URI uri = this.place.isCalledBy(getURI()) ? this.place.locate(getURI()) : getURI();
			try {
				return answered(send(requestTo(uri, headers), bodyToSend()));
			}
			catch (IOException ex) {
				this.place.probe();
				throw ex;
			}
		}

		/** Some clients wait for the answer only now. */
		private static ClientHttpResponse answered(ClientHttpResponse response) throws IOException {
			try {
				response.getStatusCode();
				return response;
			}
			catch (IOException | RuntimeException ex) {
				response.close();
				throw ex;
			}
		}

	}

}
