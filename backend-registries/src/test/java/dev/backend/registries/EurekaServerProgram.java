package dev.backend.registries;

import java.io.IOException;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.cloud.netflix.eureka.server.EnableEurekaServer;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * A server of Eureka with its defaults, but for what its arguments say.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@EnableEurekaServer
class EurekaServerProgram {

	static JavaProcess start(int port, String... arguments) {
		String[] all = new String[arguments.length + 1];
		all[0] = "--server.port=" + port;
		System.arraycopy(arguments, 0, all, 1, arguments.length);
		return JavaProcess.start("eureka-" + port, EurekaServerProgram.class, all);
	}

	public static void main(String[] arguments) throws IOException {
		ConfigurableApplicationContext context = new SpringApplicationBuilder(EurekaServerProgram.class)
			.properties("server.address=127.0.0.1", "eureka.client.register-with-eureka=false",
					"eureka.client.fetch-registry=false", "eureka.dashboard.enabled=false",
					"eureka.instance.hostname=127.0.0.1", "eureka.client.jersey.enabled=false",
					"spring.cloud.zookeeper.enabled=false")
			.run(arguments);
		JavaProcess.awaitEnd();
		context.close();
	}

}
