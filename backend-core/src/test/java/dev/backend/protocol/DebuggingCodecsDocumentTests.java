package dev.backend.protocol;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.backend.RequestTimeoutException;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpHandler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.LoggerFactory;

import static dev.backend.protocol.OneInstance.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What docs/debugging-codecs.md says that one sees is seen.
 */
@Timeout(60)
class DebuggingCodecsDocumentTests {

	private static final Order REQUEST = new Order(7, "?");

	@Test
	void whenMoreIsExpectedThanComesThenTheTimeOutSaysHowManyBytesWait() throws Exception {
		// The length is one that counts itself, too.
		assertTimeOut(new byte[] { 9, 0, 7, 0, 0, 0, '?' },
				"7 bytes wait undecoded: " + OrderCodec.class.getName() + " takes them for no whole message");
	}

	@Test
	void whenTheReplyHasAnotherIdThenTheTimeOutSaysThatSomethingCame() throws Exception {
		assertTimeOut(new byte[] { 5, 0, 0, 0, 0, 7, '?' },
				"1 messages arrived since the last reply and matched no request");
	}

	@Test
	void whenNothingComesThenTheTimeOutSaysNothingMore() throws Exception {
		assertTimeOut(new byte[0], "no reply before the request's deadline");
	}

	/** The page says the same, whatever the codec is called. */
	private static void assertTimeOut(byte[] reply, String message) throws Exception {
		assertThat(Files.readString(Path.of("../docs/debugging-codecs.md")))
			.contains(message.replace(OrderCodec.class.getName(), "…"));
		try (ScriptedServer server = new ScriptedServer((in, out, socket) -> answer(in, out, reply));
				TcpBackend<Order> backend = OneInstance.connect(server.port(), new OrderCodec(), new TcpHandler<>() {
				})) {
			// The first tells when the answer is there.
			await().atMost(LONG)
				.untilAsserted(
						() -> assertThat(backend.getService("server", "one").request(REQUEST, Duration.ofMillis(200)))
							.failsWithin(LONG)
							.withThrowableThat()
							.withCauseInstanceOf(RequestTimeoutException.class)
							.withMessageEndingWith(message));
		}
	}

	private static void answer(InputStream in, OutputStream out, byte[] reply) throws IOException {
		in.read();
		out.write(reply);
		out.flush();
		in.transferTo(OutputStream.nullOutputStream());
	}

	@Test
	void theWireLogShowsBothWaysInHexadecimal() throws Exception {
		Logger logger = (Logger) LoggerFactory.getLogger("wire");
		ListAppender<ILoggingEvent> appender = new ListAppender<>();
		appender.start();
		logger.setLevel(Level.DEBUG);
		logger.addAppender(appender);
		try (ScriptedServer server = new ScriptedServer((in, out, socket) -> OrderPeer.echo(in, out));
				TcpBackend<Order> backend = TcpBackend.builder()
					.discovery(new OneInstance(server.port()))
					.clientCustomizer(WireLog::customize)
					.build(new OrderCodec(), new TcpHandler<>() {
					})) {
			backend.start();
			assertThat(backend.awaitReady(LONG)).isTrue();
			assertThat(backend.getService("server", "one").request(REQUEST, LONG).join()).isEqualTo(REQUEST);
			assertThat(appender.list).extracting(ILoggingEvent::getFormattedMessage)
				.anyMatch((line) -> line.contains("WRITE: 7B") && line.contains("05 00 07 00 00 00 3f"))
				.anyMatch((line) -> line.contains("READ: 7B") && line.contains("05 00 07 00 00 00 3f"));
		}
		finally {
			logger.detachAppender(appender);
			logger.setLevel(null);
		}
	}

}
