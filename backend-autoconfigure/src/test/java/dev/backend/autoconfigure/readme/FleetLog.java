package dev.backend.autoconfigure.readme;

import dev.backend.autoconfigure.event.ServiceDisconnectedEvent;
import dev.backend.autoconfigure.event.ServiceReadyEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

@Component
class FleetLog {

	private static final Logger logger = LoggerFactory.getLogger(FleetLog.class);

	@EventListener
	void on(ServiceReadyEvent event) {
		logger.info("{} is ready", event.getConfig().label());
	}

	@EventListener
	void on(ServiceDisconnectedEvent event) {
		logger.warn("{} is gone", event.getConfig().label(), event.getCause());
	}

}
