package dev.backend.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.util.List;
import java.util.concurrent.TimeUnit;

import dev.backend.autoconfigure.http.HttpBackendRequestFactories;
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
import org.springframework.http.HttpStatus;
import org.springframework.http.client.AbstractClientHttpRequest;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.http.client.InterceptingClientHttpRequestFactory;

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

	/** What comes after the name of the service. */
	@Param({ "/orders/4711", "/orders/4711?of=7" })
	public String path = "";

	private final HttpFleet fleet = new HttpFleet();

	private final LoadBalancerInterceptor cloud = this.fleet.bean(LoadBalancerInterceptor.class);

	private URI pay = URI.create("http://pay");

	private URI robin = this.pay;

	private ClientHttpRequestFactory bare = Request::new;

	private ClientHttpRequestFactory routed = this.bare;

	private ClientHttpRequestFactory balanced = this.bare;

	/**
	 * Makes the clients.
	 * @param blackhole takes the URIs
	 */
	@Setup
	public void prepare(Blackhole blackhole) {
		this.pay = URI.create("http://pay" + this.path);
		this.robin = URI.create("http://robin" + this.path);
		this.bare = (uri, method) -> {
			blackhole.consume(uri);
			return new Request(uri, method);
		};
		this.routed = this.fleet.bean(HttpBackendRequestFactories.class).wrap(this.bare);
		this.balanced = new InterceptingClientHttpRequestFactory(this.bare, List.of(this.cloud));
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
	 * @return the response
	 * @throws IOException never
	 */
	@Benchmark
	public ClientHttpResponse bare() throws IOException {
		return byAttribute(this.bare);
	}

	/**
	 * By the key in an attribute.
	 * @return the response
	 * @throws IOException never
	 */
	@Benchmark
	public ClientHttpResponse byAttribute() throws IOException {
		return byAttribute(this.routed);
	}

	/**
	 * By the key in a header.
	 * @return the response
	 * @throws IOException never
	 */
	@Benchmark
	public ClientHttpResponse byHeader() throws IOException {
		return byHeader(this.routed);
	}

	/**
	 * By the key in a header, through Spring Cloud LoadBalancer.
	 * @return the response
	 * @throws IOException never
	 */
	@Benchmark
	public ClientHttpResponse cloudByHeader() throws IOException {
		return byHeader(this.balanced);
	}

	/**
	 * By Spring Cloud LoadBalancer as it is, in turn.
	 * @return the response
	 * @throws IOException never
	 */
	@Benchmark
	public ClientHttpResponse cloudRoundRobin() throws IOException {
		return request(this.balanced, this.robin).execute();
	}

	private ClientHttpResponse byAttribute(ClientHttpRequestFactory factory) throws IOException {
		ClientHttpRequest request = request(factory, this.pay);
		request.getAttributes().put(HttpRoutes.KEY_ATTRIBUTE, "user-4711");
		return request.execute();
	}

	private ClientHttpResponse byHeader(ClientHttpRequestFactory factory) throws IOException {
		ClientHttpRequest request = request(factory, this.pay);
		request.getHeaders().set("X-Route-Key", "user-4711");
		return request.execute();
	}

	private static ClientHttpRequest request(ClientHttpRequestFactory factory, URI uri) throws IOException {
		ClientHttpRequest request = factory.createRequest(uri, HttpMethod.GET);
		request.getHeaders().set(HttpHeaders.ACCEPT, "application/json");
		return request;
	}

	private static final class Request extends AbstractClientHttpRequest {

		private final URI uri;

		private final HttpMethod method;

		Request(URI uri, HttpMethod method) {
			this.uri = uri;
			this.method = method;
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
		protected OutputStream getBodyInternal(HttpHeaders headers) {
			return OutputStream.nullOutputStream();
		}

		@Override
		protected ClientHttpResponse executeInternal(HttpHeaders headers) {
			return Response.OK;
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
