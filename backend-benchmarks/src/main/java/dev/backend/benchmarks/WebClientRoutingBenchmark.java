package dev.backend.benchmarks;

import java.net.URI;
import java.util.concurrent.TimeUnit;

import dev.backend.autoconfigure.http.HttpBackendExchangeFilter;
import dev.backend.autoconfigure.http.HttpRoutes;
import org.jspecify.annotations.Nullable;
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
import reactor.core.publisher.Mono;

import org.springframework.cloud.client.loadbalancer.reactive.ReactorLoadBalancerExchangeFilterFunction;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFunction;

/**
 * What it costs to route a request of a WebClient, beside Spring Cloud LoadBalancer. The
 * rest of the client asks for the URI and answers at once.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class WebClientRoutingBenchmark {

	/** What comes after the name of the service. */
	@Param({ "/orders/4711", "/orders/4711?of=7" })
	public String path = "";

	private final HttpFleet fleet = new HttpFleet();

	private final HttpBackendExchangeFilter filter = this.fleet.bean(HttpBackendExchangeFilter.class);

	private final ReactorLoadBalancerExchangeFilterFunction cloud = this.fleet
		.bean(ReactorLoadBalancerExchangeFilterFunction.class);

	private ClientRequest byAttribute = to("http://pay").build();

	private ClientRequest byHeader = this.byAttribute;

	private ClientRequest robin = this.byAttribute;

	/** Hidden, so that the wait for it is not optimised away. */
	private final Mono<ClientResponse> response = Mono.just(ClientResponse.create(HttpStatus.OK).build()).hide();

	/**
	 * Makes the requests.
	 */
	@Setup
	public void prepare() {
		this.byAttribute = to("http://pay" + this.path).attribute(HttpRoutes.KEY_ATTRIBUTE, "user-4711").build();
		this.byHeader = to("http://pay" + this.path).header("X-Route-Key", "user-4711").build();
		this.robin = to("http://robin" + this.path).build();
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
	 */
	@Benchmark
	public @Nullable ClientResponse bare(Blackhole blackhole) {
		return rest(blackhole).exchange(this.byAttribute).block();
	}

	/**
	 * By the key in an attribute.
	 * @param blackhole takes the URI
	 * @return the response
	 */
	@Benchmark
	public @Nullable ClientResponse byAttribute(Blackhole blackhole) {
		return this.filter.filter(this.byAttribute, rest(blackhole)).block();
	}

	/**
	 * By the key in a header.
	 * @param blackhole takes the URI
	 * @return the response
	 */
	@Benchmark
	public @Nullable ClientResponse byHeader(Blackhole blackhole) {
		return this.filter.filter(this.byHeader, rest(blackhole)).block();
	}

	/**
	 * By the key in an attribute, through Spring Cloud LoadBalancer.
	 * @param blackhole takes the URI
	 * @return the response
	 */
	@Benchmark
	public @Nullable ClientResponse cloudByAttribute(Blackhole blackhole) {
		return this.cloud.filter(this.byAttribute, rest(blackhole)).block();
	}

	/**
	 * By Spring Cloud LoadBalancer as it is, in turn.
	 * @param blackhole takes the URI
	 * @return the response
	 */
	@Benchmark
	public @Nullable ClientResponse cloudRoundRobin(Blackhole blackhole) {
		return this.cloud.filter(this.robin, rest(blackhole)).block();
	}

	private ExchangeFunction rest(Blackhole blackhole) {
		return (request) -> {
			blackhole.consume(request.url());
			return this.response;
		};
	}

	private static ClientRequest.Builder to(String uri) {
		return ClientRequest.create(HttpMethod.GET, URI.create(uri)).header("Accept", "application/json");
	}

}
