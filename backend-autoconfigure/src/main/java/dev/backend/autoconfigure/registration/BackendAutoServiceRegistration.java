package dev.backend.autoconfigure.registration;

import dev.backend.discovery.DiscoveredInstance;
import org.jspecify.annotations.Nullable;

import org.springframework.cloud.client.discovery.event.InstancePreRegisteredEvent;
import org.springframework.cloud.client.discovery.event.InstanceRegisteredEvent;
import org.springframework.cloud.client.serviceregistry.AutoServiceRegistration;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.SmartLifecycle;

/**
 * Registers this application by Spring Cloud's registry while it runs, in the same phases
 * as {@link ApplicationRegistration}. Spring Cloud's own base class would register only
 * with a web server, and deregister after that has stopped.
 */
final class BackendAutoServiceRegistration implements AutoServiceRegistration, SmartLifecycle {

	private final BackendServiceRegistry registry;

	private final ApplicationInstance application;

	private final RegistrationProperties properties;

	private final ApplicationEventPublisher events;

	private final BackendRegistration registration = new BackendRegistration(this::instance);

	/** What was found out at start: the address of the machine may change meanwhile. */
	private volatile @Nullable DiscoveredInstance instance;

	private volatile boolean running;

	BackendAutoServiceRegistration(BackendServiceRegistry registry, ApplicationInstance application,
			RegistrationProperties properties, ApplicationEventPublisher events) {
		this.registry = registry;
		this.application = application;
		this.properties = properties;
		this.events = events;
	}

	/** Returns this application as what is registered. */
	BackendRegistration registration() {
		return this.registration;
	}

	@Override
	public void start() {
		if (!this.running) {
			this.instance = this.application.create();
			this.events.publishEvent(new InstancePreRegisteredEvent(this, this.registration));
			this.registry.register(this.registration);
			this.running = true;
			this.events.publishEvent(new InstanceRegisteredEvent<>(this, this.properties));
		}
	}

	@Override
	public void stop() {
		if (this.running) {
			this.running = false;
			this.registry.deregister(this.registration);
		}
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public int getPhase() {
		return ApplicationRegistration.PHASE;
	}

	private DiscoveredInstance instance() {
		DiscoveredInstance known = this.instance;
		return (known != null) ? known : this.application.preliminary();
	}

}
