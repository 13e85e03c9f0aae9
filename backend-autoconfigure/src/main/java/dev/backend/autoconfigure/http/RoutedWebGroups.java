package dev.backend.autoconfigure.http;

import org.springframework.cloud.client.loadbalancer.reactive.DeferringLoadBalancerExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.support.WebClientHttpServiceGroupConfigurer;

/**
 * Lets requests that were led already pass the load balancer of their HTTP service group.
 */
final class RoutedWebGroups implements WebClientHttpServiceGroupConfigurer {

	/** Spring Cloud's has 10. */
	private static final int ORDER = 20;

	@Override
	public int getOrder() {
		return ORDER;
	}

	@Override
	public void configureGroups(Groups<WebClient.Builder> groups) {
		groups.forEachClient(
				(group, builder) -> builder.filters((filters) -> filters.replaceAll(RoutedWebGroups::passing)));
	}

	private static ExchangeFilterFunction passing(ExchangeFilterFunction filter) {
		return (!(filter instanceof DeferringLoadBalancerExchangeFilterFunction)) ? filter : (request,
				next) -> RoutedWebRequest.is(request) ? next.exchange(request) : filter.filter(request, next);
	}

}
