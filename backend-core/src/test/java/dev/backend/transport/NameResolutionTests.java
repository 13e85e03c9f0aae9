package dev.backend.transport;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.netty.resources.LoopResources;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link NameResolution} with a name server of its own.
 */
@Timeout(60)
class NameResolutionTests {

	private static final InetSocketAddress GAME = InetSocketAddress.createUnresolved("game.example", 7001);

	private final LoopResources loops = LoopResources.create("test-names", 1, true);

	private DnsServer server;

	@BeforeEach
	void start() throws Exception {
		this.server = new DnsServer();
		this.server.answer("127.0.0.1");
	}

	@AfterEach
	void stop() {
		this.server.close();
		this.loops.disposeLater(Duration.ofMillis(100), Duration.ofSeconds(2)).block();
	}

	private NameResolution resolution(Duration longestUse) {
		return NameResolution.of(this.loops, this.loops.onClient(true), Duration.ofSeconds(2), longestUse,
				Path.of("no such file"), this.server.provider());
	}

	private InetSocketAddress find(NameResolution resolution) throws Exception {
		return resolution.getResolver(this.loops.onClient(true).next()).resolve(GAME).get();
	}

	@Test
	void whenNothingIsKeptThenEachLookUpAsks() throws Exception {
		try (NameResolution resolution = resolution(Duration.ZERO)) {
			assertThat(find(resolution)).isEqualTo(new InetSocketAddress("127.0.0.1", 7001));
			this.server.answer("127.0.0.2");
			assertThat(find(resolution)).isEqualTo(new InetSocketAddress("127.0.0.2", 7001));
			assertThat(this.server.questions()).hasSize(2);
		}
	}

	@Test
	void whenAddressesAreKeptThenAnOutageOfTheNameServerIsNotSeen() throws Exception {
		try (NameResolution resolution = resolution(Duration.ofMinutes(5))) {
			assertThat(find(resolution)).isEqualTo(new InetSocketAddress("127.0.0.1", 7001));
			this.server.beSilent();
			assertThat(find(resolution)).isEqualTo(new InetSocketAddress("127.0.0.1", 7001));
			assertThat(this.server.questions()).hasSize(1);
		}
	}

	@Test
	void whenThereIsNoSuchNameThenThatIsNotKept() throws Exception {
		try (NameResolution resolution = resolution(Duration.ofMinutes(5))) {
			this.server.answer();
			assertThat(resolution.getResolver(this.loops.onClient(true).next()).resolve(GAME).await().isSuccess())
				.isFalse();
			this.server.answer("127.0.0.1");
			assertThat(find(resolution)).isEqualTo(new InetSocketAddress("127.0.0.1", 7001));
		}
	}

}
