package dev.backend.autoconfigure.discovery;

import dev.backend.ServiceConfig;

import org.springframework.boot.autoconfigure.service.connection.ConnectionDetails;

/**
 * Where the backends reach instances in place of where discovery says. A bean of a test
 * leads them to local ports, such as those that Testcontainers has mapped. It serves both
 * backends, their logs and {@code HttpService.uri()}.
 *
 * <pre class="code">
 * &#64;Bean
 * BackendConnectionDetails localGames() {
 *     return (service) -&gt; service.name().equals("game") ? service.withAddress("127.0.0.1", port) : service;
 * }
 * </pre>
 */
@FunctionalInterface
public interface BackendConnectionDetails extends ConnectionDetails {

	/**
	 * Returns where an instance is reached. Called at each snapshot of discovery, on the
	 * thread that changes the fleet: must not block. An instance for which this throws is
	 * left out, and the log says why.
	 * @param service the instance, where discovery says that it is
	 * @return the instance, at another place or as it is; name and id must stay
	 */
	ServiceConfig connectTo(ServiceConfig service);

}
