package dev.backend.autoconfigure.registration;

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

	private volatile @Nullable AutoCloseable registration;

	ApplicationRegistration(ServiceRegistrar registrar, ApplicationInstance instance) {
		this.registrar = registrar;
		this.instance = instance;
	}

	@Override
	public void start() {
		if (this.registration == null) {
			this.registration = this.registrar.register(this.instance.create());
		}
	}

	@Override
	public void stop() {
		AutoCloseable ending = this.registration;
		this.registration = null;
		if (ending != null) {
			try {
				ending.close();
			}
			catch (Exception ex) {
				logger.warn("Could not deregister this application; its entry expires", ex);
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

}
