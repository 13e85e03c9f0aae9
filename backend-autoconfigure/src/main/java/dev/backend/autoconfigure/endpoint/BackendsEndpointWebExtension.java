package dev.backend.autoconfigure.endpoint;

import java.util.Map;
import java.util.function.Supplier;

import dev.backend.ServiceNotFoundException;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * The endpoint {@code backends} over HTTP: what is not there is answered with 404, what
 * cannot be done with 400, and either with the reason.
 */
@EndpointWebExtension(endpoint = BackendsEndpoint.class)
public class BackendsEndpointWebExtension {

	private final BackendsEndpoint endpoint;

	BackendsEndpointWebExtension(BackendsEndpoint endpoint) {
		this.endpoint = endpoint;
	}

	/**
	 * Returns one backend.
	 * @param backend its bean name
	 * @return the present state
	 */
	@ReadOperation
	public WebEndpointResponse<Object> backend(@Selector String backend) {
		return answer(() -> this.endpoint.backend(backend));
	}

	/**
	 * Returns where a key goes.
	 * @param backend the bean name of the backend
	 * @param view what to see; {@code route}
	 * @param service the service name
	 * @param key the key
	 * @param tag the routing tag that the instance must have, or {@code null} for any
	 * @return the owner and those that follow it
	 */
	@ReadOperation
	public WebEndpointResponse<Object> route(@Selector String backend, @Selector String view, String service,
			String key, @Nullable String tag) {
		return answer(() -> this.endpoint.route(backend, view, service, key, tag));
	}

	/**
	 * Changes one service.
	 * @param backend the bean name of the backend
	 * @param operation what to do
	 * @param service the service name
	 * @param id the id of the instance
	 * @return the service after that
	 */
	@WriteOperation
	public WebEndpointResponse<Object> change(@Selector String backend, @Selector String operation, String service,
			String id) {
		return answer(() -> this.endpoint.change(backend, operation, service, id));
	}

	private static WebEndpointResponse<Object> answer(Supplier<@Nullable Object> operation) {
		try {
			Object result = operation.get();
			return (result != null) ? new WebEndpointResponse<>(result)
					: new WebEndpointResponse<>(WebEndpointResponse.STATUS_NO_CONTENT);
		}
		catch (ServiceNotFoundException | IllegalArgumentException ex) {
			return refusal(ex, WebEndpointResponse.STATUS_NOT_FOUND);
		}
		catch (UnsupportedOperationException ex) {
			return refusal(ex, WebEndpointResponse.STATUS_BAD_REQUEST);
		}
	}

	private static WebEndpointResponse<Object> refusal(RuntimeException ex, int status) {
		return new WebEndpointResponse<>(Map.of("reason", String.valueOf(ex.getMessage())), status);
	}

}
