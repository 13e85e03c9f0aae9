package dev.backend.execution;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.Executor;

import dev.backend.logging.ServiceLog;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Runs tasks one after another, in the order in which they came, on the threads of
 * another executor. Idle, it is one small object.
 *
 * <p>
 * <b>Queue.</b> Any thread pushes onto a stack of linked tasks; the one that runs takes
 * the whole stack at once and turns it round. Nothing but the whole is ever removed, so
 * there is no ABA problem, and a task that was taken is free to be queued again.
 *
 * <p>
 * <b>Who runs.</b> {@link State} says it. Whoever pushed looks at it, and the one that
 * moves it from idle to submitted gives this object to the executor. {@link #run()} is an
 * offer of a thread: it is taken by the one that moves the state from submitted to
 * running, and others that come by, for whatever reason, find nothing to do. The runner
 * ends by writing idle and then looking at the stack once more, while a pusher writes the
 * stack and then looks at the state: one of the two sees the other, so no task is left
 * behind.
 *
 * <p>
 * <b>Fairness.</b> After {@value #BURST} tasks it submits itself again, behind what waits
 * at the executor by then, so that one busy service does not keep a thread from the
 * others.
 *
 * <p>
 * <b>Refusal.</b> Whatever the executor throws is a refusal. The tasks stay, and the next
 * {@link #execute} or {@link #retry} submits again. If the executor refuses the runner
 * after a burst, because it is shutting down, the runner goes on where it is: what was
 * accepted is run.
 *
 * <p>
 * <b>Holding back.</b> {@link #hold()} begins as submitted, so that whoever pushes leaves
 * it at that, and {@link #release()} is what gives this object to the executor.
 */
public class SerialExecutor implements Executor, Runnable {

	private static final Logger logger = LoggerFactory.getLogger(SerialExecutor.class);

	private static final int BURST = 256;

	private static final VarHandle ARRIVED;

	private static final VarHandle STATE;

	static {
		try {
			MethodHandles.Lookup lookup = MethodHandles.lookup();
			ARRIVED = lookup.findVarHandle(SerialExecutor.class, "arrived", Task.class);
			STATE = lookup.findVarHandle(SerialExecutor.class, "state", State.class);
		}
		catch (ReflectiveOperationException ex) {
			throw new ExceptionInInitializerError(ex);
		}
	}

	private final Object owner;

	private final ServiceLog log;

	private final Executor executor;

	/** What nobody has taken yet, the youngest first. */
	private volatile @Nullable Task arrived;

	/** What was taken and is not run yet, the oldest first. The runner's. */
	private @Nullable Task taken;

	private volatile State state = State.IDLE;

	/**
	 * Creates a serial executor.
	 * @param owner whose tasks these are, as logs name it
	 * @param log bounds what is logged of it
	 * @param executor whose threads run the tasks
	 */
	public SerialExecutor(Object owner, ServiceLog log, Executor executor) {
		this.owner = owner;
		this.log = log;
		this.executor = executor;
	}

	/**
	 * Returns what bounds the lines that are logged of the owner.
	 * @return the log
	 */
	public final ServiceLog log() {
		return this.log;
	}

	/**
	 * Queues a task. What it throws is logged, and the next one runs. If the executor
	 * refuses, the task runs with the next one that it takes. Called by any thread.
	 * @param task the task; a {@link Task} must not be queued at present
	 */
	@Override
	public final void execute(Runnable task) {
		push((task instanceof Task own) ? own : new Plain(task));
		State state = this.state;
		if (state == State.IDLE || state == State.REFUSED) {
			submit(state);
		}
	}

	/**
	 * Submits again what the executor has refused, if it has. Called by any thread.
	 */
	public final void retry() {
		if (this.state == State.REFUSED) {
			submit(State.REFUSED);
		}
	}

	/**
	 * Keeps what will be queued until {@link #release()}. Called once, before anything is
	 * queued.
	 */
	public final void hold() {
		this.state = State.SUBMITTED;
	}

	/**
	 * Runs what {@link #hold()} has kept, and from now on what comes.
	 */
	public final void release() {
		handOver(State.IDLE);
	}

	/** Runs what is queued. Called by the executor only. */
	@Override
	public final void run() {
		if (!claim()) {
			return;
		}
		int left = BURST;
		for (Task task = next(); task != null; task = next()) {
			performSafely(task);
			left--;
			if (left == 0) {
				if (hasMore() && resubmit()) {
					return;
				}
				left = BURST;
			}
		}
	}

	/**
	 * Performs a task whose turn it is. Called one at a time, in order.
	 * @param task the task; by default it is run
	 */
	protected void perform(Task task) {
		task.run();
	}

	/**
	 * Puts a task in front of all others. Called while a task is performed, by its
	 * thread.
	 * @param task a task that is not queued
	 */
	protected final void prepend(Task task) {
		task.next = this.taken;
		this.taken = task;
	}

	/**
	 * Gives something to the executor whose threads run the tasks.
	 * @param task what to run there
	 * @return whether it was taken
	 */
	protected final boolean offer(Runnable task) {
		return refusal(task) == null;
	}

	private @Nullable Throwable refusal(Runnable task) {
		try {
			this.executor.execute(task);
			return null;
		}
		catch (Throwable ex) {
			return ex;
		}
	}

	/**
	 * Runs what is queued on the calling thread, if the executor has refused it. Called
	 * by threads that may run callbacks.
	 */
	protected final void runRefused() {
		if (this.state == State.REFUSED) {
			run();
		}
	}

	private void push(Task task) {
		Task top;
		do {
			top = this.arrived;
			task.next = top;
		}
		while (!ARRIVED.compareAndSet(this, top, task));
	}

	private void submit(State state) {
		if (STATE.compareAndSet(this, state, State.SUBMITTED)) {
			handOver(state);
		}
	}

	private void handOver(State state) {
		Throwable refusal = refusal(this);
		if (refusal != null) {
			STATE.compareAndSet(this, State.SUBMITTED, State.REFUSED);
			if (state == State.IDLE) {
				this.log.failed(logger, Level.WARN,
						"Callbacks of {} wait, because their executor is full or shut down: {}", this.owner, refusal);
			}
		}
	}

	/** Gives the thread back, or not: a refusal here leaves the run where it is. */
	private boolean resubmit() {
		this.state = State.SUBMITTED;
		return offer(this) || !claim();
	}

	private boolean claim() {
		State state = this.state;
		while (state == State.SUBMITTED || state == State.REFUSED) {
			if (STATE.compareAndSet(this, state, State.RUNNING)) {
				return true;
			}
			state = this.state;
		}
		return false;
	}

	/** Takes the next task; if there is none, this is idle from then on. */
	private @Nullable Task next() {
		while (!hasMore()) {
			this.state = State.IDLE;
			if (this.arrived == null || !STATE.compareAndSet(this, State.IDLE, State.RUNNING)) {
				return null;
			}
		}
		Task task = (this.taken != null) ? this.taken : takeAll();
		if (task != null) {
			this.taken = task.next;
			task.next = null;
		}
		return task;
	}

	private boolean hasMore() {
		return this.taken != null || this.arrived != null;
	}

	private @Nullable Task takeAll() {
		Task task = (Task) ARRIVED.getAndSet(this, null);
		Task oldest = null;
		while (task != null) {
			Task older = task.next;
			task.next = oldest;
			oldest = task;
			task = older;
		}
		return oldest;
	}

	private void performSafely(Task task) {
		try {
			perform(task);
		}
		catch (Throwable ex) {
			this.log.threw(logger, Level.ERROR, ex, "A callback of {} failed", this.owner);
		}
	}

	private enum State {

		/** Nothing is queued, or whoever queues it will submit. */
		IDLE,

		/** The executor has this object, and will run it. */
		SUBMITTED,

		/** A thread of the executor is at work. */
		RUNNING,

		/** Something is queued, and the executor did not take this object. */
		REFUSED

	}

	/** A task that carries its own link, so that queuing it allocates nothing. */
	public abstract static class Task implements Runnable {

		private @Nullable Task next;

	}

	private static final class Plain extends Task {

		private final Runnable task;

		Plain(Runnable task) {
			this.task = task;
		}

		@Override
		public void run() {
			this.task.run();
		}

	}

}
