package dev.backend.tcp;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InMemoryDiscovery;
import dev.backend.transport.DnsServer;
import dev.backend.transport.NameResolution;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.TcpClient;

import static dev.backend.tcp.TcpFixture.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Where connections go to and come from: names that move, several addresses, DNS that
 * fails, the local address.
 */
@Timeout(60)
class TcpDialTests {

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final List<AutoCloseable> resources = new ArrayList<>();

	@AfterEach
	void closeAll() throws Exception {
		for (AutoCloseable resource : this.resources) {
			resource.close();
		}
	}

	private TcpService<Frame> connect(String host, int port, UnaryOperator<TcpBackend.Builder> customizer) {
		return connect(host, port, Duration.ofSeconds(5), customizer);
	}

	private TcpService<Frame> connect(String host, int port, Duration timeout,
			UnaryOperator<TcpBackend.Builder> customizer) {
		this.discovery.set(new DiscoveredInstance("game", "game-1", "tcp", host, port, List.of(), Map.of()));
		TcpTimings timings = TcpTimings.defaults();
		TcpSettings settings = TcpSettings.defaults()
			.withTimings(new TcpTimings(timeout, timings.readyTimeout(), Duration.ofMillis(10), Duration.ofMillis(50),
					timings.stableAfter(), Duration.ofSeconds(2), Duration.ZERO, timings.idQuarantine()));
		TcpBackend<Frame> backend = customizer
			.apply(TcpBackend.builder().name("dial").discovery(this.discovery).settings(settings))
			.build(new Frame.Codec(), new RecordingHandler());
		this.resources.add(0, backend);
		backend.start();
		await().until(() -> backend.findService("game", "game-1") != null);
		return backend.getService("game", "game-1");
	}

	private <T extends AutoCloseable> T closing(T resource) {
		this.resources.add(resource);
		return resource;
	}

	private static void awaitReady(TcpService<Frame> service) {
		await().until(() -> service.state() == TcpState.READY);
	}

	/** The backend's own name resolution, but with this name server. */
	private UnaryOperator<TcpClient> askingOnly(DnsServer server) {
		return askingOnly(server, LONG);
	}

	private UnaryOperator<TcpClient> askingOnly(DnsServer server, Duration connectTimeout) {
		LoopResources loops = LoopResources.create("test-dns", 1, true);
		closing(() -> loops.disposeLater(Duration.ZERO, Duration.ofSeconds(2)).block());
		NameResolution resolution = NameResolution.of(loops, loops.onClient(true), connectTimeout,
				Path.of("no such file"), server.provider());
		this.resources.add(this.resources.size() - 1, resolution);
		return (client) -> client.resolver(resolution);
	}

	@Test
	void whenANameMovesThenTheNextAttemptGoesToTheNewAddress() throws Exception {
		DnsServer dns = closing(new DnsServer());
		Listener first = closing(new Listener("127.0.0.1", 0));
		Listener second = closing(new Listener("127.0.0.2", first.port()));
		dns.answer("127.0.0.1");
		UnaryOperator<TcpClient> client = askingOnly(dns);
		TcpService<Frame> service = connect("game-1.example", first.port(),
				(builder) -> builder.clientCustomizer(client));
		awaitReady(service);
		assertThat(dns.questions()).containsExactly("game-1.example");
		dns.answer("127.0.0.2");
		first.dropConnections();
		await().until(() -> second.accepted() == 1);
		awaitReady(service);
		assertThat(dns.questions()).containsExactly("game-1.example", "game-1.example");
		assertThat(first.accepted()).isOne();
	}

	@Test
	void whenTheFirstOfSeveralAddressesRefusesThenTheNextIsTried() throws Exception {
		DnsServer dns = closing(new DnsServer());
		Listener second = closing(new Listener("127.0.0.2", 0));
		dns.answer("127.0.0.1", "127.0.0.2");
		UnaryOperator<TcpClient> client = askingOnly(dns);
		TcpService<Frame> service = connect("game-1.example", second.port(),
				(builder) -> builder.clientCustomizer(client));
		awaitReady(service);
		assertThat(service.counters().dials()).isOne();
	}

	@Test
	void whenTheNameIsUnknownThenTheFailureNamesItAndItHeals() throws Exception {
		DnsServer dns = closing(new DnsServer());
		Listener listener = closing(new Listener("127.0.0.1", 0));
		UnaryOperator<TcpClient> client = askingOnly(dns);
		TcpService<Frame> service = connect("game-1.example", listener.port(),
				(builder) -> builder.clientCustomizer(client));
		await().until(() -> service.counters().dialFailures() >= 3);
		assertThat(service.lastFailure()).isInstanceOf(UnknownHostException.class)
			.hasMessageContaining("game-1.example");
		dns.answer("127.0.0.1");
		awaitReady(service);
	}

	@Test
	void whenTheNameServerIsSilentThenTheAttemptEndsInTimeAndItHeals() throws Exception {
		DnsServer dns = closing(new DnsServer());
		dns.beSilent();
		Listener listener = closing(new Listener("127.0.0.1", 0));
		UnaryOperator<TcpClient> client = askingOnly(dns, Duration.ofMillis(400));
		TcpService<Frame> service = connect("game-1.example", listener.port(), Duration.ofMillis(500),
				(builder) -> builder.clientCustomizer(client));
		await().until(() -> service.counters().dialFailures() >= 2);
		assertThat(service.lastFailure()).isNotNull();
		assertThat(dns.questions()).hasSizeGreaterThan(1);
		dns.answer("127.0.0.1");
		awaitReady(service);
	}

	@Test
	void whenTheAddressIsLocalhostThenTheDefaultsKnowIt() throws Exception {
		Listener listener = closing(new Listener("127.0.0.1", 0));
		awaitReady(connect("localhost", listener.port(), (builder) -> builder));
	}

	@Test
	void whenTheUserBringsAResolverThenItIsAskedAtEachAttemptForNamesOnly() throws Exception {
		Listener listener = closing(new Listener("127.0.0.1", 0));
		FixedResolver resolver = closing(new FixedResolver(InetAddress.getLoopbackAddress()));
		TcpService<Frame> service = connect("anything", listener.port(),
				(builder) -> builder.clientCustomizer((client) -> client.resolver(resolver)));
		awaitReady(service);
		assertThat(resolver.questions()).isOne();
		listener.dropConnections();
		await().until(() -> service.counters().connects() == 2);
		assertThat(resolver.questions()).isEqualTo(2);
		this.discovery
			.set(new DiscoveredInstance("game", "game-1", "tcp", "127.0.0.1", listener.port(), List.of(), Map.of()));
		await().until(() -> listener.accepted() == 3);
		assertThat(resolver.questions()).isEqualTo(2);
	}

	@Test
	void whenThereIsALocalAddressThenThePeerSeesIt() throws Exception {
		Listener listener = closing(new Listener("127.0.0.1", 0));
		InetAddress local = InetAddress.getByName("127.0.0.2");
		awaitReady(connect("127.0.0.1", listener.port(), (builder) -> builder.localAddress(local)));
		await().until(() -> listener.accepted() == 1);
		assertThat(listener.connections()).singleElement().satisfies((peer) -> {
			assertThat(peer.getInetAddress()).isEqualTo(local);
			assertThat(peer.getPort()).isNotZero();
		});
	}

	@Test
	void whenTheLocalAddressIsNotOfThisMachineThenTheFailureNamesItAndTheProperty() throws Exception {
		Listener listener = closing(new Listener("127.0.0.1", 0));
		// Reserved for documentation (RFC 5737).
		InetAddress foreign = InetAddress.getByName("192.0.2.1");
		TcpService<Frame> service = connect("127.0.0.1", listener.port(), (builder) -> builder.localAddress(foreign));
		await().until(() -> service.counters().dialFailures() >= 2);
		assertThat(service.lastFailure())
			.hasMessage("local address 192.0.2.1 cannot be used (backend.tcp.connect.local-address)");
		assertThat(listener.accepted()).isZero();
	}

	@Test
	void whenTheBackendClosesThenNoThreadOfItsNameResolutionStays() throws Exception {
		Set<Thread> before = Thread.getAllStackTraces().keySet();
		Listener listener = closing(new Listener("127.0.0.1", 0));
		awaitReady(connect("localhost", listener.port(), (builder) -> builder.name("resolving")));
		this.resources.remove(0).close();
		// "reactor-tcp" are those that reactor-netty shares where it is not told
		// otherwise.
		await().until(() -> Thread.getAllStackTraces()
			.keySet()
			.stream()
			.filter((thread) -> !before.contains(thread))
			.noneMatch((thread) -> thread.getName().startsWith("resolving-")
					|| thread.getName().startsWith("reactor-tcp-")));
	}

}
