package dev.backend.autoconfigure.tcp;

import java.util.List;
import java.util.concurrent.Executor;

import dev.backend.BackendListener;
import dev.backend.ServiceInfoFactory;
import dev.backend.autoconfigure.BackendLifecycle;
import dev.backend.autoconfigure.BeanListeners;
import dev.backend.autoconfigure.Checks;
import dev.backend.autoconfigure.ConditionalOnSsl;
import dev.backend.autoconfigure.ConsistentHashes;
import dev.backend.autoconfigure.SslBundleContext;
import dev.backend.autoconfigure.discovery.BackendConnectionDetails;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.discovery.DiscoveryProperties;
import dev.backend.autoconfigure.discovery.DiscoveryResolver;
import dev.backend.discovery.InstanceFilter;
import dev.backend.http.HttpBackend;
import dev.backend.routing.ConsistentHash;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpInstrumentation;
import dev.backend.tcp.TcpSettings;
import dev.backend.tcp.TcpTls;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigureOrder;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnThreading;
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
@Import({ TcpBackendRegistrar.class, TcpSettingsConfiguration.class })
public final class TcpBackendAutoConfiguration {

	/** The name of the bean that starts and stops the backends. */
	static final String LIFECYCLE = "tcpBackendLifecycle";

	/** The name of the executor bean that runs handlers, where there is one. */
	static final String HANDLER_EXECUTOR = "tcpHandlerExecutor";

	private static final List<String> HTTP_SCHEMES = List.of("http", "https");

	@Bean
	@ConditionalOnMissingBean
	@ConditionalOnSsl("backend.tcp.ssl")
	TcpTls tcpTls(TcpBackendProperties properties, ObjectProvider<SslBundles> bundles) {
		TcpBackendProperties.Ssl ssl = properties.ssl();
		return new TcpTls(SslBundleContext.of("backend.tcp.ssl.bundle", ssl.bundle(), bundles, TcpTls.class),
				ssl.verifyHostname(), StringUtils.hasText(ssl.serverName()) ? ssl.serverName() : null);
	}

	@Bean
	@ConditionalOnMissingBean(name = LIFECYCLE)
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
	TcpBackend.Builder tcpBackendBuilder(TcpBackendProperties properties, TcpSettings settings,
			DiscoveryResolver discovery, DiscoveryProperties discoveryProperties,
			ObjectProvider<ConsistentHash> consistentHash, ObjectProvider<InstanceFilter> filter,
			ObjectProvider<BackendConnectionDetails> connectionDetails, ObjectProvider<ServiceInfoFactory> infoFactory,
			ObjectProvider<BackendListener> listeners, ObjectProvider<TcpTls> tls,
			@Qualifier(HANDLER_EXECUTOR) ObjectProvider<Executor> executor,
			ObjectProvider<TcpInstrumentation> instrumentations,
			ObjectProvider<TcpBackendBuilderCustomizer> customizers, ListableBeanFactory beanFactory) {
		TcpBackend.Builder builder = TcpBackend.builder().settings(settings).discovery(discovery.resolve());
		builder.consistentHash(consistentHash
			.getIfAvailable(() -> ConsistentHashes.of("backend.tcp.consistent-hash", properties.consistentHash())));
		builder.handlerThreads(Checks.positive("backend.tcp.dispatch.threads", properties.dispatch().threads()));
		if (properties.eventLoops() != null) {
			builder.eventLoops(Checks.positive("backend.tcp.event-loops", properties.eventLoops()));
		}
		if (properties.connect().localAddress() != null) {
			builder.localAddress(properties.connect().localAddress());
		}
		discoveryProperties.applyLossConfirmation(builder::confirmationDelay);
		tls.ifAvailable(builder::tls);
		boolean alone = beanFactory.getBeanNamesForType(HttpBackend.class, true, false).length == 0;
		// The same bean serves HttpBackend, where there is one.
		filter.ifAvailable((own) -> builder.filter(alone ? own : own.exceptFor(HTTP_SCHEMES)));
		connectionDetails.ifAvailable((details) -> builder.redirection(details::connectTo));
		infoFactory.ifAvailable(builder::infoFactory);
		executor.ifAvailable(builder::handlerExecutor);
		builder.listener(new BeanListeners(listeners));
		instrumentations.orderedStream().forEach(builder::instrumentation);
		customizers.orderedStream().forEach((customizer) -> customizer.customize(builder));
		return builder;
	}

}
