package dev.backend.autoconfigure.http;

import java.util.List;

import dev.backend.autoconfigure.support.ConsulServer;

/**
 * The servers are registered at a real Consul agent, which looks after none of them.
 */
class NginxConsulTests extends AbstractNginxTests {

	private final ConsulServer consul = ConsulServer.started();

	@Override
	int requests() {
		return 10_000;
	}

	@Override
	void closeRegistry() {
		this.consul.close();
	}

	@Override
	void register(String id, int port) {
		this.consul.registerHttp("pay", id, port);
	}

	@Override
	void started(int port) {
		register(BOOT, port);
	}

	@Override
	List<String> properties() {
		return List.of(this.consul.properties());
	}

	@Override
	List<String> serverProperties() {
		return List.of();
	}

}
