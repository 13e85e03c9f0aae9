package dev.backend.autoconfigure.observation;

import java.util.HashMap;
import java.util.Map;

import dev.backend.BackendService;
import dev.backend.ServiceConfig;
import dev.backend.tcp.RequestOutcome;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.SenderContext;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a request while it is observed. Its carrier takes the entries that the
 * codec puts into the message.
 */
public final class TcpRequestContext extends SenderContext<Map<String, String>> {

	private final ServiceConfig config;

	private final String backend;

	private volatile @Nullable RequestOutcome outcome;

	TcpRequestContext(BackendService service) {
		super((carrier, key, value) -> {
			if (carrier != null) {
				carrier.put(key, value);
			}
		}, Kind.CLIENT);
		this.config = service.config();
		this.backend = service.backend();
		setCarrier(new HashMap<>());
		setRemoteServiceName(this.config.name());
	}

	/**
	 * Returns the backend of that instance.
	 * @return its name, that of the bean where Spring Boot made it
	 */
	public String getBackend() {
		return this.backend;
	}

	/**
	 * Returns the instance to which the request goes.
	 * @return the instance
	 */
	public ServiceConfig getConfig() {
		return this.config;
	}

	/**
	 * Returns how the request ended.
	 * @return the outcome, or {@code null} while it waits
	 */
	public @Nullable RequestOutcome getOutcome() {
		return this.outcome;
	}

	void setOutcome(RequestOutcome outcome) {
		this.outcome = outcome;
	}

}
