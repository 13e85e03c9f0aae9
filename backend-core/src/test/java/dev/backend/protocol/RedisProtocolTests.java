package dev.backend.protocol;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import dev.backend.discovery.redis.RedisServerFixture;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpConnection;
import dev.backend.tcp.TcpHandler;
import dev.backend.tcp.TcpService;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link RespCodec}, a user's codec without ids, against a real Redis that wants a
 * password.
 */
@Timeout(60)
class RedisProtocolTests {

	private static final Duration LONG = OneInstance.LONG;

	private final BlockingQueue<Resp> pushed = new LinkedBlockingQueue<>();

	private final RedisServerFixture redis = RedisServerFixture.started("--requirepass", "sesame");

	private TcpBackend<Resp> backend;

	@BeforeEach
	void connect() throws Exception {
		this.backend = OneInstance.connect(this.redis.port(), new RespCodec(), new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Resp> connection) {
				Resp reply = connection.request(Resp.command("AUTH", "sesame"), LONG).join();
				if (reply.type() == '-') {
					throw new IllegalStateException(reply.line());
				}
			}

			@Override
			public void onMessage(TcpConnection<Resp> connection, Resp message) {
				RedisProtocolTests.this.pushed.add(message);
			}
		});
	}

	@AfterEach
	void close() {
		this.backend.close();
		this.redis.close();
	}

	private TcpService<Resp> service() {
		return this.backend.getService("server", "one");
	}

	private CompletableFuture<Resp> ask(String... words) {
		return service().request(Resp.command(words), LONG);
	}

	@Test
	void repliesOfEveryKindFindTheirRequestsInOrder() {
		List<CompletableFuture<Resp>> replies = new ArrayList<>();
		for (int i = 1; i <= 1000; i++) {
			replies.add(ask("INCR", "n"));
			replies.add(ask("ECHO", "text \r\n " + i));
		}
		assertThat(ask("NONSENSE").join().line()).startsWith("-ERR unknown command");
		assertThat(ask("GET", "nothing").join()).isEqualTo(new Resp('$', null, List.of()));
		assertThat(ask("GET", "n").join().line()).isEqualTo("$1000");
		for (int i = 1; i <= 1000; i++) {
			assertThat(replies.get(2 * i - 2).join().line()).isEqualTo(":" + i);
			assertThat(replies.get(2 * i - 1).join().line()).isEqualTo("$text \r\n " + i);
		}
		assertThat(ask("RPUSH", "list", "a", "", "c").join().line()).isEqualTo(":3");
		assertThat(ask("LRANGE", "list", "0", "-1").join().texts()).containsExactly("a", "", "c");
		assertThat(this.pushed).isEmpty();
	}

	@Test
	void aValueOfManyReadsArrivesWhole() {
		String large = "0123456789".repeat(90_000);
		assertThat(ask("SET", "large", large).join().line()).isEqualTo("+OK");
		assertThat(ask("GET", "large").join().text()).isEqualTo(large);
	}

	@Test
	void whatIsPublishedReachesTheHandlerAndRepliesStayMatched() throws Exception {
		assertThat(ask("SUBSCRIBE", "news").join().texts()).containsExactly("subscribe", "news", "1");
		try (TcpBackend<Resp> other = OneInstance.connect(this.redis.port(), new RespCodec(), loggingIn())) {
			for (int i = 0; i < 100; i++) {
				CompletableFuture<Resp> pong = ask("PING", "pong " + i);
				other.getService("server", "one").request(Resp.command("PUBLISH", "news", "item " + i), LONG).join();
				assertThat(pong.join().texts()).containsExactly("pong", "pong " + i);
			}
		}
		for (int i = 0; i < 100; i++) {
			Resp message = this.pushed.poll(LONG.toSeconds(), TimeUnit.SECONDS);
			assertThat(message).isNotNull();
			assertThat(message.texts()).containsExactly("message", "news", "item " + i);
		}
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 1460, 65_536 })
	void largeNestedRepliesAndPushesOfVersionThreeArriveWholeInReadsOfAnySize(int bytes) throws Exception {
		TcpHandler<Resp> handler = new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Resp> connection) {
				Resp hello = connection.request(Resp.command("HELLO", "3", "AUTH", "default", "sesame"), LONG).join();
				assertThat(hello.type()).isEqualTo('%');
			}

			@Override
			public void onMessage(TcpConnection<Resp> connection, Resp message) {
				RedisProtocolTests.this.pushed.add(message);
			}
		};
		try (TcpBackend<Resp> three = TcpBackend.builder()
			.discovery(new OneInstance(this.redis.port()))
			.clientCustomizer(
					(client) -> client.option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(bytes)))
			.build(new RespCodec(), handler)) {
			three.start();
			assertThat(three.awaitReady(LONG)).isTrue();
			TcpService<Resp> service = three.getService("server", "one");
			CompletableFuture<Resp> subscribed = service.request(Resp.command("SUBSCRIBE", "news"), LONG);
			assertThat(subscribed.join().texts()).containsExactly("subscribe", "news", "1");
			String script = "local t = {} for i = 1, ARGV[1] do t[i] = {'item', i, {'a', {'b'}}} end return t";
			// Reads of one byte take long, with the leak detector at paranoid.
			String items = (bytes == 1) ? "500" : "10000";
			for (int round = 0; round < 2; round++) {
				CompletableFuture<Resp> nested = service.request(Resp.command("EVAL", script, "0", items), LONG);
				ask("PUBLISH", "news", "item " + round).join();
				CompletableFuture<Resp> pong = service.request(Resp.command("PING"), LONG);
				Resp deep = new Resp('*', null, List.of(new Resp('$', "b", List.of())));
				assertThat(nested.join().items()).hasSize(Integer.parseInt(items))
					.last()
					.isEqualTo(new Resp('*', null,
							List.of(new Resp('$', "item", List.of()), new Resp(':', items, List.of()),
									new Resp('*', null, List.of(new Resp('$', "a", List.of()), deep)))));
				assertThat(pong.join().line()).isEqualTo("+PONG");
				Resp push = this.pushed.poll(LONG.toSeconds(), TimeUnit.SECONDS);
				assertThat(push).isNotNull();
				assertThat(push.type()).isEqualTo('>');
				assertThat(push.texts()).containsExactly("message", "news", "item " + round);
			}
		}
	}

	private static TcpHandler<Resp> loggingIn() {
		return new TcpHandler<>() {
			@Override
			public void onConnected(TcpConnection<Resp> connection) {
				connection.request(Resp.command("AUTH", "sesame"), LONG).join();
			}
		};
	}

}
