package dev.backend.sample.server;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;

import dev.backend.ServiceConfig;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.netty.DisposableServer;
import reactor.netty.resources.LoopResources;
import reactor.netty.transport.ServerTransport;

/**
 * A server of the sample, on a free port. It registers itself when it starts. Its thread
 * is its own: those that Spring shares among clients and servers end before the gateway
 * does, which still asks this server then.
 */
public abstract class Server {

	private static final Logger logger = LoggerFactory.getLogger(Server.class);

	private final String service;

	private final String id;

	private final String tag;

	private final ServerRegistry registry;

	private volatile State state = State.STOPPED;

	private @Nullable Run run;

	/**
	 * Kept from one run to the next, as real servers do; zero for any before the first.
	 */
	private int port;

	Server(String service, String id, String tag, int port, ServerRegistry registry) {
		this.service = service;
		this.id = id;
		this.tag = tag;
		this.port = port;
		this.registry = registry;
	}

	/** Opens the listener, then registers it. Nothing happens if it runs. */
	public synchronized void start() {
		if (this.run != null) {
			return;
		}
		ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
		LoopResources loop = LoopResources.create("sample-" + this.id, 1, true);
		DisposableServer listener = transport().runOn(loop)
			.host("127.0.0.1")
			.port(this.port)
			.doOnChannelInit((observer, channel, address) -> connections.add(channel))
			.bindNow();
		this.port = ((InetSocketAddress) listener.address()).getPort();
		this.run = new Run(loop, listener, connections, this.registry.register(config("127.0.0.1", this.port)));
		this.state = State.RUNNING;
		logger.info("{} listens on port {}", this.id, this.port);
	}

	/** Deregisters, then closes the listener and drops the connections. */
	public synchronized void stop() {
		end(State.STOPPED, ServerRegistry.Entry::remove);
	}

	/**
	 * Closes the listener and drops the connections without a word to the registry, which
	 * has to find out by itself.
	 */
	public synchronized void kill() {
		end(State.KILLED, ServerRegistry.Entry::abandon);
	}

	public String service() {
		return this.service;
	}

	public String id() {
		return this.id;
	}

	/** Returns the routing tag; empty if there is none. */
	public String tag() {
		return this.tag;
	}

	public State state() {
		return this.state;
	}

	/** Returns whether the registry lists this server. */
	synchronized boolean registered() {
		return this.run != null && this.run.entry().listed();
	}

	/** Returns what serves, before it has an address. */
	abstract ServerTransport<?, ?> transport();

	/** Returns what to register. */
	abstract ServiceConfig config(String address, int port);

	private void end(State next, Consumer<ServerRegistry.Entry> leave) {
		Run ending = this.run;
		if (ending != null) {
			leave.accept(ending.entry());
			ending.listener().disposeNow();
			// Whoever has ended a server has no answer of it any more.
			ending.connections().close().awaitUninterruptibly();
			ending.loop().disposeLater(Duration.ZERO, Duration.ofSeconds(1)).subscribe();
			this.run = null;
			this.state = next;
			logger.info("{} is {}", this.id, next.name().toLowerCase(Locale.ROOT));
		}
	}

	/** What a server is doing. */
	public enum State {

		/** Listening and registered. */
		RUNNING,

		/** Deregistered and closed. */
		STOPPED,

		/** Closed without deregistering. */
		KILLED

	}

	private record Run(LoopResources loop, DisposableServer listener, ChannelGroup connections,
			ServerRegistry.Entry entry) {
	}

}
