package dev.backend.autoconfigure.tcp;

import dev.backend.autoconfigure.BackendLifecycle;
import dev.backend.autoconfigure.BackendReadiness;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.fleet.ConditionalOnFleetProperty;
import dev.backend.autoconfigure.fleet.FleetBinder;
import dev.backend.autoconfigure.fleet.FleetBuilderConfigurer;
import dev.backend.autoconfigure.fleet.Fleets;
import dev.backend.tcp.TcpBackend;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigureOrder;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnThreading;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.thread.Threading;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Fallback;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Scope;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;
import org.springframework.core.task.VirtualThreadTaskExecutor;

/**
 * Auto-configuration of {@link TcpBackend}. Ordered last, so that codecs of other
 * auto-configurations are there.
 */
@AutoConfiguration(after = { DiscoveryAutoConfiguration.class, SslAutoConfiguration.class })
@AutoConfigureOrder(Ordered.LOWEST_PRECEDENCE)
@ConditionalOnFleetProperty(prefix = TcpBackendAutoConfiguration.PREFIX, name = "enabled", matchIfMissing = true)
@EnableConfigurationProperties(TcpBackendProperties.class)
@Import({ FleetBuilderConfigurer.class, TcpBackendBuilderConfigurer.class, TcpBackendRegistrar.class,
		TcpRefreshConfiguration.class })
public final class TcpBackendAutoConfiguration {

	/** What the properties begin with. */
	static final String PREFIX = "backend.tcp";

	/** What the names of the backend beans of fleets end with. */
	static final String BEAN_SUFFIX = "TcpBackend";

	/** The name of the bean that starts and stops the backends. */
	static final String LIFECYCLE = "tcpBackendLifecycle";

	/** The name of the executor bean that runs handlers, where there is one. */
	static final String HANDLER_EXECUTOR = "tcpHandlerExecutor";

	@Bean
	Fleets<TcpBackendProperties> tcpFleets(TcpBackendProperties properties, Environment environment,
			ConfigurableListableBeanFactory beanFactory) {
		return new Fleets<>(new FleetBinder(PREFIX, environment, beanFactory), BEAN_SUFFIX, properties,
				beanFactory::containsBean);
	}

	@Bean
	@ConditionalOnMissingBean(name = LIFECYCLE, search = SearchStrategy.CURRENT)
	BackendLifecycle tcpBackendLifecycle(ObjectProvider<TcpBackend<?>> backends) {
		return new BackendLifecycle(backends);
	}

	@Bean
	BackendReadiness tcpBackendReadiness(@Qualifier(LIFECYCLE) BackendLifecycle lifecycle,
			Fleets<TcpBackendProperties> fleets) {
		return new BackendReadiness(lifecycle, fleets::awaitReady, fleets::awaitReadyProperty);
	}

	/** Not a default candidate: it is not to be taken for the application's executor. */
	@Bean(name = HANDLER_EXECUTOR, defaultCandidate = false)
	@ConditionalOnMissingBean(name = HANDLER_EXECUTOR)
	@ConditionalOnThreading(Threading.VIRTUAL)
	VirtualThreadTaskExecutor tcpHandlerExecutor() {
		return new VirtualThreadTaskExecutor("backend-tcp-handler-");
	}

	/** Where a parent context has one of the application, that is injected. */
	@Bean
	@Fallback
	@Scope(ConfigurableBeanFactory.SCOPE_PROTOTYPE)
	@ConditionalOnMissingBean(search = SearchStrategy.CURRENT)
	TcpBackend.Builder tcpBackendBuilder(TcpBackendBuilderConfigurer configurer) {
		return configurer.configure(TcpBackend.builder(), null);
	}

}
