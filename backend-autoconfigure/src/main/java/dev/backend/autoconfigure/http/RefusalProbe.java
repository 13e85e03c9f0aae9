package dev.backend.autoconfigure.http;

import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.CompletionContext;
import org.springframework.cloud.client.loadbalancer.LoadBalancerLifecycle;
import org.springframework.cloud.client.loadbalancer.Request;
import org.springframework.cloud.client.loadbalancer.Response;

/**
 * Probes an instance to which Spring Cloud LoadBalancer's client had no connection.
 * Thread-safe.
 */
final class RefusalProbe implements LoadBalancerLifecycle<Object, Object, ServiceInstance> {

	@Override
	@SuppressWarnings("rawtypes")
	public boolean supports(Class requestContextClass, Class responseClass, Class serverTypeClass) {
		return serverTypeClass == ServiceInstance.class;
	}

	@Override
	public void onStart(Request<Object> request) {
	}

	@Override
	public void onStartRequest(Request<Object> request, Response<ServiceInstance> response) {
	}

	@Override
	public void onComplete(CompletionContext<Object, ServiceInstance, Object> completion) {
		Throwable failure = completion.getThrowable();
		Response<ServiceInstance> response = completion.getLoadBalancerResponse();
		if (failure != null && response != null && response.getServer() instanceof HttpServiceInstance instance
				&& ConnectFailures.is(failure)) {
			instance.service().probe();
		}
	}

}
