package dev.backend.autoconfigure.tcp;

import dev.backend.autoconfigure.BackendBeans;
import dev.backend.autoconfigure.fleet.FleetBeans;
import dev.backend.autoconfigure.fleet.Fleets;
import dev.backend.tcp.TcpBackend;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * What keeps settings up to date where Spring Cloud tells of changes.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass(EnvironmentChangeEvent.class)
class TcpRefreshConfiguration {

	@Bean
	TcpSettingsRefresh tcpSettingsRefresh(Fleets<TcpBackendProperties> fleets, ObjectProvider<TcpBackend<?>> backends,
			ConfigurableListableBeanFactory beanFactory) {
		return new TcpSettingsRefresh(fleets, () -> BackendBeans.own(TcpBackend.class, backends, beanFactory),
				new FleetBeans(beanFactory, fleets.names()));
	}

}
