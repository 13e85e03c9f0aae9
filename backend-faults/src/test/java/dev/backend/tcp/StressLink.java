package dev.backend.tcp;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

import dev.backend.Availability;
import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.ServiceConfig;
import dev.backend.execution.Dispatcher;
import dev.backend.logging.ServiceLog;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.DefaultChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ImmediateEventExecutor;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Link} with all its parts, over a channel that only notes what is done to it
 * and an event loop that runs when a test says so: one actor is the loop, the other one
 * the caller or the handler's thread. Made in about two microseconds.
 */
final class StressLink implements InvocationHandler, LinkOwner<Frame>, ConnectionCallbacks.Owner<Frame> {

	/** Reading pauses at two messages that wait for the handler, and resumes at one. */
	private static final TcpSettings SETTINGS = TcpSettings.defaults()
		.withTimings(timings())
		.withLimits(TcpLimits.defaults()
			.withQueuedMessages(16)
			.withOutboundBytes(1 << 20)
			.withPendingRequests(16)
			.withInboundMessages(2)
			.withConcurrentDials(1));

	private static final ServiceConfig CONFIG = ServiceConfig.tcp("game", "game-1", "127.0.0.1", 7001);

	/** Comes only if a test says so. */
	private static final long DEADLINE = System.nanoTime() + Duration.ofHours(1).toNanos();

	static final BackendService SERVICE = new BackendService() {

		@Override
		public ServiceConfig config() {
			return CONFIG;
		}

		@Override
		public String backend() {
			return "backend";
		}

		@Override
		public Availability availability() {
			return Availability.READY;
		}

		@Override
		public <T> T info(Class<T> type) {
			throw new IllegalStateException("none");
		}

	};

	private static final BackendListener NO_LISTENER = new BackendListener() {
	};

	final TcpCounters counters = new TcpCounters();

	final Link<Frame> link;

	private final TcpCallbacks<Frame> callbacks;

	private final ConnectionCallbacks<Frame> connection;

	/** What the handler was given. */
	final AtomicInteger handled = new AtomicInteger();

	/**
	 * What was called, in order: c for connected, the text of each message, d for
	 * disconnected, and r when the owner was told that all have returned.
	 */
	final StringBuilder calls = new StringBuilder();

	/** The texts of what was written. */
	final StringBuilder written = new StringBuilder();

	private final Queue<Runnable> loopTasks = new ConcurrentLinkedQueue<>();

	private final Queue<Runnable> handlerTasks = new ConcurrentLinkedQueue<>();

	private final Channel channel = proxy(Channel.class);

	private final EventLoop eventLoop = proxy(EventLoop.class);

	private final ChannelConfig channelConfig = proxy(ChannelConfig.class);

	private final ChannelPipeline pipeline = proxy(ChannelPipeline.class);

	private final Channel.Unsafe unsafe = proxy(Channel.Unsafe.class);

	private final ChannelFuture closeFuture = new DefaultChannelPromise(this.channel, ImmediateEventExecutor.INSTANCE);

	private final ChannelHandlerContext context = proxy(ChannelHandlerContext.class);

	private @Nullable Thread loopThread;

	private boolean writable = true;

	private boolean reads = true;

	private boolean closed;

	private boolean inactive;

	/** The quarantine outlasts the deadline. */
	private static TcpTimings timings() {
		TcpTimings timings = TcpTimings.defaults();
		return new TcpTimings(timings.connectTimeout(), timings.readyTimeout(), timings.backoffInitial(),
				timings.backoffMax(), timings.stableAfter(), timings.drainTimeout(), timings.tickInterval(),
				Duration.ofHours(2));
	}

	/** A connection whose {@code onConnected} has returned. */
	StressLink() {
		this(true);
	}

	/**
	 * A connection that is up.
	 * @param begun whether its {@code onConnected} has been called and has returned
	 */
	StressLink(boolean begun) {
		this(begun, new Frame.Codec());
	}

	/** A connection with this codec, whose {@code onConnected} has returned. */
	StressLink(Frame.Codec codec) {
		this(true, codec);
	}

	private StressLink(boolean begun, Frame.Codec codec) {
		TcpContext<Frame> context = new TcpContext<>(codec, SETTINGS);
		this.callbacks = new TcpCallbacks<>(SERVICE, NO_LISTENER, context, this.counters, new Recording(),
				new Dispatcher(SERVICE, context.failureLog().of(CONFIG.name()), this.handlerTasks::add));
		this.link = new Link<>(this, context, context.codec(), this.channel);
		this.connection = this.callbacks.newConnection(this.link, this);
		this.connection.open();
		if (begun) {
			runHandler();
		}
		this.link.open();
	}

	@Override
	public ServiceLog log() {
		return this.callbacks.log();
	}

	@Override
	public String label() {
		return CONFIG.label();
	}

	@Override
	public TcpState state() {
		return TcpState.READY;
	}

	@Override
	public TcpCounters counters() {
		return this.counters;
	}

	@Override
	public InboundBacklog backlog() {
		return this.callbacks.backlog();
	}

	@Override
	public void sent(int bytes) {
		this.callbacks.sent(bytes);
	}

	@Override
	public void received(int bytes) {
		this.callbacks.received(bytes);
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
		this.connection.handle(message);
	}

	@Override
	public boolean closing(Link<Frame> link, @Nullable Throwable cause) {
		return this.connection.ending();
	}

	@Override
	public void closed(Link<Frame> link, @Nullable Throwable cause) {
		this.connection.closed(cause);
	}

	@Override
	public void begun(Link<Frame> link) {
	}

	@Override
	public void ready(Link<Frame> link) {
	}

	@Override
	public void failed(Link<Frame> link, Throwable cause) {
	}

	@Override
	public void returned(ConnectionCallbacks<Frame> connection) {
		this.calls.append('r');
	}

	/** Queues a request, as a caller does; {@code null} if it was refused. */
	@Nullable RequestFuture<Frame> request(long id, String text) {
		return offer(new RequestFuture<>(id, Frame.request(id, text), DEADLINE));
	}

	/** The same, without an id: the link gives one, or replies come in order. */
	@Nullable RequestFuture<Frame> request(String text) {
		return offer(new RequestFuture<>(null, Frame.request(0, text), DEADLINE));
	}

	private @Nullable RequestFuture<Frame> offer(RequestFuture<Frame> request) {
		return this.link.offer(request, 16).accepted() ? request : null;
	}

	/** Queues a message, as a caller does. */
	boolean send(String text) {
		return this.link.offer(new OutboundMessage<>(Frame.push(text)), 16).accepted();
	}

	/** Queues messages as one, as a caller does. */
	boolean submit(int bound, String... texts) {
		List<Outbound<Frame>> parts = new ArrayList<>();
		for (String text : texts) {
			parts.add(new OutboundMessage<>(Frame.push(text)));
		}
		return this.link.offer(new OutboundBatch<>(parts), bound).accepted();
	}

	/** What the loop does when these have arrived in one read. */
	void read(Frame... frames) {
		this.loopThread = Thread.currentThread();
		ByteBuf arrived = Unpooled.buffer(64);
		for (Frame frame : frames) {
			Frame.write(frame, arrived);
		}
		this.link.channelRead(this.context, arrived);
		this.link.channelReadComplete(this.context);
	}

	/** What the loop does when it has been woken. */
	void runLoop() {
		this.loopThread = Thread.currentThread();
		for (Runnable task = this.loopTasks.poll(); task != null; task = this.loopTasks.poll()) {
			task.run();
		}
		if (this.closed && !this.inactive) {
			lose();
		}
	}

	/** What the loop does when the deadlines of all requests have come. */
	void sweep() {
		this.loopThread = Thread.currentThread();
		this.link.sweepAt(DEADLINE + 1);
	}

	/** What the loop does when the peer is gone. */
	void lose() {
		this.loopThread = Thread.currentThread();
		this.closed = true;
		this.inactive = true;
		this.link.channelInactive(this.context);
	}

	/** What the loop does when the application closes the connection. */
	void close() {
		this.loopThread = Thread.currentThread();
		this.link.close(null);
		runLoop();
	}

	/** What the loop does when the service is to go. */
	void drain() {
		this.loopThread = Thread.currentThread();
		this.link.drain(Duration.ofSeconds(5), Duration.ZERO);
		runLoop();
	}

	void writable(boolean writable) {
		this.writable = writable;
		this.link.channelWritabilityChanged(this.context);
	}

	/** What a thread of the handler does. */
	void runHandler() {
		for (Runnable task = this.handlerTasks.poll(); task != null; task = this.handlerTasks.poll()) {
			task.run();
		}
	}

	/** What both do, until there is nothing left. */
	void runAll() {
		while (!this.loopTasks.isEmpty() || !this.handlerTasks.isEmpty() || (this.closed && !this.inactive)) {
			runLoop();
			runHandler();
		}
	}

	boolean reads() {
		return this.reads;
	}

	boolean closed() {
		return this.inactive;
	}

	@Override
	public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) {
		Object argument = (arguments != null && arguments.length > 0) ? arguments[0] : null;
		switch (method.getName()) {
			case "eventLoop":
				return this.eventLoop;
			case "config":
				return this.channelConfig;
			case "alloc":
				return PooledByteBufAllocator.DEFAULT;
			case "isWritable":
				return this.writable && !this.closed;
			case "bytesBeforeUnwritable":
				return (this.writable && !this.closed) ? (long) Integer.MAX_VALUE : 0L;
			case "inEventLoop":
				return Thread.currentThread() == this.loopThread;
			case "execute":
				this.loopTasks.add((Runnable) Objects.requireNonNull(argument));
				return null;
			case "setAutoRead":
				this.reads = Boolean.TRUE.equals(argument);
				return this.channelConfig;
			case "write":
				write((ByteBuf) Objects.requireNonNull(argument));
				return null;
			case "writeAndFlush":
				// Only ever nothing, with what is to follow.
				return new DefaultChannelPromise(this.channel, ImmediateEventExecutor.INSTANCE).setSuccess();
			case "close":
				this.closed = true;
				return null;
			case "closeFuture":
				return this.closeFuture;
			case "pipeline":
				return this.pipeline;
			case "unsafe":
				return this.unsafe;
			case "voidPromise", "flush", "schedule", "get":
				return null;
			default:
				throw new UnsupportedOperationException(method.toString());
		}
	}

	private void write(ByteBuf bytes) {
		for (Frame frame = Frame.read(bytes); frame != null; frame = Frame.read(bytes)) {
			this.written.append(frame.text());
		}
		bytes.release();
	}

	@SuppressWarnings("unchecked")
	private <T> T proxy(Class<T> type) {
		return (T) Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] { type }, this);
	}

	private final class Recording implements ServiceHandler<Frame>, ServiceHandler.Connection<Frame> {

		@Override
		public ServiceHandler.Connection<Frame> connected(Link<Frame> link) {
			return this;
		}

		@Override
		public Link<Frame> link() {
			return StressLink.this.link;
		}

		@Override
		public void availabilityChanged() {
		}

		@Override
		public @Nullable ServiceConfig destination() {
			return null;
		}

		@Override
		public @Nullable ServiceConfig arrive() {
			return null;
		}

		@Override
		public void released() {
		}

		@Override
		public boolean onConnected() {
			StressLink.this.calls.append('c');
			return true;
		}

		@Override
		public boolean handlesControl() {
			return false;
		}

		@Override
		public boolean onControl(Frame message) {
			return false;
		}

		@Override
		public void onMessage(Frame message) {
			StressLink.this.calls.append(message.text());
			StressLink.this.handled.incrementAndGet();
		}

		@Override
		public void onDisconnected(@Nullable Throwable cause) {
			StressLink.this.calls.append('d');
		}

		@Override
		public void onTick() {
		}

	}

}
