package dev.backend.tcp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

import dev.backend.Route;
import dev.backend.SendRejectedException;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InMemoryDiscovery;
import dev.backend.test.SlowTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static dev.backend.tcp.TcpFixture.instance;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * Peers that never accept: their backlog is full, and the system does not answer who
 * wants to connect. Dials end at their time-out, and look-ups do not notice.
 */
@Timeout(60)
@SlowTest
class FullBacklogTests {

	private static final int STUCK = 150;

	private static final Duration CONNECT_TIMEOUT = Duration.ofMillis(400);

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	private final List<Socket> fillers = new ArrayList<>();

	private ServerSocket listener;

	@BeforeEach
	void fillTheBacklog() throws IOException {
		this.listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
		boolean full = false;
		while (!full && this.fillers.size() < 64) {
			Socket socket = new Socket();
			this.fillers.add(socket);
			try {
				socket.connect(this.listener.getLocalSocketAddress(), 100);
			}
			catch (SocketTimeoutException ex) {
				full = true;
			}
		}
		assumeTrue(full, "the system answers beyond the backlog");
	}

	@AfterEach
	void close() throws IOException {
		this.listener.close();
		for (Socket socket : this.fillers) {
			socket.close();
		}
	}

	private static TcpSettings settings() {
		TcpTimings timings = fast().timings();
		return fast().withTimings(
				new TcpTimings(CONNECT_TIMEOUT, timings.readyTimeout(), Duration.ofMillis(10), Duration.ofMillis(50),
						timings.stableAfter(), Duration.ofSeconds(2), Duration.ZERO, timings.idQuarantine()));
	}

	private DiscoveredInstance stuck(int number) {
		return InMemoryDiscovery.instance("game", "stuck-" + number, this.listener.getLocalPort());
	}

	/** The healthy ones, and so many that cannot be connected. */
	private DiscoveredInstance[] instances(TestServer healthy, int stuck) {
		List<DiscoveredInstance> instances = new ArrayList<>();
		for (int i = 0; i < 20; i++) {
			instances.add(instance("healthy-" + i, healthy));
		}
		for (int i = 0; i < stuck; i++) {
			instances.add(stuck(i));
		}
		return instances.toArray(DiscoveredInstance[]::new);
	}

	@Test
	void whileDialsHangLookUpsAreAsFastAsEver() throws Exception {
		TestServer healthy = this.tcp.server(TestServer.echo(""));
		this.tcp.discover(instances(healthy, 0));
		TcpBackend<Frame> backend = TcpFixture.ready(this.tcp.start(settings(), this.tcp.handler()));
		this.tcp.discover(instances(healthy, STUCK));
		await().until(() -> backend.group("game").services().size() == 20 + STUCK);
		Timings timings = new Timings("look-up while dials hang");
		AtomicBoolean stop = new AtomicBoolean();
		List<CompletableFuture<Long>> readers = new ArrayList<>();
		for (int i = 0; i < 3; i++) {
			readers.add(CompletableFuture.supplyAsync(() -> lookUp(backend, timings, stop), (task) -> {
				Thread thread = new Thread(task, "reader");
				thread.setDaemon(true);
				thread.start();
			}));
		}
		// Tables change all the while, and every service has been tried in vain twice.
		int changes = 0;
		while (backend.group("game").counters().dialFailures() < 2 * STUCK) {
			this.tcp.discover(instances(healthy, STUCK - changes++ % 2));
			LockSupport.parkNanos(20_000_000);
		}
		stop.set(true);
		for (CompletableFuture<Long> reader : readers) {
			assertThat(reader).succeedsWithin(LONG).satisfies((count) -> assertThat(count).isPositive());
		}
		assertThat(backend.group("game").counters().connects()).isEqualTo(20);
		timings.assertWithin(Duration.ofMillis(1), 0.999);
	}

	/** Finds services by hash until told to stop; returns how many. */
	private static long lookUp(TcpBackend<Frame> backend, Timings timings, AtomicBoolean stop) {
		long count = 0;
		while (!stop.get()) {
			for (int i = 0; i < 1000; i++) {
				Route route = Route.hash("key-" + count++);
				long start = System.nanoTime();
				TcpService<Frame> service = backend.group("game").select(route);
				timings.add(System.nanoTime() - start);
				assertThat(service.id()).startsWith("healthy-");
			}
			// Lets the dials have a processor, too.
			LockSupport.parkNanos(1_000_000);
		}
		return count;
	}

	@Test
	void whenThePeerNeverAcceptsThenDialsEndAtTheirTimeoutWithAClearErrorAndItHeals() throws Exception {
		this.tcp.discover(stuck(1));
		TcpBackend<Frame> backend = this.tcp.start(settings(), this.tcp.handler());
		await().until(() -> backend.findService("game", "stuck-1") != null);
		TcpService<Frame> service = backend.getService("game", "stuck-1");
		await().pollInterval(Duration.ofMillis(1)).until(() -> service.counters().dials() > 0);
		long start = System.nanoTime();
		await().pollInterval(Duration.ofMillis(1)).until(() -> service.lastFailure() != null);
		Timings timings = new Timings("end of a dial to a full backlog");
		timings.add(System.nanoTime() - start);
		assertThat(service.lastFailure()).isInstanceOf(TimeoutException.class)
			.hasMessage("no connection within 400ms (backend.tcp.connect.timeout)");
		await().until(() -> service.state() == TcpState.BACKOFF || service.state() == TcpState.CONNECTING);
		assertThatExceptionOfType(SendRejectedException.class).isThrownBy(() -> service.send(Frame.push("x")))
			.withMessageContaining("game/stuck-1 at 127.0.0.1:%d: not connected"
				.formatted(((InetSocketAddress) this.listener.getLocalSocketAddress()).getPort()))
			.withMessageContaining("no connection within 400ms (backend.tcp.connect.timeout)");
		assertThat(backend.find("game", Route.any())).isNull();
		timings.log(CONNECT_TIMEOUT);
		// It accepts again.
		CompletableFuture.runAsync(() -> {
			try {
				while (true) {
					this.fillers.add(this.listener.accept());
				}
			}
			catch (IOException ex) {
				// Closed.
			}
		});
		await().until(() -> service.state() == TcpState.READY);
		assertThat(service.counters().dials()).isGreaterThan(1);
	}

}
