package dev.backend.autoconfigure.metrics;

import dev.backend.autoconfigure.BackendBeans;
import dev.backend.autoconfigure.http.HttpBackendAutoConfiguration;
import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;
import dev.backend.http.HttpBackend;
import dev.backend.tcp.TcpBackend;
import io.micrometer.core.instrument.MeterRegistry;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigureOrder;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;

/**
 * Auto-configuration of metrics, where Micrometer is on the class path.
 */
@AutoConfiguration(after = { TcpBackendAutoConfiguration.class, HttpBackendAutoConfiguration.class })
@AutoConfigureOrder(Ordered.LOWEST_PRECEDENCE)
@ConditionalOnClass(MeterRegistry.class)
@EnableConfigurationProperties(MetricsProperties.class)
public final class BackendMetricsAutoConfiguration {

	@Bean
	DiscoveryMetrics backendDiscoveryMetrics(ConfigurableListableBeanFactory beanFactory) {
		return new DiscoveryMetrics(BackendBeans.toShow(beanFactory, DiscoveryMetrics.class));
	}

	@Bean
	@ConditionalOnBean(HttpBackend.class)
	EjectionMetrics backendEjectionMetrics(ConfigurableListableBeanFactory beanFactory) {
		return new EjectionMetrics(
				BackendBeans.of(HttpBackend.class, BackendBeans.toShow(beanFactory, EjectionMetrics.class)));
	}

	@Bean
	@ConditionalOnBean(TcpBackend.class)
	HeldBytesMetrics backendHeldBytesMetrics(ConfigurableListableBeanFactory beanFactory) {
		return new HeldBytesMetrics(
				BackendBeans.of(TcpBackend.class, BackendBeans.toShow(beanFactory, HeldBytesMetrics.class)));
	}

	@Bean
	ServiceMetrics backendServiceMetrics(ConfigurableListableBeanFactory beanFactory, MetricsProperties properties) {
		return new ServiceMetrics(BackendBeans.toShow(beanFactory, ServiceMetrics.class), properties.checked());
	}

}
