package dev.backend.autoconfigure.fleet;

import java.util.function.Supplier;

import dev.backend.BackendListener;
import dev.backend.ServiceInfoFactory;
import dev.backend.autoconfigure.discovery.BackendConnectionDetails;
import dev.backend.autoconfigure.discovery.DiscoveryProperties;
import dev.backend.autoconfigure.discovery.DiscoveryResolver;
import dev.backend.discovery.InstanceFilter;
import dev.backend.fleet.FleetBuilder;
import dev.backend.routing.ConsistentHash;

import org.springframework.beans.factory.ObjectProvider;
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

	private final ObjectProvider<ConsistentHash> consistentHash;

	private final ObjectProvider<InstanceFilter> filter;

	private final ObjectProvider<BackendConnectionDetails> connectionDetails;

	private final ObjectProvider<ServiceInfoFactory> infoFactory;

	private final ObjectProvider<BackendListener> listeners;

	FleetBuilderConfigurer(DiscoveryResolver discovery, DiscoveryProperties properties,
			ObjectProvider<ConsistentHash> consistentHash, ObjectProvider<InstanceFilter> filter,
			ObjectProvider<BackendConnectionDetails> connectionDetails, ObjectProvider<ServiceInfoFactory> infoFactory,
			ObjectProvider<BackendListener> listeners) {
		this.discovery = discovery;
		this.properties = properties;
		this.consistentHash = consistentHash;
		this.filter = filter;
		this.connectionDetails = connectionDetails;
		this.infoFactory = infoFactory;
		this.listeners = listeners;
	}

	/**
	 * Configures a builder.
	 * @param builder the builder
	 * @param consistentHash returns the algorithm of the rings, if there is no bean
	 * @param share the part of the instances that the filter bean takes, if there is one
	 */
	public void configure(FleetBuilder<?> builder, Supplier<ConsistentHash> consistentHash, FilterShare share) {
		builder.discovery(this.discovery.resolve());
		this.properties.applyLossConfirmation(builder::confirmationDelay);
		this.filter.ifAvailable((bean) -> builder.filter(share.of(bean)));
		this.connectionDetails.ifAvailable((details) -> builder.redirection(details::connectTo));
		builder.consistentHash(this.consistentHash.getIfAvailable(consistentHash));
		this.infoFactory.ifAvailable(builder::infoFactory);
		builder.listener(new BeanListeners(this.listeners));
	}

}
