package dev.backend.tcp;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.test.Certificates;
import dev.backend.test.FreePorts;
import dev.backend.test.SlowTest;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.pkitesting.X509Bundle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import reactor.netty.tcp.TcpClient;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/**
 * A host name with several addresses, of which some do not answer, refuse or fail in
 * another way: one attempt goes through them all, and takes no longer than one.
 */
@Timeout(60)
@SlowTest
class DialAddressesTests {

	private static final String FIRST = "127.0.0.11";

	private static final String SECOND = "127.0.0.12";

	private static final String THIRD = "127.0.0.13";

	private static final String NAME = "game-1.example";

	private static final Duration TIMEOUT = Duration.ofMillis(1500);

	/** So that a handshake has time on a machine that does other things, too. */
	private static final Duration TLS_TIMEOUT = Duration.ofSeconds(4);

	private static final String NO_CONNECTION = "no connection within 1500ms (backend.tcp.connect.timeout)";

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	/** Where it was connected to, in this order. */
	private final List<String> connects = new CopyOnWriteArrayList<>();

	private final List<Channel> channels = new CopyOnWriteArrayList<>();

	private FixedResolver resolver = new FixedResolver();

	private long startedAt;

	private <T extends AutoCloseable> T closing(T resource) {
		this.tcp.closeLast(resource);
		return resource;
	}

	private Listener listener(String address, int port) throws IOException {
		return closing(new Listener(address, port));
	}

	private FullBacklog fullBacklog(String address, int port) throws IOException {
		return closing(new FullBacklog(address, port));
	}

	private TcpService<Frame> dial(int port, String... addresses) throws IOException {
		return dial(port, TIMEOUT, (builder) -> builder, addresses);
	}

	/** Dials a name with these addresses, and does not try again in this test. */
	private TcpService<Frame> dial(int port, Duration timeout, UnaryOperator<TcpBackend.Builder> customizer,
			String... addresses) throws IOException {
		List<InetAddress> found = new ArrayList<>();
		for (String address : addresses) {
			found.add(InetAddress.getByAddress(InetAddress.getByName(address).getAddress()));
		}
		FixedResolver resolver = closing(new FixedResolver(found.toArray(InetAddress[]::new)));
		this.resolver = resolver;
		this.tcp.discover(new DiscoveredInstance("game", "game-1", "tcp", NAME, port, List.of(), Map.of()));
		TcpTimings timings = fast().timings();
		TcpSettings settings = fast()
			.withTimings(new TcpTimings(timeout, timings.readyTimeout(), Duration.ofMinutes(5), Duration.ofMinutes(5),
					timings.stableAfter(), timings.drainTimeout(), Duration.ZERO, timings.idQuarantine()));
		this.startedAt = System.nanoTime();
		TcpBackend<Frame> backend = this.tcp.start(new Frame.Codec(), this.tcp.handler(),
				(builder) -> customizer.apply(builder.settings(settings)
					.clientCustomizer((client) -> client.resolver(resolver).doOnChannelInit(this::record))));
		await().until(() -> backend.findService("game", "game-1") != null);
		return backend.getService("game", "game-1");
	}

	private void record(Object observer, Channel channel, @Nullable SocketAddress address) {
		this.channels.add(channel);
		channel.pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
			@Override
			public void connect(ChannelHandlerContext context, SocketAddress remote, SocketAddress local,
					ChannelPromise promise) throws Exception {
				DialAddressesTests.this.connects.add(((InetSocketAddress) remote).getAddress().getHostAddress());
				super.connect(context, remote, local, promise);
			}
		});
	}

	private Duration elapsed() {
		return Duration.ofNanos(System.nanoTime() - this.startedAt);
	}

	/** By the first attempt, with one look-up, and without a channel left over. */
	private void assertConnected(TcpService<Frame> service, String... connects) {
		await().until(() -> service.state() == TcpState.READY);
		assertThat(this.connects).containsExactly(connects);
		assertThat(service.counters().dials()).isOne();
		assertThat(service.counters().dialFailures()).isZero();
		assertThat(service.lastFailure()).isNull();
		assertThat(this.resolver.questions()).isOne();
		List<Channel> givenUp = this.channels.subList(0, this.channels.size() - 1);
		await().untilAsserted(() -> assertThat(givenUp).noneMatch(Channel::isOpen));
		assertThat(this.channels.get(givenUp.size()).isActive()).isTrue();
	}

	/** The first attempt, after all addresses. */
	private void assertFailed(TcpService<Frame> service, Class<? extends Throwable> type, String message,
			String... connects) {
		await().until(() -> service.state() == TcpState.BACKOFF);
		assertThat(service.lastFailure()).isInstanceOf(type).hasMessage(message);
		assertThat(this.connects).containsExactly(connects);
		assertThat(service.counters().dialFailures()).isOne();
		assertThat(this.resolver.questions()).isOne();
		await().untilAsserted(() -> assertThat(this.channels).noneMatch(Channel::isOpen));
		assertThat(this.tcp.handler().calls).isEmpty();
	}

	@Test
	void whenTheFirstAddressDoesNotAnswerThenTheSecondIsConnectedInTheSameAttempt() throws Exception {
		Listener second = listener(SECOND, 0);
		fullBacklog(FIRST, second.port());
		assertConnected(dial(second.port(), FIRST, SECOND), FIRST, SECOND);
		assertThat(elapsed()).isGreaterThanOrEqualTo(TIMEOUT.dividedBy(2));
	}

	@Test
	void whenTwoOfThreeAddressesDoNotAnswerThenTheThirdIsConnectedInTheSameAttempt() throws Exception {
		Listener third = listener(THIRD, 0);
		fullBacklog(FIRST, third.port());
		fullBacklog(SECOND, third.port());
		assertConnected(dial(third.port(), FIRST, SECOND, THIRD), FIRST, SECOND, THIRD);
		assertThat(elapsed()).isGreaterThanOrEqualTo(TIMEOUT.multipliedBy(2).dividedBy(3));
	}

	@Test
	void whenOneAddressRefusesAndOneDoesNotAnswerThenTheThirdIsConnectedInTheSameAttempt() throws Exception {
		Listener third = listener(THIRD, 0);
		fullBacklog(SECOND, third.port());
		assertConnected(dial(third.port(), FIRST, SECOND, THIRD), FIRST, SECOND, THIRD);
		assertThat(elapsed()).isGreaterThanOrEqualTo(TIMEOUT.dividedBy(2));
	}

	@Test
	void whenTheFirstAddressAnswersThenNoOtherIsTried() throws Exception {
		Listener first = listener(FIRST, 0);
		Listener second = listener(SECOND, first.port());
		assertConnected(dial(first.port(), FIRST, SECOND), FIRST);
		assertThat(second.accepted()).isZero();
	}

	@Test
	void whenNoAddressAnswersThenTheAttemptEndsAtItsTimeoutAndNamesThemAll() throws Exception {
		int port = fullBacklog(FIRST, 0).port();
		fullBacklog(SECOND, port);
		fullBacklog(THIRD, port);
		TcpService<Frame> service = dial(port, FIRST, SECOND, THIRD);
		assertFailed(service, TimeoutException.class,
				NO_CONNECTION + ": %s:%d did not answer, %s:%d did not answer, %s:%d did not answer".formatted(FIRST,
						port, SECOND, port, THIRD, port),
				FIRST, SECOND, THIRD);
		assertThat(elapsed()).isBetween(TIMEOUT, TIMEOUT.multipliedBy(10));
	}

	@Test
	void whenOnlyTheLastAddressDoesNotAnswerThenItHasAllTheTime() throws Exception {
		int port = fullBacklog(THIRD, 0).port();
		TcpService<Frame> service = dial(port, FIRST, SECOND, THIRD);
		assertFailed(service, TimeoutException.class,
				NO_CONNECTION + ": %s:%d: connection refused, %s:%d: connection refused, %s:%d did not answer"
					.formatted(FIRST, port, SECOND, port, THIRD, port),
				FIRST, SECOND, THIRD);
		assertThat(service.lastFailure()).hasCauseInstanceOf(ConnectException.class);
		assertThat(elapsed()).isGreaterThanOrEqualTo(TIMEOUT);
	}

	@Test
	void whenOneAddressDoesNotAnswerAndTheLastRefusesThenTheFailureSaysBoth() throws Exception {
		int port = fullBacklog(FIRST, 0).port();
		assertFailed(dial(port, FIRST, SECOND), TimeoutException.class,
				NO_CONNECTION
						+ ": %s:%d did not answer, %s:%d: connection refused".formatted(FIRST, port, SECOND, port),
				FIRST, SECOND);
	}

	@Test
	void whenAllAddressesRefuseThenTheFailureNamesThemAll() throws Exception {
		int port = FreePorts.one();
		TcpService<Frame> service = dial(port, FIRST, SECOND);
		assertFailed(service, ConnectException.class,
				"no connection: %s:%d: connection refused, %s:%d: connection refused".formatted(FIRST, port, SECOND,
						port),
				FIRST, SECOND);
		assertThat(service.lastFailure()).hasCauseInstanceOf(ConnectException.class);
	}

	@Test
	void whenTheOnlyAddressDoesNotAnswerThenItIsNotNamed() throws Exception {
		int port = fullBacklog(FIRST, 0).port();
		assertFailed(dial(port, FIRST), TimeoutException.class, NO_CONNECTION, FIRST);
	}

	@Test
	void whenAnAddressOfTheOtherFamilyDoesNotAnswerThenTheNextIsConnected() throws Exception {
		assumeTrue(hasIpv6(), "no IPv6");
		Listener version4 = listener(FIRST, 0);
		fullBacklog("::1", version4.port());
		assertConnected(dial(version4.port(), "::1", FIRST), "0:0:0:0:0:0:0:1", FIRST);
	}

	@Test
	void whenAddressesOfBothFamiliesRefuseThenTheFailureNamesThem() throws Exception {
		assumeTrue(hasIpv6(), "no IPv6");
		int port = FreePorts.one();
		assertFailed(dial(port, FIRST, "::1"), ConnectException.class,
				"no connection: %s:%d: connection refused, [::1]:%d: connection refused".formatted(FIRST, port, port),
				FIRST, "0:0:0:0:0:0:0:1");
	}

	private static boolean hasIpv6() {
		try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("::1"))) {
			return socket.isBound();
		}
		catch (IOException ex) {
			return false;
		}
	}

	@Test
	void whenThereIsALocalAddressThenEveryAddressIsDialledFromIt() throws Exception {
		Listener second = listener(SECOND, 0);
		fullBacklog(FIRST, second.port());
		InetAddress local = InetAddress.getByName("127.0.0.14");
		assertConnected(dial(second.port(), TIMEOUT, (builder) -> builder.localAddress(local), FIRST, SECOND), FIRST,
				SECOND);
		await().until(() -> second.accepted() == 1);
		assertThat(second.connections()).singleElement()
			.satisfies((peer) -> assertThat(peer.getInetAddress()).isEqualTo(local));
	}

	@Test
	void whenTheCustomizerObservesTheResolutionThenItIsToldOnce() throws Exception {
		Listener second = listener(SECOND, 0);
		List<String> calls = new CopyOnWriteArrayList<>();
		UnaryOperator<TcpClient> customizer = (client) -> client.doOnResolve((connection) -> calls.add("resolve"))
			.doAfterResolve((connection, address) -> calls.add("resolved"));
		assertConnected(dial(second.port(), TIMEOUT, (builder) -> builder.clientCustomizer(customizer), FIRST, SECOND),
				FIRST, SECOND);
		assertThat(calls).containsExactly("resolve", "resolved");
	}

	@Test
	void whenTheCustomizerSelectsAddressesThenOnlyThoseAreTried() throws Exception {
		Listener third = listener(THIRD, 0);
		UnaryOperator<TcpClient> customizer = (client) -> client
			.resolvedAddressesSelector((config, addresses) -> addresses.subList(1, 3));
		assertConnected(
				dial(third.port(), TIMEOUT, (builder) -> builder.clientCustomizer(customizer), FIRST, SECOND, THIRD),
				SECOND, THIRD);
	}

	@Test
	void whenTheFirstAddressDoesNotFinishTheTlsHandshakeThenTheSecondIsConnectedByTheName() throws Exception {
		X509Bundle authority = Certificates.authority("Authority");
		TlsServer second = tlsServer(SECOND, Certificates.issue(authority, NAME)).greet(Frame.push("welcome"));
		Listener first = listener(FIRST, second.port());
		TcpService<Frame> service = dial(second.port(), TLS_TIMEOUT, tls(authority), FIRST, SECOND);
		assertConnected(service, FIRST, SECOND);
		assertThat(first.accepted()).isOne();
		assertThat(second.requestedNames()).containsExactly(NAME);
		assertThat(service.request(Frame.request(1, "hello"), LONG).join().text()).isEqualTo("hello");
		await().untilAsserted(
				() -> assertThat(this.tcp.handler().calls).containsExactly("connected game-1", "message welcome"));
	}

	@Test
	void whenTheFirstAddressIsNotTrustedThenTheSecondIsConnected() throws Exception {
		X509Bundle authority = Certificates.authority("Authority");
		TlsServer second = tlsServer(SECOND, Certificates.issue(authority, NAME));
		TlsServer first = closing(new TlsServer(Certificates.issue(Certificates.authority("Other"), NAME), "TLSv1.3",
				InetAddress.getByName(FIRST), second.port()));
		assertConnected(dial(second.port(), TLS_TIMEOUT, tls(authority), FIRST, SECOND), FIRST, SECOND);
		assertThat(first.applicationBytes()).isZero();
	}

	@Test
	void whenTheSecondAddressHasACertificateForItselfOnlyThenItIsRefused() throws Exception {
		X509Bundle authority = Certificates.authority("Authority");
		TlsServer second = tlsServer(SECOND, Certificates.issue(authority, SECOND));
		Listener first = listener(FIRST, second.port());
		TcpService<Frame> service = dial(second.port(), TLS_TIMEOUT, tls(authority), FIRST, SECOND);
		await().until(() -> service.state() == TcpState.BACKOFF);
		assertThat(service.lastFailure()).isInstanceOf(TimeoutException.class)
			.hasMessageStartingWith("no connection within 4s (backend.tcp.connect.timeout)"
					+ ": %1$s:%2$d did not finish the handshake (it may not speak TLS: backend.tcp.ssl), %3$s:%2$d: TLS handshake with %4$s:%2$d failed: "
						.formatted(FIRST, second.port(), SECOND, NAME))
			.hasMessageContaining(NAME);
		assertThat(first.accepted()).isOne();
		assertThat(second.applicationBytes()).isZero();
	}

	private TlsServer tlsServer(String address, X509Bundle certificate) throws IOException {
		return closing(new TlsServer(certificate, "TLSv1.3", InetAddress.getByName(address), 0));
	}

	private static UnaryOperator<TcpBackend.Builder> tls(X509Bundle authority) throws Exception {
		TcpTls tls = TcpTls.of(Certificates.clientContext(authority, null));
		return (builder) -> builder.tls(tls);
	}

}
