package dev.backend.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import dev.backend.autoconfigure.http.HttpBackendInterceptor;
import dev.backend.autoconfigure.http.HttpRoutes;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

import org.springframework.cloud.client.loadbalancer.LoadBalancerInterceptor;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpRequest;
import org.springframework.http.HttpStatus;
import org.springframework.http.client.ClientHttpRequestExecution;
import org.springframework.http.client.ClientHttpResponse;

/**
 * What it costs to route a request of a RestClient, beside Spring Cloud LoadBalancer. The
 * rest of the client asks for the URI and answers at once.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class RestClientRoutingBenchmark {

	private static final byte[] NO_BODY = {};

	/** What comes after the name of the service. */
	@Param({ "/orders/4711", "/orders/4711?of=7" })
	public String path = "";

	private final HttpFleet fleet = new HttpFleet();

	private final HttpBackendInterceptor interceptor = this.fleet.bean(HttpBackendInterceptor.class);

	private final LoadBalancerInterceptor cloud = this.fleet.bean(LoadBalancerInterceptor.class);

	private HttpRequest byAttribute = Request.to("http://pay");

	private HttpRequest byHeader = this.byAttribute;

	private HttpRequest robin = this.byAttribute;

	/**
	 * Makes the requests.
	 */
	@Setup
	public void prepare() {
		this.byAttribute = Request.to("http://pay" + this.path);
		this.byHeader = Request.to("http://pay" + this.path);
		this.robin = Request.to("http://robin" + this.path);
		this.byAttribute.getAttributes().put(HttpRoutes.KEY_ATTRIBUTE, "user-4711");
		this.byHeader.getHeaders().set("X-Route-Key", "user-4711");
	}

	/**
	 * Ends the application.
	 */
	@TearDown
	public void close() {
		this.fleet.close();
	}

	/**
	 * The client alone.
	 * @param blackhole takes the URI
	 * @return the response
	 * @throws IOException never
	 */
	@Benchmark
	public ClientHttpResponse bare(Blackhole blackhole) throws IOException {
		return rest(blackhole).execute(this.byAttribute, NO_BODY);
	}

	/**
	 * By the key in an attribute.
	 * @param blackhole takes the URI
	 * @return the response
	 * @throws IOException never
	 */
	@Benchmark
	public ClientHttpResponse byAttribute(Blackhole blackhole) throws IOException {
		return this.interceptor.intercept(this.byAttribute, NO_BODY, rest(blackhole));
	}

	/**
	 * By the key in a header.
	 * @param blackhole takes the URI
	 * @return the response
	 * @throws IOException never
	 */
	@Benchmark
	public ClientHttpResponse byHeader(Blackhole blackhole) throws IOException {
		return this.interceptor.intercept(this.byHeader, NO_BODY, rest(blackhole));
	}

	/**
	 * By the key in a header, through Spring Cloud LoadBalancer.
	 * @param blackhole takes the URI
	 * @return the response
	 * @throws IOException never
	 */
	@Benchmark
	public ClientHttpResponse cloudByHeader(Blackhole blackhole) throws IOException {
		return this.cloud.intercept(this.byHeader, NO_BODY, rest(blackhole));
	}

	/**
	 * By Spring Cloud LoadBalancer as it is, in turn.
	 * @param blackhole takes the URI
	 * @return the response
	 * @throws IOException never
	 */
	@Benchmark
	public ClientHttpResponse cloudRoundRobin(Blackhole blackhole) throws IOException {
		return this.cloud.intercept(this.robin, NO_BODY, rest(blackhole));
	}

	private static ClientHttpRequestExecution rest(Blackhole blackhole) {
		return (request, body) -> {
			blackhole.consume(request.getURI());
			return Response.OK;
		};
	}

	private record Request(HttpMethod method, URI uri, HttpHeaders headers,
			Map<String, Object> attributes) implements HttpRequest {

		static HttpRequest to(String uri) {
			HttpHeaders headers = new HttpHeaders();
			headers.set(HttpHeaders.ACCEPT, "application/json");
			return new Request(HttpMethod.GET, URI.create(uri), headers, new LinkedHashMap<>());
		}

		@Override
		public HttpMethod getMethod() {
			return this.method;
		}

		@Override
		public URI getURI() {
			return this.uri;
		}

		@Override
		public HttpHeaders getHeaders() {
			return this.headers;
		}

		@Override
		public Map<String, Object> getAttributes() {
			return this.attributes;
		}

	}

	private enum Response implements ClientHttpResponse {

		OK;

		private final HttpHeaders headers = new HttpHeaders();

		@Override
		public HttpStatus getStatusCode() {
			return HttpStatus.OK;
		}

		@Override
		public String getStatusText() {
			return "OK";
		}

		@Override
		public InputStream getBody() {
			return InputStream.nullInputStream();
		}

		@Override
		public HttpHeaders getHeaders() {
			return this.headers;
		}

		@Override
		public void close() {
		}

	}

}
