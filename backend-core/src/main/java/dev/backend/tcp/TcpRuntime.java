package dev.backend.tcp;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

import dev.backend.BackendListener;
import dev.backend.codec.MessageCodec;
import dev.backend.codec.MessageCodec.Correlation;
import dev.backend.execution.PermitGate;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * What the services of one backend share.
 *
 * @param <M> the type of the messages
 */
final class TcpRuntime<M> {

	private final MessageCodec<M> codec;

	private final ScopedHandler<M> handler;

	private final BackendListener listener;

	private final Executor handlerExecutor;

	private final TcpTransport transport;

	private final PermitGate dials;

	private final DialFailureLog dialFailures = new DialFailureLog();

	private final Consumer<TcpService<M>> availabilityChanged;

	private final Map<String, TcpCounters> counters = new ConcurrentHashMap<>();

	private final Map<EventLoop, LivenessCheck> livenessChecks = new ConcurrentHashMap<>();

	private volatile TcpSettings settings;

	private volatile @Nullable RequestObserver<M> requestObserver;

	TcpRuntime(MessageCodec<M> codec, TcpHandler<M> handler, BackendListener listener, Executor handlerExecutor,
			TcpTransport transport, TcpSettings settings, Consumer<TcpService<M>> availabilityChanged) {
		this.codec = codec;
		this.handler = new ScopedHandler<>(handler);
		this.listener = listener;
		this.handlerExecutor = handlerExecutor;
		this.transport = transport;
		this.dials = new PermitGate(settings.limits().concurrentDials());
		this.settings = settings;
		this.availabilityChanged = availabilityChanged;
	}

	MessageCodec<M> codec() {
		return this.codec;
	}

	/**
	 * Whether the reply to a message that is not a request takes a place in their order.
	 */
	boolean expectsReply(M message) {
		return this.codec.correlation() == Correlation.IN_ORDER && this.codec.expectsReply(message);
	}

	/** The application's handler, in its scope. */
	ScopedHandler<M> handler() {
		return this.handler;
	}

	BackendListener listener() {
		return this.listener;
	}

	Executor handlerExecutor() {
		return this.handlerExecutor;
	}

	TcpTransport transport() {
		return this.transport;
	}

	PermitGate dials() {
		return this.dials;
	}

	/** The check of an event loop. To be used on that loop only. */
	LivenessCheck liveness(EventLoop loop) {
		return this.livenessChecks.computeIfAbsent(loop,
				(key) -> new LivenessCheck(key, () -> this.settings.liveness(), System::nanoTime));
	}

	DialFailureLog dialFailures() {
		return this.dialFailures;
	}

	TcpSettings settings() {
		return this.settings;
	}

	void settings(TcpSettings settings) {
		this.settings = settings;
	}

	/** What is told of every request, or {@code null} if nothing is. */
	@Nullable RequestObserver<M> requestObserver() {
		return this.requestObserver;
	}

	synchronized void observeRequests(RequestObserver<M> observer) {
		RequestObserver<M> before = this.requestObserver;
		this.requestObserver = (before != null) ? new BothObservers<>(before, observer) : observer;
	}

	/** The counters of a service name; they outlive its group. */
	TcpCounters counters(String name) {
		return this.counters.computeIfAbsent(name, (key) -> new TcpCounters());
	}

	void availabilityChanged(TcpService<M> service) {
		this.availabilityChanged.accept(service);
	}

}
