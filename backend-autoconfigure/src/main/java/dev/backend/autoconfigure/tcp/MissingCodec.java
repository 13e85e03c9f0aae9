package dev.backend.autoconfigure.tcp;

import dev.backend.autoconfigure.BackendConfigurationException;

/**
 * The words for the most frequent mistake.
 */
final class MissingCodec {

	static final String ACTION = "Declare a bean of type MessageCodec<YourMessage>, which says how your messages become "
			+ "bytes and back, or set backend.tcp.enabled to false.";

	private MissingCodec() {
	}

	static BackendConfigurationException because(String wanted) {
		return new BackendConfigurationException(wanted + " but there is no MessageCodec bean.", ACTION);
	}

}
