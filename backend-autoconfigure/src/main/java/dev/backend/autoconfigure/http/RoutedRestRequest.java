package dev.backend.autoconfigure.http;

import java.io.IOException;
import java.net.URI;
import java.util.Set;
import java.util.function.Supplier;

import dev.backend.autoconfigure.http.FleetRoutes.Destination;
import dev.backend.http.HttpService;
import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.ClientHttpResponse;

/**
 * A request that goes to the instance that owns its key, or to the next owner if there is
 * no connection to that. One that was led already, by an outer factory, passes.
 */
final class RoutedRestRequest extends DeferredRestRequest {

	/** Methods whose requests may be made twice (RFC 9110, section 9.2.2). */
	private static final Set<HttpMethod> IDEMPOTENT = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS,
			HttpMethod.TRACE, HttpMethod.PUT, HttpMethod.DELETE);

	/** Asks for the body before it has a connection. */
	private static final String JETTY = "org.springframework.http.client.Jetty";

	private final Supplier<HttpRoutes> routes;

	RoutedRestRequest(ClientHttpRequestFactory factory, HttpMethod method, URI uri, Supplier<HttpRoutes> routes) {
		super(factory, method, uri);
		this.routes = routes;
	}

	@Override
	protected ClientHttpResponse executeInternal(HttpHeaders headers) throws IOException {
		if (isLed()) {
			return send(requestTo(getURI(), headers), bodyToSend());
		}
		Destination destination = this.routes.get().destination(getURI(), headers, getAttributes());
		HttpService owner = destination.owner();
		ClientHttpRequest request = requestTo(InstanceUris.at(owner.uri(), getURI()), headers);
		SentBody body = bodyToSend();
		try {
			return exchange(request, body, destination.outcome(owner));
		}
		catch (IOException | RuntimeException ex) {
			if (!ConnectFailures.is(ex)) {
				throw ex;
			}
			owner.probe();
			HttpService next = mayBeSentAgain(request, body) ? destination.next() : null;
			if (next == null) {
				throw ex;
			}
			return exchange(requestTo(InstanceUris.at(next.uri(), getURI()), headers), bodyToSend(),
					destination.outcome(next));
		}
	}

	private static ClientHttpResponse exchange(ClientHttpRequest request, @Nullable SentBody body,
			RequestOutcome outcome) throws IOException {
		try {
			return JudgedRestResponse.of(send(request, body), request.getMethod(), outcome);
		}
		catch (IOException | RuntimeException ex) {
			if (body == null || !body.sourceFailed()) {
				outcome.failed(ex);
			}
			throw ex;
		}
	}

	/**
	 * There was no connection. But a body that was begun says that there was one before,
	 * which has led elsewhere, such as by a redirect: what may be made once only is over
	 * then.
	 */
	private static boolean mayBeSentAgain(ClientHttpRequest request, @Nullable SentBody body) {
		if (body == null || !body.begun()) {
			return true;
		}
		return body.repeatable()
				&& (IDEMPOTENT.contains(request.getMethod()) || request.getClass().getName().startsWith(JETTY));
	}

}
