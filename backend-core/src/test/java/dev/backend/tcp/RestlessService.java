package dev.backend.tcp;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InMemoryDiscovery;

import static org.awaitility.Awaitility.await;

/**
 * A service whose server ends each connection as soon as its handler says something. How
 * often it was connected is time as a back-off counts it: tests wait by that for what
 * must not happen.
 */
final class RestlessService {

	private static final String NAME = "restless";

	private final TestServer server;

	RestlessService(TcpFixture tcp) {
		this.server = tcp.server(new TestServer((socket, frame) -> TestServer.end(socket)));
	}

	/** Starts a backend that has this service alone. */
	static TcpBackend<Frame> start(TcpFixture tcp) {
		tcp.discover(new RestlessService(tcp).instance());
		return tcp.start(TcpFixture.fast(), new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Frame> connection) {
				connection.send(Frame.push(""));
			}
		});
	}

	DiscoveredInstance instance() {
		return InMemoryDiscovery.instance(NAME, "restless-1", this.server.port());
	}

	/** Waits until others would have been connected again, too. */
	static void awaitReconnects(TcpBackend<Frame> backend) {
		await().until(() -> backend.findGroup(NAME) != null);
		TcpCounters counters = backend.group(NAME).counters();
		long before = counters.connects();
		await().until(() -> counters.connects() >= before + 6);
	}

}
