package dev.backend.faults;

import java.util.concurrent.CountDownLatch;

import dev.backend.SendResult;
import dev.backend.tcp.TcpService;
import dev.backend.tcp.TcpState;
import dev.backend.test.fault.FaultProxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What an application is in the middle of when it is closed. Each starts the application.
 */
enum CloseFault {

	PEERS_NEVER_ACCEPT {
		@Override
		void strike(CloseScene scene) {
			scene.addFull();
			scene.startReady();
			await().until(() -> scene.tcp().getService("full", "full-1").state() == TcpState.CONNECTING);
		}
	},

	PEERS_ARE_HALF_OPEN {
		@Override
		void strike(CloseScene scene) {
			scene.startReady();
			scene.proxies.forEach(FaultProxy::freeze);
			scene.leavePending(30);
		}
	},

	A_PEER_NEVER_READS {
		@Override
		void strike(CloseScene scene) {
			scene.startReady();
			scene.proxies.forEach(FaultProxy::blackhole);
			TcpService<Note> service = scene.services().get(0);
			scene.request(service, "before the queue is full");
			Note large = Note.push("x".repeat(50_000));
			SendResult result = SendResult.ACCEPTED;
			while (result.accepted()) {
				result = service.trySend(large);
			}
			assertThat(result).isEqualTo(SendResult.QUEUE_FULL);
		}
	},

	A_HANDLER_BLOCKS {
		@Override
		void strike(CloseScene scene) throws InterruptedException {
			scene.handler.onMessage = (service) -> block(scene);
			scene.startReady();
			scene.services().get(0).send(Note.push(NotePeer.PING));
			scene.awaitHandler();
		}
	},

	A_HANDLER_IS_IN_ITS_LOGIN {
		@Override
		void strike(CloseScene scene) throws InterruptedException {
			scene.handler.onConnected = (service) -> {
				scene.handler.called.countDown();
				scene.request(service, NotePeer.QUIET).join();
			};
			scene.start();
			scene.awaitHandler();
		}
	},

	PEERS_FLAP {
		@Override
		void strike(CloseScene scene) {
			scene.startReady();
			scene.proxies.forEach(FaultProxy::refuse);
			await().until(() -> scene.services().stream().allMatch((service) -> service.state() == TcpState.BACKOFF));
		}
	},

	THE_REGISTRY_IS_SUSPENDED {
		@Override
		void strike(CloseScene scene) {
			scene.startReady();
			scene.registry.suspend();
		}
	},

	THE_REGISTRY_IS_DEAD {
		@Override
		void strike(CloseScene scene) {
			scene.startReady();
			scene.registry.kill();
		}
	},

	REQUESTS_ARE_PENDING {
		@Override
		void strike(CloseScene scene) {
			scene.startReady();
			scene.leavePending(1000);
		}
	},

	A_PEER_IS_DRAINED {
		@Override
		void strike(CloseScene scene) {
			scene.startReady();
			scene.leavePending(3);
			scene.tcp().drain("game", "game-1").join();
		}
	},

	TLS_HANDSHAKES_HANG {
		@Override
		void strike(CloseScene scene) {
			scene.properties.add("backend.tcp.ssl.enabled=true");
			scene.addMute("tcp", "secret");
			scene.start();
			await().until(() -> scene.tcp().findService("secret", "secret-mute") != null
					&& scene.tcp().getService("secret", "secret-mute").state() == TcpState.CONNECTING);
		}
	},

	PROBES_HANG {
		@Override
		void strike(CloseScene scene) {
			hangProbes(scene);
			scene.startReady();
			await().until(() -> scene.http().findService("pay", "pay-mute") != null);
		}
	},

	/** The requests that are pending take the whole time that they are given. */
	ALL_AT_ONCE {
		@Override
		void strike(CloseScene scene) throws InterruptedException {
			scene.addFull();
			hangProbes(scene);
			scene.handler.onMessage = (service) -> block(scene);
			scene.onAdded = (event) -> {
				if (event.getConfig().name().equals("pay")) {
					block(scene);
				}
			};
			scene.startReady();
			scene.services().get(0).send(Note.push(NotePeer.PING));
			scene.awaitHandler();
			scene.leavePending(1000);
			scene.proxies.get(2).freeze();
			scene.registry.suspend();
		}
	};

	/** Brings a scene about in which the application is to be closed. */
	abstract void strike(CloseScene scene) throws InterruptedException;

	private static void hangProbes(CloseScene scene) {
		scene.properties.add("backend.http.probe.path=/health");
		scene.properties.add("backend.http.probe.timeout=5m");
		scene.addMute("http", "pay");
	}

	private static void block(CloseScene scene) {
		scene.handler.called.countDown();
		try {
			new CountDownLatch(1).await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
