package dev.backend.tcp;

import java.net.BindException;

import dev.backend.ServiceConfig;
import dev.backend.transport.TlsExplanation;
import reactor.netty.ChannelBindException;

/**
 * Says in a sentence why a connection could not be made, where the libraries leave that
 * to a chain of causes.
 */
final class DialExplanation {

	private DialExplanation() {
	}

	static Throwable explain(Throwable failure, ServiceConfig config, boolean tls) {
		if (failure instanceof ChannelBindException bind) {
			BindException explained = new BindException(
					"local address %s cannot be used (backend.tcp.connect.local-address)".formatted(bind.localHost()));
			explained.initCause(failure);
			return explained;
		}
		return tls ? TlsExplanation.explain(failure, config) : failure;
	}

}
