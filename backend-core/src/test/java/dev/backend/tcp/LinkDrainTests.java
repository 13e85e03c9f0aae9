package dev.backend.tcp;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import dev.backend.logging.FailureLog;
import dev.backend.logging.ServiceLog;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How long a {@link Link} that is drained takes what comes, in virtual time.
 */
class LinkDrainTests {

	private static final Duration LIMIT = Duration.ofSeconds(5);

	private static final Duration GRACE = Duration.ofMillis(100);

	private final EmbeddedChannel channel = new EmbeddedChannel();

	private final Owner owner = new Owner();

	private final Link<Frame> link = link();

	private Link<Frame> link() {
		TcpContext<Frame> context = new TcpContext<>(new Frame.Codec(), TcpSettings.defaults());
		return new Link<>(this.owner, context, context.codec(), this.channel);
	}

	@BeforeEach
	void open() {
		this.channel.freezeTime();
		this.channel.pipeline().addLast(this.link);
		this.link.open();
	}

	@AfterEach
	void close() {
		this.channel.finishAndReleaseAll();
	}

	private boolean send() {
		boolean accepted = this.link.offer(new OutboundMessage<>(Frame.push("x")), 16).accepted();
		this.channel.runPendingTasks();
		return accepted;
	}

	private void pass(long millis) {
		this.channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
		this.channel.runScheduledPendingTasks();
		this.channel.runPendingTasks();
	}

	@Test
	void whenALookUpOfBeforeLeadsToADrainedConnectionThenItTakesWhatComesForAWhile() {
		this.link.drain(LIMIT, GRACE);
		for (int i = 0; i < 4; i++) {
			assertThat(send()).isTrue();
			ByteBuf written = this.channel.readOutbound();
			assertThat(written).isNotNull();
			written.release();
			pass(25);
		}
		assertThat(this.owner.closing).isTrue();
		assertThat(send()).isFalse();
	}

	@Test
	void whenTheProcessPausesThenTheRestOfTheWhileFollows() {
		this.link.drain(LIMIT, GRACE);
		pass(10_000);
		assertThat(this.owner.closing).isFalse();
		assertThat(send()).isTrue();
		for (int i = 0; i < 3; i++) {
			pass(25);
		}
		assertThat(this.owner.closing).isTrue();
	}

	@Test
	void whenTheBackendStopsThenAnIdleConnectionIsClosedAtOnce() {
		this.link.drain(LIMIT, Duration.ZERO);
		assertThat(this.owner.closing).isTrue();
	}

	@Test
	void whenADrainIsTakenBackThenItsWhileEndsNothing() {
		this.link.drain(LIMIT, GRACE);
		pass(25);
		assertThat(this.link.undrain()).isTrue();
		this.link.drain(LIMIT, GRACE);
		for (int i = 0; i < 3; i++) {
			pass(25);
		}
		assertThat(this.owner.closing).isFalse();
		pass(25);
		assertThat(this.owner.closing).isTrue();
	}

	private static final class Owner implements LinkOwner<Frame> {

		private final TcpCounters counters = new TcpCounters();

		private final InboundBacklog backlog = new InboundBacklog();

		private final FailureLog failureLog = new FailureLog(System::nanoTime);

		private boolean closing;

		@Override
		public String label() {
			return "game/game-1 at 127.0.0.1:1";
		}

		@Override
		public TcpState state() {
			return TcpState.DRAINING;
		}

		@Override
		public TcpCounters counters() {
			return this.counters;
		}

		@Override
		public ServiceLog log() {
			return this.failureLog.of("game");
		}

		@Override
		public InboundBacklog backlog() {
			return this.backlog;
		}

		@Override
		public void sent(int bytes) {
		}

		@Override
		public void received(int bytes) {
		}

		@Override
		public boolean handlesControl() {
			return false;
		}

		@Override
		public boolean control(Frame message) {
			return false;
		}

		@Override
		public void handle(Frame message) {
		}

		@Override
		public boolean closing(Link<Frame> link, @Nullable Throwable cause) {
			this.closing = true;
			return true;
		}

		@Override
		public void closed(Link<Frame> link, @Nullable Throwable cause) {
		}

	}

}
