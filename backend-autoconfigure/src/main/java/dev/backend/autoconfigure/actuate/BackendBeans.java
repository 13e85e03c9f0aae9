package dev.backend.autoconfigure.actuate;

import java.util.LinkedHashMap;
import java.util.Map;

import dev.backend.tcp.TcpBackend;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.SimpleAutowireCandidateResolver;

/**
 * The backends of an application by bean name.
 */
final class BackendBeans {

	private BackendBeans() {
	}

	static Map<String, TcpBackend<?>> tcp(ConfigurableListableBeanFactory beanFactory) {
		Map<String, TcpBackend<?>> backends = new LinkedHashMap<>();
		SimpleAutowireCandidateResolver.resolveAutowireCandidates(beanFactory, TcpBackend.class).forEach(backends::put);
		return backends;
	}

}
