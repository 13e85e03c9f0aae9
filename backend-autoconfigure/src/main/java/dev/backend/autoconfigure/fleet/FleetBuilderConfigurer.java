package dev.backend.autoconfigure.fleet;

import java.util.function.Function;

import dev.backend.BackendListener;
import dev.backend.ServiceInfoFactory;
import dev.backend.autoconfigure.discovery.BackendConnectionDetails;
import dev.backend.autoconfigure.discovery.DiscoveryProperties;
import dev.backend.autoconfigure.discovery.DiscoveryResolver;
import dev.backend.discovery.InstanceFilter;
import dev.backend.fleet.FleetBuilder;
import dev.backend.routing.ConsistentHash;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.context.annotation.Lazy;

/**
 * Gives the builder of a backend what is the application's and not the protocol's: where
 * instances come from, which of them the backend takes and where they are reached, and
 * the beans that any backend uses. Lazy: without a builder, nobody needs a discovery.
 */
@Lazy
public final class FleetBuilderConfigurer {

	private final DiscoveryResolver discovery;

	private final DiscoveryProperties properties;

	private final ObjectProvider<BackendConnectionDetails> connectionDetails;

	private final ObjectProvider<BackendListener> listeners;

	private final ConfigurableListableBeanFactory beanFactory;

	FleetBuilderConfigurer(DiscoveryResolver discovery, DiscoveryProperties properties,
			ObjectProvider<BackendConnectionDetails> connectionDetails, ObjectProvider<BackendListener> listeners,
			ConfigurableListableBeanFactory beanFactory) {
		this.discovery = discovery;
		this.properties = properties;
		this.connectionDetails = connectionDetails;
		this.listeners = listeners;
		this.beanFactory = beanFactory;
	}

	/**
	 * Configures a builder.
	 * @param <P> the type of the properties
	 * @param builder the builder
	 * @param fleets all fleets of the protocol
	 * @param fleet the one that the backend serves
	 * @param consistentHash returns the algorithm of the rings, if there is no bean
	 * @param share the part of the instances that the filter bean takes, if there is one
	 */
	public <P extends FleetProperties> void configure(FleetBuilder<?> builder, Fleets<P> fleets, Fleet<P> fleet,
			Function<P, ConsistentHash> consistentHash, FilterShare share) {
		FleetBeans beans = new FleetBeans(this.beanFactory, fleets.names());
		String name = fleet.name();
		builder.discovery(this.discovery.resolve());
		this.properties.applyLossConfirmation(builder::confirmationDelay);
		InstanceFilter filter = beans.find(InstanceFilter.class, name);
		if (filter != null) {
			builder.filter(share.of(filter));
		}
		builder.services(fleets.services(fleet));
		this.connectionDetails.ifAvailable((details) -> builder.redirection(details::connectTo));
		ConsistentHash hash = beans.find(ConsistentHash.class, name);
		builder.consistentHash((hash != null) ? hash : fleet.make(consistentHash));
		ServiceInfoFactory infoFactory = beans.find(ServiceInfoFactory.class, name);
		if (infoFactory != null) {
			builder.infoFactory(infoFactory);
		}
		builder.listener(new BeanListeners(this.listeners));
	}

}
