package dev.backend.transport;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.server.HttpServer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What a response brings is released, whenever the request is given up.
 */
class SingleUseHttpClientTests {

	private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);

	private final EventLoops loops = EventLoops.of("single-use", 1, Duration.ofSeconds(2), Duration.ZERO);

	private final Semaphore closed = new Semaphore(0);

	private DisposableServer server;

	private HttpClient client;

	@BeforeEach
	void start() {
		this.server = HttpServer.create()
			.host("127.0.0.1")
			.port(0)
			.handle((request, response) -> response.sendString(Mono.just("hello")))
			.bindNow();
		this.client = SingleUseHttpClient.create(this.loops)
			.remoteAddress(this.server::address)
			.option(ChannelOption.ALLOCATOR, this.allocator)
			.doOnConnected((connection) -> connection.onDispose(this.closed::release));
	}

	@AfterEach
	void stop() {
		this.server.disposeNow();
		this.loops.close(true, Duration.ofSeconds(1));
	}

	@Test
	void whenTheResponseFindsNobodyThenItIsReleased() throws InterruptedException {
		AtomicReference<Long> held = new AtomicReference<>();
		this.client.doOnResponse((response, connection) -> held.set(used()))
			.mapConnect((connect) -> connect.filter((connection) -> false))
			.get()
			.uri("/")
			.response((response, content) -> content.asString())
			.blockFirst();
		awaitReleased(1);
		assertThat(held.get()).isPositive();
	}

	@Test
	void whenGivenUpByAnotherThreadWhileTheResponseComesThenItIsReleased() throws InterruptedException {
		for (int i = 0; i < 300; i++) {
			AtomicBoolean here = new AtomicBoolean();
			Disposable request = this.client.doOnResponse((response, connection) -> here.set(true))
				.get()
				.uri("/")
				.response((response, content) -> content.asString())
				.subscribe();
			spinUntilTrue(here);
			request.dispose();
		}
		awaitReleased(300);
	}

	@Test
	void whenReadThenItIsReleasedOnce() throws InterruptedException {
		assertThat(this.client.get().uri("/").response((response, content) -> content.asString()).blockFirst())
			.isEqualTo("hello");
		awaitReleased(1);
	}

	@Test
	void whenOnlyTheHeadIsWantedThenTheRestIsReleased() throws InterruptedException {
		assertThat(this.client.get().uri("/").response().map((response) -> response.status().code()).block())
			.isEqualTo(200);
		awaitReleased(1);
	}

	/** Any other wait would come too late. */
	private static void spinUntilTrue(AtomicBoolean condition) {
		long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
		while (!condition.get() && System.nanoTime() - end < 0) {
			Thread.onSpinWait();
		}
	}

	private void awaitReleased(int connections) throws InterruptedException {
		assertThat(this.closed.tryAcquire(connections, 10, TimeUnit.SECONDS)).isTrue();
		await().until(() -> used() == 0);
	}

	private long used() {
		return this.allocator.metric().usedDirectMemory() + this.allocator.metric().usedHeapMemory();
	}

}
