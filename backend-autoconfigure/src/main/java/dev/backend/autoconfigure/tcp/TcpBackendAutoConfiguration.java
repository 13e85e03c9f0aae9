package dev.backend.autoconfigure.tcp;

import dev.backend.autoconfigure.BackendLifecycle;
import dev.backend.autoconfigure.ConditionalOnSsl;
import dev.backend.autoconfigure.SslBundleContext;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.fleet.FleetBuilderConfigurer;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpSettings;
import dev.backend.tcp.TcpTls;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigureOrder;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnThreading;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.thread.Threading;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Scope;
import org.springframework.core.Ordered;
import org.springframework.core.task.VirtualThreadTaskExecutor;
import org.springframework.util.StringUtils;

/**
 * Auto-configuration of {@link TcpBackend}. Ordered last, so that codecs of other
 * auto-configurations are there.
 */
@AutoConfiguration(after = { DiscoveryAutoConfiguration.class, SslAutoConfiguration.class })
@AutoConfigureOrder(Ordered.LOWEST_PRECEDENCE)
@ConditionalOnBooleanProperty(name = "backend.tcp.enabled", matchIfMissing = true)
@EnableConfigurationProperties(TcpBackendProperties.class)
@Import({ FleetBuilderConfigurer.class, TcpBackendBuilderConfigurer.class, TcpBackendRegistrar.class,
		TcpSettingsConfiguration.class })
public final class TcpBackendAutoConfiguration {

	/** The name of the bean that starts and stops the backends. */
	static final String LIFECYCLE = "tcpBackendLifecycle";

	/** The name of the executor bean that runs handlers, where there is one. */
	static final String HANDLER_EXECUTOR = "tcpHandlerExecutor";

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnSsl("backend.tcp.ssl")
	TcpTls tcpTls(TcpBackendProperties properties, ObjectProvider<SslBundles> bundles) {
		TcpBackendProperties.Ssl ssl = properties.ssl();
		return new TcpTls(SslBundleContext.of("backend.tcp.ssl.bundle", ssl.bundle(), bundles, TcpTls.class),
				ssl.verifyHostname(), StringUtils.hasText(ssl.serverName()) ? ssl.serverName() : null);
	}

	@Bean
	@ConditionalOnMissingBean(name = LIFECYCLE, search = SearchStrategy.CURRENT)
	BackendLifecycle tcpBackendLifecycle(ObjectProvider<TcpBackend<?>> backends, TcpBackendProperties properties) {
		return new BackendLifecycle(backends, "tcp", properties.awaitReady());
	}

	/** Not a default candidate: it is not to be taken for the application's executor. */
	@Bean(name = HANDLER_EXECUTOR, defaultCandidate = false)
	@ConditionalOnMissingBean(name = HANDLER_EXECUTOR)
	@ConditionalOnThreading(Threading.VIRTUAL)
	VirtualThreadTaskExecutor tcpHandlerExecutor() {
		return new VirtualThreadTaskExecutor("backend-tcp-handler-");
	}

	@Bean
	@Scope(ConfigurableBeanFactory.SCOPE_PROTOTYPE)
	@ConditionalOnMissingBean
	TcpBackend.Builder tcpBackendBuilder(TcpBackendBuilderConfigurer configurer, TcpBackendProperties properties,
			TcpSettings settings) {
		return configurer.configure(TcpBackend.builder(), properties, settings);
	}

}
