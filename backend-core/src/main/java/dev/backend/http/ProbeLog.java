package dev.backend.http;

import dev.backend.ServiceConfig;
import dev.backend.transport.PlainWords;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Logs that instances come and go, within the bounds of their service name. Safe for use
 * by any thread.
 */
final class ProbeLog {

	private static final Logger logger = LoggerFactory.getLogger(ProbeLog.class);

	private ProbeLog() {
	}

	static void up(HttpService service) {
		service.log().news(logger, "{} answers its probe", service);
	}

	static void down(HttpService service, Throwable cause) {
		service.log()
			.failed(logger, Level.WARN, "{} does not answer its probe: {}", service, PlainWords.describe(cause));
	}

	static void notThere(HttpService service, ServiceConfig destination, Throwable cause) {
		service.log()
			.failedAgain(logger, Level.WARN, "{} has moved to {}, which does not answer the probe: {}; trying again",
					"{} has moved to {}, which still does not answer the probe: {}; trying again", service,
					destination.endpoint(), PlainWords.describe(cause));
	}

	static void ejected(HttpService service, Throwable reason) {
		service.log().failed(logger, Level.WARN, "{} is {}", service, PlainWords.describe(reason));
	}

	static void notEjected(HttpService service, Throwable cause) {
		service.log()
			.failed(logger, Level.WARN,
					"{} is not ejected although requests to it fail, because too few others are left; the last with: {}",
					service, PlainWords.describe(cause));
	}

	static void readmitted(HttpService service) {
		service.log().news(logger, "{} is not ejected any more", service);
	}

}
