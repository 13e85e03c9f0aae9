package dev.backend.autoconfigure.http;

import java.util.Map;

import dev.backend.Route;
import dev.backend.ServiceNotFoundException;
import dev.backend.http.HttpGroup;
import dev.backend.http.HttpService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.DefaultResponse;
import org.springframework.cloud.client.loadbalancer.EmptyResponse;
import org.springframework.cloud.client.loadbalancer.Request;
import org.springframework.cloud.client.loadbalancer.RequestData;
import org.springframework.cloud.client.loadbalancer.RequestDataContext;
import org.springframework.cloud.client.loadbalancer.Response;
import org.springframework.cloud.client.loadbalancer.RetryableRequestContext;
import org.springframework.cloud.loadbalancer.core.ReactorServiceInstanceLoadBalancer;
import org.springframework.http.HttpHeaders;

/**
 * Picks the instance that owns the key of a request, for Spring Cloud LoadBalancer. A
 * retry goes to the next owner. Thread-safe; never blocks.
 */
final class HttpBackendLoadBalancer implements ReactorServiceInstanceLoadBalancer {

	private static final Logger logger = LoggerFactory.getLogger(HttpBackendLoadBalancer.class);

	private final String name;

	private final HttpRoutes routes;

	HttpBackendLoadBalancer(String name, HttpRoutes routes) {
		this.name = name;
		this.routes = routes;
	}

	@Override
	public Mono<Response<ServiceInstance>> choose(@SuppressWarnings("rawtypes") Request request) {
		HttpService service = find(request.getContext());
		return Mono
			.just((service != null) ? new DefaultResponse(new HttpServiceInstance(service)) : new EmptyResponse());
	}

	private @Nullable HttpService find(@Nullable Object context) {
		HttpGroup group;
		Route route;
		HttpService owner;
		try {
			FleetRoutes routes = this.routes.of(this.name);
			group = routes.group(this.name);
			route = route(routes, context);
			owner = group.select(route);
		}
		catch (ServiceNotFoundException ex) {
			// Its message says whether anything is known yet.
			logger.warn(ex.getMessage());
			return null;
		}
		if (owner != previous(context)) {
			return owner;
		}
		HttpService next = FleetRoutes.nextOwner(group, route, owner);
		return (next != null) ? next : owner;
	}

	private static Route route(FleetRoutes routes, @Nullable Object context) {
		RequestData request = (context instanceof RequestDataContext data) ? data.getClientRequest() : null;
		if (request == null) {
			return Route.any();
		}
		HttpHeaders headers = request.getHeaders();
		Map<String, Object> attributes = request.getAttributes();
		return routes.route((headers != null) ? headers : HttpHeaders.EMPTY, attributes);
	}

	private static @Nullable HttpService previous(@Nullable Object context) {
		return (context instanceof RetryableRequestContext retry
				&& retry.getPreviousServiceInstance() instanceof HttpServiceInstance previous) ? previous.service()
						: null;
	}

}
