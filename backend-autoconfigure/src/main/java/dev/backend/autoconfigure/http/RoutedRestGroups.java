package dev.backend.autoconfigure.http;

import org.springframework.cloud.client.loadbalancer.DeferringLoadBalancerInterceptor;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.support.RestClientHttpServiceGroupConfigurer;

/**
 * Lets requests that were led already pass the load balancer of their HTTP service group.
 */
final class RoutedRestGroups implements RestClientHttpServiceGroupConfigurer {

	/** Spring Cloud's has 10. */
	private static final int ORDER = 20;

	@Override
	public int getOrder() {
		return ORDER;
	}

	@Override
	public void configureGroups(Groups<RestClient.Builder> groups) {
		groups.forEachClient((group, builder) -> builder
			.requestInterceptors((interceptors) -> interceptors.replaceAll(RoutedRestGroups::passing)));
	}

	private static ClientHttpRequestInterceptor passing(ClientHttpRequestInterceptor interceptor) {
		return (!(interceptor instanceof DeferringLoadBalancerInterceptor)) ? interceptor
				: (request, body, execution) -> RoutedRestRequest.is(request) ? execution.execute(request, body)
						: interceptor.intercept(request, body, execution);
	}

}
