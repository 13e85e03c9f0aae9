package dev.backend.tcp;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

import dev.backend.tcp.PeerLiveness.Rules;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;

/**
 * Looks after the connections of one event loop, on that loop.
 *
 * <p>
 * There is one timer for all of them, not one for each: about once a second, more often
 * if the time-outs are short, every connection is asked what has happened since. That
 * costs an idle connection a few numbers and a busy one a flag per read. The timer runs
 * only while there are connections, and each check takes the settings of that moment.
 *
 * <p>
 * <b>Late checks.</b> When this process was stopped, by a debugger, a long collection or
 * a closed lid, what its peers have sent meanwhile is still unread, and all of them look
 * dead. A check that comes after more than twice its interval therefore judges nobody and
 * gives every connection the full time again. What the peers should have heard from this
 * side is sent at once.
 */
final class LivenessCheck implements Runnable {

	private final EventExecutor loop;

	private final Supplier<TcpLiveness> settings;

	private final LongSupplier nanoTime;

	private PeerLiveness[] watches = new PeerLiveness[8];

	private int size;

	private @Nullable ScheduledFuture<?> timer;

	private int interval;

	private long last;

	/**
	 * Creates a check without connections.
	 * @param loop the event loop
	 * @param settings gives the present time-outs
	 * @param nanoTime gives the present time
	 */
	LivenessCheck(EventExecutor loop, Supplier<TcpLiveness> settings, LongSupplier nanoTime) {
		this.loop = loop;
		this.settings = settings;
		this.nanoTime = nanoTime;
	}

	void add(PeerLiveness watch) {
		if (this.size == this.watches.length) {
			this.watches = Arrays.copyOf(this.watches, this.size * 2);
		}
		watch.index = this.size;
		this.watches[this.size++] = watch;
		if (this.size == 1) {
			this.last = this.nanoTime.getAsLong();
			schedule(new Rules(this.settings.get()));
		}
	}

	/** Takes a connection out; without effect if it is out already. */
	@SuppressWarnings("NullAway") // clears the free end of the array
	void remove(PeerLiveness watch) {
		int index = watch.index;
		if (index < 0) {
			return;
		}
		PeerLiveness moved = this.watches[--this.size];
		this.watches[index] = moved;
		moved.index = index;
		this.watches[this.size] = null;
		watch.index = -1;
		if (this.size == 0 && this.timer != null) {
			this.timer.cancel(false);
			this.timer = null;
		}
	}

	@Override
	public void run() {
		this.timer = null;
		Rules rules = new Rules(this.settings.get());
		try {
			check(rules);
		}
		finally {
			if (this.size > 0 && this.timer == null) {
				schedule(rules);
			}
		}
	}

	private void check(Rules rules) {
		long millis = TimeUnit.NANOSECONDS.toMillis(this.nanoTime.getAsLong() - this.last);
		this.last += TimeUnit.MILLISECONDS.toNanos(millis);
		int elapsed = (int) Math.min(millis, Integer.MAX_VALUE);
		boolean late = millis > 2L * this.interval;
		// From the end, because one that is closed is replaced by the last.
		for (int i = this.size - 1; i >= 0; i--) {
			if (i >= this.size) {
				continue;
			}
			if (late) {
				this.watches[i].startOver(elapsed, rules);
			}
			else {
				this.watches[i].check(elapsed, rules);
			}
		}
	}

	private void schedule(Rules rules) {
		this.interval = rules.interval();
		this.timer = this.loop.schedule(this, this.interval, TimeUnit.MILLISECONDS);
	}

}
