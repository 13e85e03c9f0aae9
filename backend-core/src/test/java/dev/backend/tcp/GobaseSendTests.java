package dev.backend.tcp;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.stream.Stream;

import dev.backend.ConnectionLostException;
import dev.backend.RequestTimeoutException;
import dev.backend.Route;
import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import dev.backend.ServiceNotFoundException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.Arguments.ArgumentSet;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.backend.tcp.TcpFixture.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * The rows of docs/coming-from-gobase.md about sends, broadcasts and requests.
 */
@Timeout(60)
class GobaseSendTests {

	private static final Route HASH = Route.hash(TwoGroups.KEY);

	private static final Frame MESSAGE = Frame.push("hello");

	private static final byte[] BYTES = TwoGroups.bytes(MESSAGE);

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	static Stream<ArgumentSet> sends() {
		return Stream.of(send("gobase:b.Send", (b) -> b.sendBytes("game", "game-1", BYTES), "game-1"),
				send("gobase:b.SendByHash", (b) -> b.sendBytes("game", HASH, BYTES), "game-3"),
				send("gobase:b.SendByTagAndHash", (b) -> b.sendBytes("game", HASH.tag("eu"), BYTES), "game-2"),
				send("gobase:b.SendMsg", (b) -> b.send("chat", "chat-1", MESSAGE), "chat-1"),
				send("gobase:b.SendMsgByHash", (b) -> b.send("chat", HASH, MESSAGE), "chat-2"),
				send("gobase:b.SendMsgByTagAndHash", (b) -> b.send("game", HASH.tag("eu"), MESSAGE), "game-2"),
				send("gobase:s.Send", (b) -> b.getService("game", "game-2").sendBytes(BYTES), "game-2"),
				send("gobase:s.SendMsg", (b) -> b.getService("game", "game-3").send(MESSAGE), "game-3"));
	}

	static Stream<ArgumentSet> broadcasts() {
		String[] all = { "chat-1", "chat-2", "game-1", "game-2", "game-3" };
		String[] games = { "game-1", "game-2", "game-3" };
		String[] chats = { "chat-1", "chat-2" };
		return Stream.of(send("gobase:b.Broad", (b) -> accepted(b.broadcastBytes(BYTES), all), all),
				send("gobase:b.BroadMsg", (b) -> accepted(b.broadcast(MESSAGE), all), all),
				send("gobase:b.BroadGroup", (b) -> accepted(b.broadcastBytes("game", BYTES), games), games),
				send("gobase:b.BroadGroupMsg", (b) -> accepted(b.broadcast("chat", MESSAGE), chats), chats),
				send("gobase:g.Broad", (b) -> accepted(b.group("chat").broadcastBytes(BYTES), chats), chats),
				send("gobase:g.BroadMsg", (b) -> accepted(b.group("game").broadcast(MESSAGE), games), games),
				onePerGroup("gobase:b.BroadMsgByHash", HASH, "chat-2", "game-3"),
				onePerGroup("gobase:b.BroadMsgByTagAndHash", HASH.tag("eu"), "chat-2", "game-2"),
				onePerGroup("gobase:b.BroadMsgByTagAndHash", HASH.tag("us"), "game-3"));
	}

	private static ArgumentSet onePerGroup(String row, Route route, String... receivers) {
		return send(row, (b) -> accepted(b.broadcastOnePerGroup(route, MESSAGE), receivers), receivers);
	}

	private static ArgumentSet send(String row, Consumer<TcpBackend<Frame>> send, String... receivers) {
		return Arguments.argumentSet(row, send, List.of(receivers));
	}

	private static void accepted(BroadcastResult<Frame> result, String... targets) {
		assertThat(result.targets()).extracting(TcpService::id).containsExactlyInAnyOrder(targets);
		assertThat(result.accepted()).isEqualTo(targets.length);
	}

	@ParameterizedTest
	@MethodSource({ "sends", "broadcasts" })
	void whenSentThenTheseServersGetItAndNoOthers(Consumer<TcpBackend<Frame>> send, List<String> receivers) {
		TwoGroups groups = TwoGroups.start(this.tcp);
		send.accept(groups.backend());
		assertThat(groups.receiversOf(MESSAGE)).containsExactlyElementsOf(receivers);
	}

	static Stream<ArgumentSet> sendsToNowhere() {
		return Stream.of(nowhere("gobase:b.Send", (b) -> b.sendBytes("game", "game-9", BYTES)),
				nowhere("gobase:b.SendByHash", (b) -> b.sendBytes("mail", HASH, BYTES)),
				nowhere("gobase:b.SendByTagAndHash", (b) -> b.sendBytes("chat", HASH.tag("us"), BYTES)),
				nowhere("gobase:b.SendMsg", (b) -> b.send("mail", "mail-1", MESSAGE)),
				nowhere("gobase:b.SendMsgByHash", (b) -> b.send("mail", HASH, MESSAGE)),
				nowhere("gobase:b.SendMsgByTagAndHash", (b) -> b.send("chat", HASH.tag("us"), MESSAGE)),
				nowhere("gobase:b.BroadGroup", (b) -> b.broadcastBytes("mail", BYTES)),
				nowhere("gobase:b.BroadGroupMsg", (b) -> b.broadcast("mail", MESSAGE)));
	}

	private static ArgumentSet nowhere(String row, Consumer<TcpBackend<Frame>> send) {
		return Arguments.argumentSet(row, send);
	}

	@ParameterizedTest
	@MethodSource("sendsToNowhere")
	void whenNobodyIsThereThenTheCallSaysSoAndNothingIsSent(Consumer<TcpBackend<Frame>> send) {
		TwoGroups groups = TwoGroups.start(this.tcp);
		assertThatExceptionOfType(ServiceNotFoundException.class).isThrownBy(() -> send.accept(groups.backend()));
		assertThat(groups.receiversOf(MESSAGE)).isEmpty();
	}

	@Test
	@Tag("gobase:s.Send")
	@Tag("gobase:s.SendMsg")
	void whenNotConnectedThenSendsAreRefused() {
		TcpService<Frame> service = TwoGroups.start(this.tcp).backend().getService("chat", "chat-3");
		for (Runnable send : List.<Runnable>of(() -> service.send(MESSAGE), () -> service.sendBytes(BYTES))) {
			assertThatExceptionOfType(SendRejectedException.class).isThrownBy(send::run)
				.satisfies((ex) -> assertThat(ex.reason()).isEqualTo(SendResult.NOT_CONNECTED));
		}
	}

	@Test
	@Tag("gobase:s.SendRPCMsg")
	void whenTheRpcIdMatchesThenTheReplyGoesToTheCallerOnly() {
		TcpService<Frame> service = TwoGroups.start(this.tcp).backend().getService("game", "game-1");
		assertThat(service.request(7L, Frame.request(7, "id of the caller"), LONG).join().text())
			.isEqualTo("id of the caller");
		assertThat(service.request(Frame.request(8, "id of the codec"), LONG).join().text())
			.isEqualTo("id of the codec");
		assertThat(this.tcp.handler().messages).isEmpty();
	}

	@Test
	@Tag("gobase:s.SendRPCMsg")
	void whenTheRpcIdDoesNotMatchThenTheCallTimesOutAndTheMessageGoesToTheHandler() {
		TcpService<Frame> service = TwoGroups.start(this.tcp).backend().getService("game", "game-1");
		CompletableFuture<Frame> call = service.request(9L, Frame.request(7, "other id"), Duration.ofMillis(50));
		assertThat(failureOf(call)).isInstanceOf(RequestTimeoutException.class);
		await().untilAsserted(
				() -> assertThat(this.tcp.handler().messages).extracting(Frame::text).containsExactly("other id"));
	}

	@Test
	@Tag("gobase:s.SendRPCMsg")
	void whenTheRpcIdIsPendingThenTheSecondCallFailsAndTheFirstEndsWithItsConnection() throws Exception {
		TestServer server = this.tcp.discoveredServer(TestServer.silent());
		TcpService<Frame> service = TcpFixture.ready(this.tcp.start()).getService("game", "game-1");
		CompletableFuture<Frame> first = service.request(Frame.request(7, "first"), LONG);
		CompletableFuture<Frame> second = service.request(Frame.request(7, "second"), LONG);
		assertThat(failureOf(second)).isInstanceOfSatisfying(SendRejectedException.class,
				(ex) -> assertThat(ex.reason()).isEqualTo(SendResult.DUPLICATE_REQUEST_ID));
		await().until(() -> !server.received().isEmpty());
		server.dropConnections();
		assertThat(failureOf(first)).isInstanceOf(ConnectionLostException.class);
	}

	private static @Nullable Throwable failureOf(CompletableFuture<?> call) {
		try {
			throw new AssertionError("replied " + call.join());
		}
		catch (CompletionException ex) {
			return ex.getCause();
		}
	}

}
