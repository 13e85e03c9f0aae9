package dev.backend.autoconfigure.http;

import org.springframework.cloud.loadbalancer.support.LoadBalancerClientFactory;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Whether the context of a load balancer is that of one of the services in the
 * properties.
 */
final class OnLoadBalancedService implements Condition {

	@Override
	public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
		Environment environment = context.getEnvironment();
		String name = environment.getProperty(LoadBalancerClientFactory.PROPERTY_NAME);
		return name != null && HttpFleets.isBalanced(name, environment);
	}

}
