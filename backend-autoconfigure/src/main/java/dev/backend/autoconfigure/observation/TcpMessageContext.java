package dev.backend.autoconfigure.observation;

import java.util.Map;

import dev.backend.ServiceConfig;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.ReceiverContext;

/**
 * What is known of a message while a handler is observed. Its carrier has the entries
 * that the codec has found in the message.
 */
public final class TcpMessageContext extends ReceiverContext<Map<String, String>> {

	private final ServiceConfig config;

	TcpMessageContext(ServiceConfig config, Map<String, String> entries) {
		super((carrier, key) -> (carrier != null) ? carrier.get(key) : null, Kind.CONSUMER);
		this.config = config;
		setCarrier(entries);
		setRemoteServiceName(config.name());
	}

	/**
	 * Returns the instance from which the message came.
	 * @return the instance
	 */
	public ServiceConfig getConfig() {
		return this.config;
	}

}
