package dev.backend.autoconfigure.registration;

import dev.backend.discovery.DiscoveredInstance;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.SmartLifecycle;

/**
 * Registers this application while it runs: after the web server has started, and until
 * before it begins its graceful shutdown, so that others have stopped to choose this
 * instance when it stops to answer.
 */
final class ApplicationRegistration implements SmartLifecycle {

	/** Between everything that serves and the default phase, which starts last. */
	static final int PHASE = SmartLifecycle.DEFAULT_PHASE - 512;

	private static final Logger logger = LoggerFactory.getLogger(ApplicationRegistration.class);

	private final ServiceRegistrar registrar;

	private final ApplicationInstance instance;

	private volatile @Nullable Registered registration;

	ApplicationRegistration(ServiceRegistrar registrar, ApplicationInstance instance) {
		this.registrar = registrar;
		this.instance = instance;
	}

	@Override
	public void start() {
		if (this.registration == null) {
			DiscoveredInstance created = this.instance.create();
			this.registration = new Registered(created, this.registrar.register(created));
		}
	}

	@Override
	public void stop() {
		Registered ending = this.registration;
		this.registration = null;
		if (ending != null) {
			try {
				ending.handle().close();
			}
			catch (Exception ex) {
				logger.warn("Could not deregister this application, {}/{}; its entry expires", ending.instance().name(),
						ending.instance().id(), ex);
			}
		}
	}

	@Override
	public boolean isRunning() {
		return this.registration != null;
	}

	@Override
	public int getPhase() {
		return PHASE;
	}

	/**
	 * What is registered.
	 *
	 * @param instance the instance
	 * @param handle ends the registration
	 */
	private record Registered(DiscoveredInstance instance, AutoCloseable handle) {

	}

}
