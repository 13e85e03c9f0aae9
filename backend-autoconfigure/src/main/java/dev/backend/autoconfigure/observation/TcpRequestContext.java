package dev.backend.autoconfigure.observation;

import java.util.HashMap;
import java.util.Map;

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

	private volatile @Nullable RequestOutcome outcome;

	TcpRequestContext(ServiceConfig config) {
		super((carrier, key, value) -> {
			if (carrier != null) {
				carrier.put(key, value);
			}
		}, Kind.CLIENT);
		this.config = config;
		setCarrier(new HashMap<>());
		setRemoteServiceName(config.name());
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
