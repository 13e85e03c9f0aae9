package dev.backend.autoconfigure.http;

import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

import dev.backend.http.HttpService;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.util.MultiValueMap;
import org.springframework.web.reactive.function.BodyInserter;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ExchangeStrategies;

/**
 * A request of a {@code WebClient} at an instance. In place of
 * {@link ClientRequest#from(ClientRequest)}, which copies headers, cookies and
 * attributes.
 */
final class RoutedWebRequest implements ClientRequest {

	/** Goes along where a later filter copies the request. */
	private static final String ROUTED = RoutedWebRequest.class.getName();

	private final ClientRequest request;

	private final URI url;

	private final SentWebBody body = new SentWebBody();

	RoutedWebRequest(ClientRequest request, HttpService service) {
		this(request, InstanceUris.at(service.uri(), request.url()));
	}

	RoutedWebRequest(ClientRequest request, URI url) {
		this.request = request;
		this.url = url;
	}

	/** Whether somebody has had a part of the body. */
	boolean begun() {
		return this.body.begun();
	}

	/** Whether the body failed of itself. */
	boolean sourceFailed() {
		return this.body.sourceFailed();
	}

	/** Whether a request was routed already, whatever was made of it after that. */
	static boolean is(ClientRequest request) {
		return request instanceof RoutedWebRequest || request.attributes().containsKey(ROUTED);
	}

	@Override
	public HttpMethod method() {
		return this.request.method();
	}

	@Override
	public URI url() {
		return this.url;
	}

	@Override
	public HttpHeaders headers() {
		return this.request.headers();
	}

	@Override
	public MultiValueMap<String, String> cookies() {
		return this.request.cookies();
	}

	@Override
	public BodyInserter<?, ? super ClientHttpRequest> body() {
		return this.request.body();
	}

	@Override
	public Map<String, Object> attributes() {
		Map<String, Object> attributes = new HashMap<>(this.request.attributes());
		attributes.put(ROUTED, true);
		return attributes;
	}

	@Override
	public @Nullable Consumer<ClientHttpRequest> httpRequest() {
		return this.request.httpRequest();
	}

	@Override
	public String logPrefix() {
		return this.request.logPrefix();
	}

	@Override
	public Mono<Void> writeTo(ClientHttpRequest request, ExchangeStrategies strategies) {
		return this.request.writeTo(this.body.watched(request), strategies);
	}

}
