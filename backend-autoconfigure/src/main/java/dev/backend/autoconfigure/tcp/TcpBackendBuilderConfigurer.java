package dev.backend.autoconfigure.tcp;

import java.util.concurrent.Executor;

import dev.backend.autoconfigure.Checks;
import dev.backend.autoconfigure.fleet.FilterShare;
import dev.backend.autoconfigure.fleet.FleetBuilderConfigurer;
import dev.backend.http.HttpBackend;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpInstrumentation;
import dev.backend.tcp.TcpSettings;
import dev.backend.tcp.TcpTls;

import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Lazy;

/**
 * Gives the builder of a {@link TcpBackend} what properties and beans say, and then lets
 * the customizers have it.
 */
@Lazy
final class TcpBackendBuilderConfigurer {

	private final FleetBuilderConfigurer fleet;

	private final ObjectProvider<TcpTls> tls;

	private final ObjectProvider<Executor> handlerExecutor;

	private final ObjectProvider<TcpInstrumentation> instrumentations;

	private final ObjectProvider<TcpBackendBuilderCustomizer> customizers;

	private final ListableBeanFactory beanFactory;

	TcpBackendBuilderConfigurer(FleetBuilderConfigurer fleet, ObjectProvider<TcpTls> tls,
			@Qualifier(TcpBackendAutoConfiguration.HANDLER_EXECUTOR) ObjectProvider<Executor> handlerExecutor,
			ObjectProvider<TcpInstrumentation> instrumentations,
			ObjectProvider<TcpBackendBuilderCustomizer> customizers, ListableBeanFactory beanFactory) {
		this.fleet = fleet;
		this.tls = tls;
		this.handlerExecutor = handlerExecutor;
		this.instrumentations = instrumentations;
		this.customizers = customizers;
		this.beanFactory = beanFactory;
	}

	TcpBackend.Builder configure(TcpBackend.Builder builder, TcpBackendProperties properties, TcpSettings settings) {
		this.fleet.configure(builder, properties::toConsistentHash, share());
		builder.settings(settings);
		builder.handlerThreads(Checks.positive("backend.tcp.dispatch.threads", properties.dispatch().threads()));
		if (properties.eventLoops() != null) {
			builder.eventLoops(Checks.positive("backend.tcp.event-loops", properties.eventLoops()));
		}
		if (properties.connect().localAddress() != null) {
			builder.localAddress(properties.connect().localAddress());
		}
		this.tls.ifAvailable(builder::tls);
		this.handlerExecutor.ifAvailable(builder::handlerExecutor);
		this.instrumentations.orderedStream().forEach(builder::instrumentation);
		this.customizers.orderedStream().forEach((customizer) -> customizer.customize(builder));
		return builder;
	}

	private FilterShare share() {
		boolean alone = this.beanFactory.getBeanNamesForType(HttpBackend.class, true, false).length == 0;
		return alone ? FilterShare.ALL : FilterShare.ALL_BUT_HTTP;
	}

}
