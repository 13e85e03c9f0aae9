package dev.backend.tcp;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

import dev.backend.Route;
import dev.backend.SendRejectedException;
import dev.backend.SendResult;
import dev.backend.ServiceConfig;
import dev.backend.ServiceNotFoundException;
import dev.backend.codec.MessageCodec;
import dev.backend.fleet.CompositeListener;
import dev.backend.fleet.FleetBackend;
import dev.backend.fleet.FleetBuilder;
import dev.backend.fleet.ProtocolRunFactory;
import dev.backend.routing.ConsistentHash;
import org.jspecify.annotations.Nullable;
import reactor.netty.tcp.TcpClient;

/**
 * The fleets that an application talks to over TCP: keeps one connection to every
 * instance that discovery lists, and sends messages and requests to the instance that a
 * key, an id or a tag leads to.
 *
 * <p>
 * Safe for use by any thread. Sends and look-ups take no lock and never block.
 *
 * <pre class="code">
 * try (TcpBackend&lt;Frame&gt; backend = TcpBackend.builder().discovery(discovery).build(codec, handler)) {
 *     backend.start();
 *     Frame reply = backend.request("game", Route.hash(userId), frame, Duration.ofSeconds(2)).join();
 * }
 * </pre>
 *
 * @param <M> the type of the messages
 */
public final class TcpBackend<M> extends FleetBackend<TcpService<M>, TcpGroup<M>> {

	private final TcpContext<M> context;

	private final TcpHooks<M> hooks;

	private TcpBackend(FleetBuilder<?> builder, TcpContext<M> context, TcpHooks<M> hooks,
			ProtocolRunFactory<TcpService<M>, TcpGroup<M>> factory) {
		super(builder, factory);
		this.context = context;
		this.hooks = hooks;
	}

	/**
	 * Returns a builder with the defaults.
	 * @return a new builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * Returns the present settings.
	 * @return the settings
	 */
	public TcpSettings settings() {
		return this.context.settings();
	}

	/**
	 * Changes the settings while running. Bounds, log levels of messages, the drain
	 * time-out and the removal mode apply at once, the dispatch mode from the next
	 * message on (what has arrived keeps its order), other time-outs from the next
	 * connection on; the outbound bytes, the number of dials and the tick interval stay
	 * as they were at the start.
	 * @param settings the new settings
	 */
	public void settings(TcpSettings settings) {
		this.context.settings(Objects.requireNonNull(settings, "settings"));
		forEachService(TcpService::settingsChanged);
	}

	/**
	 * Returns how many bytes all connections hold that are encoded and not written yet,
	 * or have arrived and are not decoded yet, or were read ahead of a handler.
	 * @return the number; 0 while {@link TcpLimits#totalBytes()} is 0
	 */
	public long heldBytes() {
		return this.context.budget().held();
	}

	/**
	 * Suspends an instance until {@link #resume} is called: takes it off the rings as
	 * {@link #drain} does, lets what is pending finish within the drain time-out, closes
	 * its connection and makes no other. Where it is not ready, its connection or the
	 * attempt at one is closed at once. It is not waited for by {@link #awaitReady}.
	 *
	 * <p>
	 * That it moves, or leaves discovery and comes back under its id, changes nothing;
	 * that this backend is stopped does. The last thousand are remembered at least. Other
	 * applications do not know of it. To drain and to suspend are two things:
	 * {@link #undrain} leaves it suspended, and one that was drained as well is still
	 * drained when it is resumed.
	 * @param name the service name; trimmed and lower-cased
	 * @param id the id; trimmed and lower-cased
	 * @return a future that completes when its connection is closed, at the latest soon
	 * after the drain time-out, or when it is resumed before that; it fails if this
	 * backend is stopped
	 * @throws ServiceNotFoundException if it is not known
	 */
	public CompletableFuture<Void> suspend(String name, String id) {
		return suspendService(name, id);
	}

	/**
	 * Resumes an instance that was suspended: it is dialled at once, with a back-off that
	 * starts over, or serves on if its connection was not closed yet. Without effect if
	 * it is not suspended.
	 * @param name the service name; trimmed and lower-cased
	 * @param id the id; trimmed and lower-cased
	 * @return a future that completes when it is being connected; it fails if this
	 * backend is stopped
	 * @throws ServiceNotFoundException if it is neither suspended nor known
	 */
	public CompletableFuture<Void> resume(String name, String id) {
		return resumeService(name, id);
	}

	/**
	 * Returns the instances that are suspended, those included that discovery does not
	 * list at present.
	 * @return the ids by service name; a snapshot that does not change
	 */
	public Map<String, Set<String>> suspended() {
		return suspendedServices();
	}

	/**
	 * Adds an observer of every request that is made from now on, such as a timer.
	 * Several are told in the order in which they were added. Without one, requests cost
	 * nothing more.
	 * @param observer the observer
	 */
	public void observeRequests(RequestObserver<M> observer) {
		this.hooks.observeRequests(Objects.requireNonNull(observer, "observer"));
	}

	/**
	 * Queues a message for one service.
	 * @param name the service name
	 * @param id the id of the instance
	 * @param message the message; must not be changed any more
	 * @throws ServiceNotFoundException if there is no such instance
	 * @throws SendRejectedException if it was refused; nothing of it is written
	 */
	public void send(String name, String id, M message) {
		getService(name, id).send(message);
	}

	/**
	 * Queues a message for the service that a route leads to.
	 * @param name the service name
	 * @param route the route
	 * @param message the message; must not be changed any more
	 * @throws ServiceNotFoundException if none is usable
	 * @throws SendRejectedException if it was refused; nothing of it is written
	 */
	public void send(String name, Route route, M message) {
		group(name).send(route, message);
	}

	/**
	 * Queues a message for one service, or says why not.
	 * @param name the service name
	 * @param id the id of the instance
	 * @param message the message; must not be changed any more
	 * @return the result; only {@link SendResult#ACCEPTED} means that it is queued
	 */
	public SendResult trySend(String name, String id, M message) {
		TcpService<M> service = findService(name, id);
		return (service != null) ? service.trySend(message) : SendResult.NO_INSTANCE;
	}

	/**
	 * Queues a message for the service that a route leads to, or says why not.
	 * @param name the service name
	 * @param route the route
	 * @param message the message; must not be changed any more
	 * @return the result; only {@link SendResult#ACCEPTED} means that it is queued
	 */
	public SendResult trySend(String name, Route route, M message) {
		TcpGroup<M> group = findGroup(name);
		return (group != null) ? group.trySend(route, message) : SendResult.NO_INSTANCE;
	}

	/**
	 * Queues bytes that are one or more whole frames already for one service.
	 * @param name the service name
	 * @param id the id of the instance
	 * @param bytes the bytes; must not be changed any more
	 * @throws ServiceNotFoundException if there is no such instance
	 * @throws SendRejectedException if they were refused; nothing of them is written
	 */
	public void sendBytes(String name, String id, byte[] bytes) {
		getService(name, id).sendBytes(bytes);
	}

	/**
	 * Queues bytes that are one or more whole frames already for the service that a route
	 * leads to.
	 * @param name the service name
	 * @param route the route
	 * @param bytes the bytes; must not be changed any more
	 * @throws ServiceNotFoundException if none is usable
	 * @throws SendRejectedException if they were refused; nothing of them is written
	 */
	public void sendBytes(String name, Route route, byte[] bytes) {
		group(name).sendBytes(route, bytes);
	}

	/**
	 * Queues bytes that are one or more whole frames already for one service, or says why
	 * not.
	 * @param name the service name
	 * @param id the id of the instance
	 * @param bytes the bytes; must not be changed any more
	 * @return the result; only {@link SendResult#ACCEPTED} means that they are queued
	 */
	public SendResult trySendBytes(String name, String id, byte[] bytes) {
		TcpService<M> service = findService(name, id);
		return (service != null) ? service.trySendBytes(bytes) : SendResult.NO_INSTANCE;
	}

	/**
	 * Queues bytes that are one or more whole frames already for the service that a route
	 * leads to, or says why not.
	 * @param name the service name
	 * @param route the route
	 * @param bytes the bytes; must not be changed any more
	 * @return the result; only {@link SendResult#ACCEPTED} means that they are queued
	 */
	public SendResult trySendBytes(String name, Route route, byte[] bytes) {
		TcpGroup<M> group = findGroup(name);
		return (group != null) ? group.trySendBytes(route, bytes) : SendResult.NO_INSTANCE;
	}

	/**
	 * Sends a message to one service and returns its reply.
	 * @param name the service name
	 * @param id the id of the instance
	 * @param message the message; must not be changed any more
	 * @param timeout how long the reply may take from now
	 * @return the reply, or its failure, as in
	 * {@link TcpService#request(Object, Duration)}; fails with
	 * {@link ServiceNotFoundException} if there is no such instance
	 * @throws IllegalArgumentException as there
	 */
	public CompletableFuture<M> request(String name, String id, M message, Duration timeout) {
		TcpService<M> service = findService(name, id);
		if (service == null) {
			return CompletableFuture.failedFuture(notFound(name, id));
		}
		return service.request(message, timeout);
	}

	/**
	 * Sends a message to the service that a route leads to and returns its reply.
	 * @param name the service name
	 * @param route the route
	 * @param message the message; must not be changed any more
	 * @param timeout how long the reply may take from now
	 * @return the reply, or its failure, as in
	 * {@link TcpService#request(Object, Duration)}; fails with
	 * {@link ServiceNotFoundException} if none is usable
	 * @throws IllegalArgumentException as there
	 */
	public CompletableFuture<M> request(String name, Route route, M message, Duration timeout) {
		TcpGroup<M> group = findGroup(name);
		return (group != null) ? group.request(route, message, timeout) : CompletableFuture.failedFuture(noGroup(name));
	}

	/**
	 * Queues several messages as one for one service.
	 * @param name the service name
	 * @param id the id of the instance
	 * @param batch the messages
	 * @return the replies, in the order of the requests of the batch, as in
	 * {@link TcpSender#submit(TcpBatch)}
	 * @throws ServiceNotFoundException if there is no such instance
	 * @throws SendRejectedException if it was refused as a whole
	 * @throws IllegalArgumentException as there
	 */
	public List<CompletableFuture<M>> submit(String name, String id, TcpBatch<M> batch) {
		return getService(name, id).submit(batch);
	}

	/**
	 * Queues several messages as one for the service that a route leads to.
	 * @param name the service name
	 * @param route the route
	 * @param batch the messages
	 * @return the replies, in the order of the requests of the batch, as in
	 * {@link TcpSender#submit(TcpBatch)}
	 * @throws ServiceNotFoundException if none is usable
	 * @throws SendRejectedException if it was refused as a whole
	 * @throws IllegalArgumentException as there
	 */
	public List<CompletableFuture<M>> submit(String name, Route route, TcpBatch<M> batch) {
		return group(name).submit(route, batch);
	}

	/**
	 * Queues a message for every usable service of every group. It is encoded once, but
	 * where a connection has a codec of its own.
	 * @param message the message; must not be changed any more
	 * @return the outcome of each target
	 * @throws SendRejectedException if it could not be encoded; no target got it
	 */
	public BroadcastResult<M> broadcast(M message) {
		return Broadcast.toAll(this.context, usable(), message);
	}

	/**
	 * Queues a message for every usable service of one group. It is encoded once, but
	 * where a connection has a codec of its own.
	 * @param name the service name
	 * @param message the message; must not be changed any more
	 * @return the outcome of each target
	 * @throws ServiceNotFoundException if no instance is known
	 * @throws SendRejectedException if it could not be encoded; no target got it
	 */
	public BroadcastResult<M> broadcast(String name, M message) {
		return group(name).broadcast(message);
	}

	/**
	 * Queues bytes that are one or more whole frames already for every usable service of
	 * every group.
	 * @param bytes the bytes; must not be changed any more
	 * @return the outcome of each target
	 */
	public BroadcastResult<M> broadcastBytes(byte[] bytes) {
		return Broadcast.toAll(usable(), bytes);
	}

	/**
	 * Queues bytes that are one or more whole frames already for every usable service of
	 * one group.
	 * @param name the service name
	 * @param bytes the bytes; must not be changed any more
	 * @return the outcome of each target
	 * @throws ServiceNotFoundException if no instance is known
	 */
	public BroadcastResult<M> broadcastBytes(String name, byte[] bytes) {
		return group(name).broadcastBytes(bytes);
	}

	/**
	 * Queues a message for one service of every group: the one that the route leads to
	 * there. It is encoded once, but where a connection has a codec of its own. Groups
	 * where none is usable are left out.
	 * @param route the route
	 * @param message the message; must not be changed any more
	 * @return the outcome of each target
	 * @throws SendRejectedException if it could not be encoded; no target got it
	 */
	public BroadcastResult<M> broadcastOnePerGroup(Route route, M message) {
		List<TcpService<M>> targets = new ArrayList<>();
		for (TcpGroup<M> group : groups().values()) {
			TcpService<M> service = group.find(route);
			if (service != null) {
				targets.add(service);
			}
		}
		return Broadcast.toAll(this.context, targets, message);
	}

	private List<TcpService<M>> usable() {
		List<TcpService<M>> targets = new ArrayList<>();
		for (TcpGroup<M> group : groups().values()) {
			targets.addAll(group.routing().members());
		}
		return targets;
	}

	private ServiceNotFoundException notFound(String name, String id) {
		try {
			getService(name, id);
			return new ServiceNotFoundException("No service %s/%s".formatted(name, id));
		}
		catch (ServiceNotFoundException ex) {
			return ex;
		}
	}

	/**
	 * Builds a {@link TcpBackend}. Not safe for use by several threads.
	 */
	public static final class Builder extends FleetBuilder<Builder> {

		private TcpSettings settings = TcpSettings.defaults();

		private @Nullable TcpTls tls;

		private @Nullable InetAddress localAddress;

		private UnaryOperator<TcpClient> clientCustomizer = UnaryOperator.identity();

		private final List<TcpInstrumentation> instrumentations = new ArrayList<>();

		private Builder() {
			super("backend-tcp", List.of(ServiceConfig.SCHEME_TCP));
		}

		@Override
		protected Builder self() {
			return this;
		}

		/**
		 * Sets bounds, time-outs and the removal mode.
		 * @param settings the settings
		 * @return this builder
		 */
		public Builder settings(TcpSettings settings) {
			this.settings = Objects.requireNonNull(settings, "settings");
			return this;
		}

		/**
		 * Sets how connections are encrypted, by default not at all.
		 * @param tls keys, trust and what the peer must prove
		 * @return this builder
		 */
		public Builder tls(TcpTls tls) {
			this.tls = Objects.requireNonNull(tls, "tls");
			return this;
		}

		/**
		 * Sets the address of this machine to dial from, by default the one that the
		 * operating system chooses. If it cannot be used, each attempt to connect fails.
		 * @param localAddress the address; the port is any
		 * @return this builder
		 */
		public Builder localAddress(InetAddress localAddress) {
			this.localAddress = Objects.requireNonNull(localAddress, "localAddress");
			return this;
		}

		/**
		 * Adds a last change of the client that makes the connections, such as socket
		 * options ({@link TcpClient#option}) or name resolution
		 * ({@link TcpClient#resolver}; by default the hosts file and DNS are asked at
		 * each attempt), or handlers of the pipeline, a new one for each channel, in
		 * front of reactor-netty's bridge ({@link TcpClient#doOnChannelInit}). Several
		 * are applied in the order in which they were added, at each start. What one
		 * throws fails the start.
		 * @param customizer returns the changed client
		 * @return this builder
		 */
		public Builder clientCustomizer(UnaryOperator<TcpClient> customizer) {
			Objects.requireNonNull(customizer, "customizer");
			UnaryOperator<TcpClient> before = this.clientCustomizer;
			this.clientCustomizer = (client) -> customizer.apply(before.apply(client));
			return this;
		}

		/**
		 * Adds what observes requests and handlers. Of several, the one added first is
		 * told of requests first, and is around the handler of the others.
		 * @param instrumentation the instrumentation
		 * @return this builder
		 */
		public Builder instrumentation(TcpInstrumentation instrumentation) {
			this.instrumentations.add(Objects.requireNonNull(instrumentation, "instrumentation"));
			return this;
		}

		/**
		 * Builds the backend, not started.
		 * @param <M> the type of the messages
		 * @param codec how messages become bytes and back
		 * @param handler what the application does with its connections
		 * @return the backend
		 * @throws IllegalStateException if there is no discovery
		 */
		public <M> TcpBackend<M> build(MessageCodec<M> codec, TcpHandler<M> handler) {
			Objects.requireNonNull(codec, "codec");
			Objects.requireNonNull(handler, "handler");
			TcpContext<M> context = new TcpContext<>(codec, this.settings, failureLog());
			TcpHooks<M> hooks = new TcpHooks<>(instrumented(codec, handler), new CompositeListener(listeners()));
			TcpBackend<M> backend = new TcpBackend<>(this, context, hooks, runtimes(context, hooks));
			for (TcpInstrumentation instrumentation : this.instrumentations) {
				RequestObserver<M> observer = instrumentation.requestObserver(codec);
				if (observer != null) {
					backend.observeRequests(observer);
				}
			}
			return backend;
		}

		/** With what is set by now, whatever becomes of this builder. */
		private <M> ProtocolRunFactory<TcpService<M>, TcpGroup<M>> runtimes(TcpContext<M> context, TcpHooks<M> hooks) {
			ConsistentHash algorithm = consistentHash();
			DialOptions options = new DialOptions(this.tls, this.localAddress, this.clientCustomizer);
			return (loops, executor, handlerThreads, availabilityChanged) -> new TcpRun<>(algorithm, context, hooks,
					new TcpTransport(loops, context.settings(), options),
					new TcpHandlers(executor, handlerThreads, hooks.handler().marksReady()), availabilityChanged);
		}

		private <M> TcpHandler<M> instrumented(MessageCodec<M> codec, TcpHandler<M> handler) {
			TcpHandler<M> instrumented = handler;
			for (int i = this.instrumentations.size() - 1; i >= 0; i--) {
				instrumented = this.instrumentations.get(i).instrument(codec, instrumented);
			}
			return instrumented;
		}

	}

}
