package dev.backend.autoconfigure.http;

import org.springframework.cloud.client.loadbalancer.DeferringLoadBalancerInterceptor;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.support.RestClientHttpServiceGroupConfigurer;

/**
 * Lets requests that the rings lead pass the load balancer of their HTTP service group.
 */
final class RoutedRestGroups implements RestClientHttpServiceGroupConfigurer {

	/** Spring Cloud's has 10. */
	private static final int ORDER = 20;

	private final ServiceHosts hosts;

	RoutedRestGroups(ServiceHosts hosts) {
		this.hosts = hosts;
	}

	@Override
	public int getOrder() {
		return ORDER;
	}

	@Override
	public void configureGroups(Groups<RestClient.Builder> groups) {
		groups.forEachClient((group, builder) -> builder
			.requestInterceptors((interceptors) -> interceptors.replaceAll(this::passing)));
	}

	private ClientHttpRequestInterceptor passing(ClientHttpRequestInterceptor interceptor) {
		return (!(interceptor instanceof DeferringLoadBalancerInterceptor)) ? interceptor
				: (request, body, execution) -> this.hosts.test(request.getURI()) ? execution.execute(request, body)
						: interceptor.intercept(request, body, execution);
	}

}
