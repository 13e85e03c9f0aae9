package dev.backend.autoconfigure.tcp;

import java.util.concurrent.Executor;

import dev.backend.autoconfigure.Checks;
import dev.backend.autoconfigure.SslBundleContext;
import dev.backend.autoconfigure.fleet.FilterShare;
import dev.backend.autoconfigure.fleet.Fleet;
import dev.backend.autoconfigure.fleet.FleetBeans;
import dev.backend.autoconfigure.fleet.FleetBuilderConfigurer;
import dev.backend.autoconfigure.fleet.Fleets;
import dev.backend.fleet.SharedThreads;
import dev.backend.http.HttpBackend;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpInstrumentation;
import dev.backend.tcp.TcpSettings;
import dev.backend.tcp.TcpTls;
import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Lazy;
import org.springframework.util.StringUtils;
import org.springframework.util.function.SingletonSupplier;

/**
 * Gives the builder of a {@link TcpBackend} what properties and beans say of its fleet,
 * and then lets the customizers have it.
 */
@Lazy
final class TcpBackendBuilderConfigurer {

	private final FleetBuilderConfigurer common;

	private final Fleets<TcpBackendProperties> fleets;

	private final ObjectProvider<SslBundles> bundles;

	private final ObjectProvider<Executor> handlerExecutor;

	private final ObjectProvider<TcpInstrumentation> instrumentations;

	private final ConfigurableListableBeanFactory beanFactory;

	private final SingletonSupplier<SharedThreads> threads = SingletonSupplier.of(this::threads);

	TcpBackendBuilderConfigurer(FleetBuilderConfigurer common, Fleets<TcpBackendProperties> fleets,
			ObjectProvider<SslBundles> bundles,
			@Qualifier(TcpBackendAutoConfiguration.HANDLER_EXECUTOR) ObjectProvider<Executor> handlerExecutor,
			ObjectProvider<TcpInstrumentation> instrumentations, ConfigurableListableBeanFactory beanFactory) {
		this.common = common;
		this.fleets = fleets;
		this.bundles = bundles;
		this.handlerExecutor = handlerExecutor;
		this.instrumentations = instrumentations;
		this.beanFactory = beanFactory;
	}

	/**
	 * Configures a builder.
	 * @param builder the builder
	 * @param fleetName the name of the fleet, or {@code null} for what stands above all
	 * fleets
	 * @return the builder
	 */
	TcpBackend.Builder configure(TcpBackend.Builder builder, @Nullable String fleetName) {
		Fleet<TcpBackendProperties> fleet = this.fleets.get(fleetName);
		TcpBackendProperties properties = fleet.properties();
		this.common.configure(builder, this.fleets, fleet, TcpBackendProperties::toConsistentHash, share());
		builder.settings(settings(fleet));
		if (fleet.name() == null || fleet.hasOwn("event-loops", "dispatch.threads")) {
			builder.handlerThreads(handlerThreads(fleet)).eventLoops(eventLoops(fleet));
		}
		else {
			builder.threads(this.threads.obtain());
		}
		if (properties.connect().localAddress() != null) {
			builder.localAddress(properties.connect().localAddress());
		}
		TcpTls tls = tls(fleet);
		if (tls != null) {
			builder.tls(tls);
		}
		this.handlerExecutor.ifAvailable(builder::handlerExecutor);
		this.instrumentations.orderedStream()
			.filter((instrumentation) -> !(instrumentation instanceof TcpFleetInstrumentation some)
					|| some.appliesTo(properties))
			.forEach(builder::instrumentation);
		beans().all(TcpBackendBuilderCustomizer.class, fleetName)
			.forEach((customizer) -> customizer.customize(builder));
		return builder;
	}

	/** The threads of all fleets that want none of their own. */
	private SharedThreads threads() {
		Fleet<TcpBackendProperties> all = this.fleets.get(null);
		return new SharedThreads("backend-tcp", eventLoops(all), handlerThreads(all));
	}

	private static int handlerThreads(Fleet<TcpBackendProperties> fleet) {
		return fleet.make((of) -> Checks.positive("backend.tcp.dispatch.threads", of.dispatch().threads()));
	}

	private static int eventLoops(Fleet<TcpBackendProperties> fleet) {
		Integer eventLoops = fleet.properties().eventLoops();
		return (eventLoops != null) ? fleet.make((of) -> Checks.positive("backend.tcp.event-loops", eventLoops))
				: SharedThreads.defaultEventLoops();
	}

	private FilterShare share() {
		boolean alone = BeanFactoryUtils.beanNamesForTypeIncludingAncestors(this.beanFactory, HttpBackend.class, true,
				false).length == 0;
		return alone ? FilterShare.ALL : FilterShare.ALL_BUT_HTTP;
	}

	private TcpSettings settings(Fleet<TcpBackendProperties> fleet) {
		TcpSettings own = beans().find(TcpSettings.class, fleet.name());
		return (own != null) ? own : fleet.make(TcpBackendProperties::toSettings);
	}

	private @Nullable TcpTls tls(Fleet<TcpBackendProperties> fleet) {
		TcpTls own = beans().find(TcpTls.class, fleet.name());
		TcpBackendProperties.Ssl ssl = fleet.properties().ssl();
		if (own != null || !ssl.isEnabled()) {
			return own;
		}
		return new TcpTls(
				SslBundleContext.of(fleet.propertyName("ssl.bundle"), ssl.bundle(), this.bundles, TcpTls.class),
				ssl.verifyHostname(), StringUtils.hasText(ssl.serverName()) ? ssl.serverName() : null);
	}

	private FleetBeans beans() {
		return new FleetBeans(this.beanFactory, this.fleets.names());
	}

}
