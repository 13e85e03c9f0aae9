package dev.backend.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

import dev.backend.discovery.consul.ConsulAgent;
import dev.backend.discovery.redis.RedisServerFixture;

/**
 * A real registry of an application, which knows what others have registered.
 */
interface RegistryServer extends AutoCloseable {

	/** What makes an application use it. */
	List<String> properties();

	/** Registers an instance at a loopback port, as an outside service does. */
	void register(String scheme, String name, String id, int port);

	void suspend();

	void kill();

	@Override
	void close();

	static RegistryServer redis() {
		return new Redis(RedisServerFixture.started());
	}

	static RegistryServer consul() {
		try {
			return new Consul(ConsulAgent.start());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** What is registered has a heartbeat that lasts for a minute. */
	record Redis(RedisServerFixture server) implements RegistryServer {

		@Override
		public List<String> properties() {
			return List.of("spring.data.redis.host=127.0.0.1", "spring.data.redis.port=" + this.server.port(),
					"spring.cloud.consul.enabled=false", "backend.discovery.redis.key=games",
					"backend.discovery.redis.expiry=1m", "backend.registration.enabled=true",
					"backend.registration.address=127.0.0.1", "backend.registration.port=1",
					"backend.registration.scheme=other");
		}

		/** Without a client, whose threads could be taken for those of an application. */
		@Override
		public void register(String scheme, String name, String id, int port) {
			String command = "ZADD games %d %s&%s&127.0.0.1&%d&%s\r\n".formatted(System.currentTimeMillis(), name, id,
					port, scheme);
			try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), this.server.port())) {
				socket.getOutputStream().write(command.getBytes(StandardCharsets.US_ASCII));
				if (socket.getInputStream().read() != ':') {
					throw new IllegalStateException("Redis refuses " + command);
				}
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

		@Override
		public void suspend() {
			this.server.suspend();
		}

		@Override
		public void kill() {
			this.server.kill();
		}

		@Override
		public void close() {
			this.server.close();
		}

	}

	/** Needs a binary of Consul. */
	record Consul(ConsulAgent agent) implements RegistryServer {

		@Override
		public List<String> properties() {
			return List.of("spring.cloud.consul.host=127.0.0.1", "spring.cloud.consul.port=" + this.agent.httpPort(),
					"spring.cloud.consul.service-registry.enabled=false", "backend.discovery.sources=consul");
		}

		@Override
		public void register(String scheme, String name, String id, int port) {
			this.agent.register("""
					{"Name": "%s", "ID": "%s", "Address": "127.0.0.1", "Port": %d, "Meta": {"scheme": "%s"}}"""
				.formatted(name, id, port, scheme));
		}

		@Override
		public void suspend() {
			this.agent.suspend();
		}

		@Override
		public void kill() {
			this.agent.kill();
		}

		@Override
		public void close() {
			try {
				this.agent.close();
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	}

}
