package dev.backend.discovery.consul;

import java.util.HashSet;
import java.util.Set;

import dev.backend.discovery.FailureText;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells once what is normal in Consul, but may not be expected. For one thread.
 */
final class ServiceReports {

	private static final Logger logger = LoggerFactory.getLogger(ServiceReports.class);

	/** Consul has a handful. */
	private static final int MAXIMUM_KINDS = 20;

	private final String source;

	private final Set<String> kinds = new HashSet<>();

	private final Set<String> sharing = new HashSet<>();

	ServiceReports(String source) {
		this.source = source;
	}

	/** A service has been read. */
	void read(String name, ServiceContent content) {
		for (String kind : content.otherKinds()) {
			if (this.kinds.size() < MAXIMUM_KINDS && this.kinds.add(kind)) {
				logger.info("{}: entries of the kind '{}' are no services of an application and are left out, "
						+ "such as those of '{}'", this.source, kind, FailureText.printable(name));
			}
		}
		content.shared().stream().findFirst().ifPresent((example) -> {
			if (this.sharing.add(name)) {
				logger.info("{}: several nodes have the same id in service '{}', such as '{}': these become id@node",
						this.source, FailureText.printable(name), example);
			}
		});
	}

	/** A service is not watched any more. */
	void removed(String name) {
		this.sharing.remove(name);
	}

}
