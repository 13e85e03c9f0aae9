package dev.backend.registries;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.cloud.zookeeper.discovery.ZookeeperInstance;
import org.springframework.cloud.zookeeper.serviceregistry.ServiceInstanceRegistration;
import org.springframework.cloud.zookeeper.serviceregistry.ZookeeperServiceRegistry;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * A server that accepts connections, and is registered as {@code game} by the registry's
 * own client.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
class GameServerProgram {

	static JavaProcess inEureka(String id, int port) {
		return JavaProcess.start(id, GameServerProgram.class, id, "--spring.cloud.zookeeper.enabled=false",
				"--eureka.client.service-url.defaultZone=http://127.0.0.1:%d/eureka/".formatted(port));
	}

	static JavaProcess inZookeeper(String id, String address) {
		return JavaProcess.start(id, GameServerProgram.class, id, "--eureka.client.enabled=false",
				"--spring.cloud.zookeeper.connect-string=" + address);
	}

	public static void main(String[] arguments) throws IOException {
		String id = arguments[0];
		try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
			Thread thread = new Thread(() -> accept(server), "accept");
			thread.setDaemon(true);
			thread.start();
			int port = server.getLocalPort();
			try (ConfigurableApplicationContext context = new SpringApplicationBuilder(GameServerProgram.class)
				.web(WebApplicationType.NONE)
				.properties("spring.application.name=game", "eureka.instance.instance-id=" + id,
						"eureka.instance.hostname=127.0.0.1", "eureka.instance.non-secure-port=" + port,
						"eureka.instance.metadata-map.scheme=tcp", "eureka.client.jersey.enabled=false")
				.run(arguments)) {
				context.getBeanProvider(ZookeeperServiceRegistry.class)
					.ifAvailable((registry) -> register(registry, id, port));
				JavaProcess.awaitEnd();
			}
		}
	}

	private static void register(ZookeeperServiceRegistry registry, String id, int port) {
		registry.register(ServiceInstanceRegistration.builder()
			.name("game")
			.id(id)
			.address("127.0.0.1")
			.port(port)
			.payload(new ZookeeperInstance(id, "game", Map.of("scheme", "tcp")))
			.build());
	}

	private static void accept(ServerSocket server) {
		List<Socket> accepted = new CopyOnWriteArrayList<>();
		try {
			while (true) {
				accepted.add(server.accept());
			}
		}
		catch (IOException ex) {
			// Closed.
		}
	}

}
