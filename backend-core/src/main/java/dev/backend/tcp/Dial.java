package dev.backend.tcp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import dev.backend.ServiceConfig;
import dev.backend.execution.PermitGate;
import dev.backend.transport.PlainWords;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;
import reactor.netty.Connection;

/**
 * One attempt to connect a service: the look-up of its addresses, and one after another
 * until one is connected. It ends once: with a channel, with a failure, of which one is
 * that its time is over, or because its {@link Owner} gave it up. Event loop only.
 *
 * <p>
 * <b>Time.</b> Of the time that is left, an address may take its equal share with those
 * that come after it, for TCP and TLS together. What it does not need is for the others,
 * and the last one has all that is left.
 *
 * <p>
 * <b>Failure.</b> Whatever goes wrong, and at whatever moment, is told to the owner and
 * not thrown: the permit of the {@link PermitGate} depends on it.
 */
final class Dial {

	private final EventLoop loop;

	private final TcpTransport transport;

	private final ServiceConfig config;

	private final Duration timeout;

	private final DialAddresses addresses;

	private final List<AddressFailure> failures = new ArrayList<>();

	private @Nullable Owner owner;

	private @Nullable AddressDial current;

	private @Nullable ScheduledFuture<?> timer;

	private long deadline;

	/**
	 * Creates a dial.
	 * @param loop the event loop
	 * @param transport makes the connection
	 * @param config the peer
	 * @param timeout how long the look-up of the name, TCP and TLS may take together
	 * @param owner told how it ends
	 */
	Dial(EventLoop loop, TcpTransport transport, ServiceConfig config, Duration timeout, Owner owner) {
		this.loop = loop;
		this.transport = transport;
		this.config = config;
		this.timeout = timeout;
		this.owner = owner;
		this.addresses = new DialAddresses(config, () -> loop.execute(this::found));
	}

	void start() {
		this.deadline = System.nanoTime() + this.timeout.toNanos();
		connect();
	}

	/** Gives up. A channel that comes up all the same is closed. */
	void giveUp() {
		this.owner = null;
		cancelTimer();
		if (this.current != null) {
			this.current.giveUp();
			this.current = null;
		}
	}

	private void connect() {
		startTimer();
		AddressDial current = new AddressDial(this.loop, this);
		this.current = current;
		current.start(this.transport, this.config, this.addresses);
	}

	/** Until now, the look-up had all the time. */
	private void found() {
		if (this.owner != null) {
			startTimer();
		}
	}

	private void startTimer() {
		cancelTimer();
		long share = timeLeft() / this.addresses.left();
		this.timer = this.loop.schedule(this::timedOut, share, TimeUnit.NANOSECONDS);
	}

	private long timeLeft() {
		return this.deadline - System.nanoTime();
	}

	private void cancelTimer() {
		if (this.timer != null) {
			this.timer.cancel(false);
			this.timer = null;
		}
	}

	private void timedOut() {
		AddressDial current = this.current;
		if (current != null) {
			boolean accepted = current.accepted();
			current.giveUp();
			failed(AddressFailure.timedOut(this.addresses.label(), accepted));
		}
	}

	/** The present address has failed. */
	void failed(Throwable cause) {
		failed(AddressFailure.of(this.addresses.label(), PlainWords.of(cause)));
	}

	private void failed(AddressFailure failure) {
		this.failures.add(failure);
		if (this.addresses.left() > 1 && timeLeft() > 0) {
			this.addresses.advance();
			connect();
		}
		else {
			end(DialExplanation.explain(this.failures, this.timeout));
		}
	}

	/** Fails, whatever addresses are left. */
	void end(Throwable cause) {
		Owner owner = this.owner;
		if (owner != null) {
			giveUp();
			owner.dialFailed(this, PlainWords.of(cause));
		}
	}

	/** The present address is connected. */
	void succeeded(Connection connection) {
		Owner owner = this.owner;
		this.owner = null;
		this.current = null;
		cancelTimer();
		if (owner == null) {
			connection.channel().close();
			return;
		}
		try {
			owner.dialSucceeded(this, connection);
		}
		catch (Throwable ex) {
			connection.channel().close();
			owner.dialFailed(this, ex);
		}
	}

	/** Told how a dial ended, on its event loop. */
	interface Owner {

		/**
		 * There is a channel. What this throws closes it, and fails the dial.
		 * @param dial the dial
		 * @param connection the channel, as reactor-netty has it
		 */
		void dialSucceeded(Dial dial, Connection connection);

		void dialFailed(Dial dial, Throwable cause);

	}

}
