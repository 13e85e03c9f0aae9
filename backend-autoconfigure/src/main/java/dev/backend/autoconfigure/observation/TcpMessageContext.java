package dev.backend.autoconfigure.observation;

import java.util.Map;

import dev.backend.BackendService;
import dev.backend.ServiceConfig;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.ReceiverContext;

/**
 * What is known of a message while a handler is observed. Its carrier has the entries
 * that the codec has found in the message.
 */
public final class TcpMessageContext extends ReceiverContext<Map<String, String>> {

	private final ServiceConfig config;

	private final String backend;

	TcpMessageContext(BackendService service, Map<String, String> entries) {
		super((carrier, key) -> (carrier != null) ? carrier.get(key) : null, Kind.CONSUMER);
		this.config = service.config();
		this.backend = service.backend();
		setCarrier(entries);
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
	 * Returns the instance from which the message came.
	 * @return the instance
	 */
	public ServiceConfig getConfig() {
		return this.config;
	}

}
