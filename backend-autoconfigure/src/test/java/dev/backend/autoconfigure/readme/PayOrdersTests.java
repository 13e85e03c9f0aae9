package dev.backend.autoconfigure.readme;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.backend.autoconfigure.readme.PayOrders.Order;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.StaticDiscovery;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.service.registry.HttpServiceGroup.ClientType;
import org.springframework.web.service.registry.HttpServiceProxyRegistry;
import org.springframework.web.service.registry.ImportHttpServices;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The HTTP clients that docs/reference.md shows send and receive JSON.
 */
@Timeout(60)
class PayOrdersTests {

	@Test
	void ordersAreReadAndWrittenAsJson() throws IOException {
		HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		server.createContext("/orders", PayOrdersTests::answer);
		server.start();
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.NONE)
			.initializers((starting) -> starting.getBeanFactory()
				.registerSingleton("discovery",
						StaticDiscovery.of("test",
								List.of(new DiscoveredInstance("pay", "pay-1", "http", "127.0.0.1",
										server.getAddress().getPort(), List.of(), Map.of())))))
			.run("--backend.http.enabled=true", "--backend.http.await-ready=20s", "--backend.http.route.services=pay",
					"--spring.cloud.consul.enabled=false", "--spring.reactor.netty.shutdown-quiet-period=200ms")) {
			PayOrders orders = context.getBean(PayOrders.class);
			assertThat(orders.get("user-1", 7)).isEqualTo(new Order(7, "paid"));
			assertThat(orders.post("user-1", new Order(8, "new"))).isEqualTo(new Order(8, "new"));
			HttpServiceProxyRegistry groups = context.getBean(HttpServiceProxyRegistry.class);
			// Spring Cloud is on the class path, and makes both groups load-balanced.
			assertThat(groups.getClient("pay", PayApi.class).order(7, "user-1")).isEqualTo(new Order(7, "paid"));
			assertThat(groups.getClient("webPay", PayApi.class).order(7, "user-1")).isEqualTo(new Order(7, "paid"));
		}
		finally {
			server.stop(0);
		}
	}

	/** An order is paid; what is posted comes back. */
	private static void answer(HttpExchange exchange) throws IOException {
		byte[] posted = exchange.getRequestBody().readAllBytes();
		byte[] body = (posted.length > 0) ? posted : "{\"id\":7,\"state\":\"paid\"}".getBytes();
		exchange.getResponseHeaders().set("Content-Type", "application/json");
		exchange.sendResponseHeaders(200, body.length);
		exchange.getResponseBody().write(body);
		exchange.close();
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import(PayOrders.class)
	@ImportHttpServices(group = "pay", types = PayApi.class)
	@ImportHttpServices(group = "webPay", types = PayApi.class, clientType = ClientType.WEB_CLIENT)
	static class Application {

	}

}
