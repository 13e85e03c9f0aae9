package dev.backend.autoconfigure.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.StaticDiscovery;
import dev.backend.http.HttpBackend;
import dev.backend.http.HttpService;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.HttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.imperative.ImperativeHttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.reactive.ReactiveHttpClientAutoConfiguration;
import org.springframework.boot.restclient.RestTemplateBuilder;
import org.springframework.boot.restclient.autoconfigure.RestClientAutoConfiguration;
import org.springframework.boot.restclient.autoconfigure.RestTemplateAutoConfiguration;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpMethod;
import org.springframework.http.StreamingHttpOutputMessage;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * Uploads and downloads by every client of Spring Boot, to a service and to another host;
 * run with less memory than a body has. Prints a line for each exchange, which is its
 * client, its place, and how many bytes went either way.
 */
final class StreamingProgram {

	/** Tells the lines from those of the log. */
	static final String MARK = "exchange: ";

	private static final Duration LONG = Duration.ofMinutes(2);

	private static final byte[] PART = new byte[64 * 1024];

	private StreamingProgram() {
	}

	/**
	 * Runs it.
	 * @param arguments the port of a server, and how many bytes a body has
	 */
	public static void main(String[] arguments) throws Exception {
		int port = Integer.parseInt(arguments[0]);
		long bytes = Long.parseLong(arguments[1]);
		for (String factory : List.of("http-components", "jetty", "reactor", "jdk", "simple")) {
			run(port, "spring.http.clients.imperative.factory=" + factory, (context, backend) -> {
				RestClient client = context.getBean(RestClient.Builder.class).build();
				print("rest-client " + factory, port, (uri) -> rest(client, uri, bytes));
				RestTemplate template = context.getBean(RestTemplateBuilder.class).build();
				print("rest-template " + factory, port, (uri) -> template(template, uri, bytes));
				HttpService service = backend.getService("pay", "pay-1");
				RestClient ofInstance = context.getBean(InstanceRestClients.class).of(service);
				System.out.println(
						MARK + "instance " + factory + " pay " + rest(ofInstance, URI.create("http://pay/"), bytes));
			});
		}
		for (String connector : List.of("http-components", "jetty", "reactor", "jdk")) {
			run(port, "spring.http.clients.reactive.connector=" + connector, (context, backend) -> {
				WebClient client = context.getBean(WebClient.Builder.class).build();
				print("web-client " + connector, port, (uri) -> web(client, uri, bytes));
			});
		}
		System.exit(0);
	}

	private static void run(int port, String property, Scenario scenario) throws Exception {
		try (AnnotationConfigApplicationContext context = new AnnotationConfigApplicationContext()) {
			TestPropertyValues
				.of(property, "server-port=" + port, "backend.http.enabled=true", "backend.http.await-ready=60s",
						"backend.http.route.services=pay")
				.applyTo(context);
			context.register(Application.class);
			context.refresh();
			scenario.run(context, context.getBean(HttpBackend.class));
		}
	}

	private static void print(String client, int port, Exchange exchange) throws Exception {
		System.out.println(MARK + client + " pay " + exchange.run(URI.create("http://pay/")));
		System.out
			.println(MARK + client + " other " + exchange.run(URI.create("http://127.0.0.1:%d/".formatted(port))));
	}

	/** Uploads and downloads; the server answers with what it has got. */
	private static String rest(RestClient client, URI uri, long bytes) {
		String up = client.post().uri(uri).body(body(bytes)).retrieve().requiredBody(String.class);
		Long down = client.get().uri(uri).exchange((request, response) -> count(response.getBody()));
		return up + " " + down;
	}

	private static String template(RestTemplate template, URI uri, long bytes) {
		String up = template.execute(uri, HttpMethod.POST,
				(request) -> ((StreamingHttpOutputMessage) request).setBody(body(bytes)),
				(response) -> new String(response.getBody().readAllBytes()));
		Long down = template.execute(uri, HttpMethod.GET, null, (response) -> count(response.getBody()));
		return up + " " + down;
	}

	private static String web(WebClient client, URI uri, long bytes) {
		Flux<DataBuffer> body = Flux.generate(() -> 0L, (sent, sink) -> {
			if (sent >= bytes) {
				sink.complete();
				return sent;
			}
			sink.next(DefaultDataBufferFactory.sharedInstance.wrap(PART));
			return sent + PART.length;
		});
		String up = client.post().uri(uri).body(body, DataBuffer.class).retrieve().bodyToMono(String.class).block(LONG);
		Long down = client.get().uri(uri).retrieve().bodyToFlux(DataBuffer.class).map((part) -> {
			long count = part.readableByteCount();
			DataBufferUtils.release(part);
			return count;
		}).reduce(0L, Long::sum).block(LONG);
		return up + " " + down;
	}

	private static StreamingHttpOutputMessage.Body body(long bytes) {
		return (out) -> write(out, bytes);
	}

	/** Writes so many bytes, in parts. */
	static void write(OutputStream out, long bytes) throws IOException {
		for (long sent = 0; sent < bytes; sent += PART.length) {
			out.write(PART);
		}
	}

	/** Returns how many bytes there are. */
	static long count(@Nullable InputStream in) throws IOException {
		byte[] buffer = new byte[PART.length];
		long count = 0;
		for (int read = 0; in != null && read >= 0; read = in.read(buffer)) {
			count += read;
		}
		return count;
	}

	private interface Scenario {

		void run(ApplicationContext context, HttpBackend backend) throws Exception;

	}

	private interface Exchange {

		String run(URI uri) throws Exception;

	}

	@Configuration(proxyBeanMethods = false)
	@ImportAutoConfiguration({ DiscoveryAutoConfiguration.class, HttpBackendAutoConfiguration.class,
			RoutedClientAutoConfiguration.class, InstanceClientAutoConfiguration.class,
			HttpClientAutoConfiguration.class, ImperativeHttpClientAutoConfiguration.class,
			ReactiveHttpClientAutoConfiguration.class, RestClientAutoConfiguration.class,
			RestTemplateAutoConfiguration.class, WebClientAutoConfiguration.class })
	static class Application {

		@Bean
		StaticDiscovery discovery(Environment environment) {
			return StaticDiscovery.of("streaming", List.of(new DiscoveredInstance("pay", "pay-1", "http", "127.0.0.1",
					environment.getRequiredProperty("server-port", Integer.class), List.of(), Map.of())));
		}

	}

}
