package dev.backend.tcp;

import java.util.Map;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.LoggerFactory;

import static dev.backend.tcp.TcpFixture.LONG;
import static dev.backend.tcp.TcpFixture.fast;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Tests of the log of messages. The first word of a message's text is its id.
 */
class MessageLoggingTests {

	private static final Logger logger = (Logger) LoggerFactory.getLogger("dev.backend.tcp.messages");

	@RegisterExtension
	private final TcpFixture fixture = new TcpFixture();

	private final ListAppender<ILoggingEvent> appender = new ListAppender<>();

	@BeforeEach
	void listen() {
		this.appender.start();
		logger.addAppender(this.appender);
		logger.setLevel(Level.TRACE);
	}

	@AfterEach
	void stopListening() {
		logger.detachAppender(this.appender);
		logger.setLevel(null);
	}

	private TcpBackend<Frame> start(MessageLogging logging) throws Exception {
		this.fixture.discoveredServer(TestServer.echo(""));
		return TcpFixture
			.ready(this.fixture.start(fast().withLogging(logging), new WordCodec(), this.fixture.handler()));
	}

	private void exchange(TcpBackend<Frame> backend, String text) {
		backend.getService("game", "game-1").request(Frame.request(1, text), LONG).join();
	}

	private static String line(ILoggingEvent event) {
		return event.getLevel() + " " + event.getFormattedMessage().replaceAll("at \\S+:\\d+", "at here");
	}

	@Test
	@Tag("gobase:TcpParamConfig.LogLevelMsg")
	@Tag("gobase:TcpParamConfig.LogLevelByMsg")
	@Tag("gobase:TcpParamConfig.MsgLogLevel")
	void whenLevelsAreSetThenEachMessageIsLoggedAtTheOneOfItsId() throws Exception {
		TcpBackend<Frame> backend = start(new MessageLogging(MessageLogLevel.DEBUG,
				Map.of("move", MessageLogLevel.WARN, "ping", MessageLogLevel.OFF)));
		exchange(backend, "move left");
		exchange(backend, "ping");
		exchange(backend, "say hello");
		assertThat(this.appender.list).extracting(MessageLoggingTests::line)
			.containsExactly("WARN game/game-1 at here: sent move " + Frame.request(1, "move left"),
					"WARN game/game-1 at here: reply move " + Frame.request(1, "").reply("move left"),
					"DEBUG game/game-1 at here: sent say " + Frame.request(1, "say hello"),
					"DEBUG game/game-1 at here: reply say " + Frame.request(1, "").reply("say hello"));
	}

	@Test
	void whenTheLevelsChangeThenTheNextMessageFollowsThem() throws Exception {
		TcpBackend<Frame> backend = start(MessageLogging.off());
		exchange(backend, "one");
		assertThat(this.appender.list).isEmpty();
		backend.settings(backend.settings().withLogging(new MessageLogging(MessageLogLevel.INFO, Map.of())));
		exchange(backend, "two");
		assertThat(this.appender.list).hasSize(2);
		backend.settings(backend.settings().withLogging(MessageLogging.off()));
		exchange(backend, "three");
		assertThat(this.appender.list).hasSize(2);
	}

	@Test
	void whenAMessageGoesToTheHandlerOrToAllThenItIsLogged() throws Exception {
		TcpBackend<Frame> backend = start(new MessageLogging(MessageLogLevel.INFO, Map.of()));
		backend.broadcast(Frame.request(7, "all"));
		await().until(() -> this.appender.list.size() == 2);
		assertThat(this.appender.list).extracting(MessageLoggingTests::line)
			.containsExactly("INFO broadcast: sent all " + Frame.request(7, "all"),
					"INFO game/game-1 at here: received all " + Frame.request(7, "").reply("all"));
	}

	@Test
	void whenTheCodecFailsToNameTheIdThenTheMessageIsDeliveredAndTheFailureLogged() throws Exception {
		TcpBackend<Frame> backend = start(new MessageLogging(MessageLogLevel.INFO, Map.of()));
		exchange(backend, "throw");
		assertThat(this.appender.list).isNotEmpty().allSatisfy((event) -> {
			assertThat(event.getLevel()).isEqualTo(Level.WARN);
			assertThat(event.getFormattedMessage()).contains("game/game-1", "could not be logged");
		});
	}

	private static final class WordCodec extends Frame.Codec {

		@Override
		public Object messageId(Frame message) {
			if (message.text().equals("throw")) {
				throw new IllegalStateException("as told");
			}
			return message.text().split(" ")[0];
		}

	}

}
