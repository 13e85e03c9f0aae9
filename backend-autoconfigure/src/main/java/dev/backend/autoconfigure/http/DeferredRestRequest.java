package dev.backend.autoconfigure.http;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.StreamingHttpOutputMessage;
import org.springframework.http.client.AbstractClientHttpRequest;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.util.Assert;
import org.springframework.util.FastByteArrayOutputStream;

/**
 * A request of a {@code RestClient} or {@code RestTemplate} whose place is found when it
 * is executed: the request of the client library is made then, and its body is streamed
 * there. Used by one thread, as every request.
 */
abstract class DeferredRestRequest extends AbstractClientHttpRequest implements StreamingHttpOutputMessage {

	/** Says that a request was led already, wherever it goes then. */
	private static final String LED = DeferredRestRequest.class.getName();

	private final ClientHttpRequestFactory factory;

	private final HttpMethod method;

	private final URI uri;

	private @Nullable Body body;

	private @Nullable FastByteArrayOutputStream buffer;

	/**
	 * Creates a request.
	 * @param factory makes the requests of the client library
	 * @param method what is to be done
	 * @param uri with the name of a service as its host
	 */
	DeferredRestRequest(ClientHttpRequestFactory factory, HttpMethod method, URI uri) {
		this.factory = factory;
		this.method = method;
		this.uri = uri;
	}

	@Override
	public HttpMethod getMethod() {
		return this.method;
	}

	@Override
	public URI getURI() {
		return this.uri;
	}

	@Override
	public void setBody(Body body) {
		assertNotExecuted();
		Assert.state(this.buffer == null, "Call either getBody or setBody, not both");
		this.body = body;
	}

	/** Holds the whole body: whoever wants to stream it calls {@link #setBody(Body)}. */
	@Override
	protected OutputStream getBodyInternal(HttpHeaders headers) {
		FastByteArrayOutputStream buffer = this.buffer;
		if (buffer == null) {
			Assert.state(this.body == null, "Call either getBody or setBody, not both");
			buffer = new FastByteArrayOutputStream(1024);
			this.buffer = buffer;
			this.body = new BufferedBody(buffer);
		}
		return buffer;
	}

	/** Whether this request was led before it came here. */
	boolean isLed() {
		return getAttributes().containsKey(LED);
	}

	/** Returns the body for one attempt, or {@code null} if there is none. */
	@Nullable SentBody bodyToSend() {
		Body body = this.body;
		return (body != null) ? new SentBody(body) : null;
	}

	/**
	 * Makes the request of the client library.
	 * @param place where it goes
	 * @return the request, without its body
	 */
	ClientHttpRequest requestTo(URI place, HttpHeaders headers) throws IOException {
		ClientHttpRequest request = this.factory.createRequest(place, this.method);
		request.getHeaders().addAll(headers);
		request.getAttributes().putAll(getAttributes());
		request.getAttributes().put(LED, true);
		return request;
	}

	static ClientHttpResponse send(ClientHttpRequest request, @Nullable SentBody body) throws IOException {
		if (body != null) {
			if (request instanceof StreamingHttpOutputMessage streaming) {
				streaming.setBody(body);
			}
			else {
				body.writeTo(request.getBody());
			}
		}
		return request.execute();
	}

	/** Holds the bytes, so it can be written again. */
	private record BufferedBody(FastByteArrayOutputStream buffer) implements Body {

		@Override
		public void writeTo(OutputStream outputStream) throws IOException {
			this.buffer.writeTo(outputStream);
		}

		@Override
		public boolean repeatable() {
			return true;
		}

	}

}
