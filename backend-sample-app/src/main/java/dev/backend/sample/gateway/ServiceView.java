package dev.backend.sample.gateway;

import java.util.List;

import dev.backend.tcp.TcpGroup;
import dev.backend.tcp.TcpService;
import dev.backend.tcp.TcpState;
import org.jspecify.annotations.Nullable;

/**
 * A service as the gateway sees it.
 *
 * @param service the service name
 * @param id the id of the instance
 * @param address the host and port
 * @param tags the routing tags
 * @param state the state of its connection
 * @param onRing whether keys lead to it
 * @param failure why it is not connected, or {@code null}
 */
record ServiceView(String service, String id, String address, List<String> tags, TcpState state, boolean onRing,
		@Nullable String failure) {

	static <M> ServiceView of(TcpService<M> service, TcpGroup<M> group) {
		Throwable failure = service.lastFailure();
		return new ServiceView(service.name(), service.id(), service.config().address() + ":" + service.config().port(),
				service.config().tags().stream().sorted().toList(), service.state(),
				group.routing().get(service.id()) == service, (failure != null) ? failure.getMessage() : null);
	}

}
