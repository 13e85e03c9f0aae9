package dev.backend.sample.server;

import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.function.Consumer;

import dev.backend.ServiceConfig;
import dev.backend.sample.protocol.GameMessage;
import dev.backend.sample.protocol.GameMessageCodec;
import io.netty.buffer.ByteBuf;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.util.concurrent.GlobalEventExecutor;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.netty.Connection;
import reactor.netty.DisposableServer;
import reactor.netty.NettyInbound;
import reactor.netty.NettyOutbound;
import reactor.netty.tcp.TcpServer;

/**
 * A game server: says back what it is told, under its id. It registers itself when it
 * starts and can be stopped properly, or killed as a crash would kill it. Listens on a
 * free port, another one after each start. Thread-safe; starting and stopping may block.
 */
public class GameServer {

	private static final Logger logger = LoggerFactory.getLogger(GameServer.class);

	private final GameMessageCodec codec = new GameMessageCodec();

	private final String id;

	private final String tag;

	private final ServerRegistry registry;

	private volatile State state = State.STOPPED;

	private @Nullable Run run;

	GameServer(String id, String tag, ServerRegistry registry) {
		this.id = id;
		this.tag = tag;
		this.registry = registry;
	}

	/** Opens the listener, then registers it. Nothing happens if it runs. */
	public synchronized void start() {
		if (this.run != null) {
			return;
		}
		ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
		DisposableServer listener = TcpServer.create()
			.host("127.0.0.1")
			.port(0)
			.doOnConnection((connection) -> accept(connection, connections))
			.handle(this::serve)
			.bindNow();
		int port = ((InetSocketAddress) listener.address()).getPort();
		ServerRegistry.Entry entry = this.registry
			.register(ServiceConfig.tcp("game", this.id, "127.0.0.1", port).withTags(this.tag));
		this.run = new Run(listener, connections, entry);
		this.state = State.RUNNING;
		logger.info("{} listens on port {}", this.id, port);
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

	public String id() {
		return this.id;
	}

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

	private void end(State next, Consumer<ServerRegistry.Entry> leave) {
		Run ending = this.run;
		if (ending != null) {
			leave.accept(ending.entry());
			ending.listener().disposeNow();
			ending.connections().close();
			this.run = null;
			this.state = next;
			logger.info("{} is {}", this.id, next.name().toLowerCase(Locale.ROOT));
		}
	}

	private static void accept(Connection connection, ChannelGroup connections) {
		connections.add(connection.channel());
		connection
			.addHandlerLast(new LengthFieldBasedFrameDecoder(GameMessageCodec.MAXIMUM_FRAME, 0, Integer.BYTES, 0, 0));
	}

	private Publisher<Void> serve(NettyInbound inbound, NettyOutbound outbound) {
		return outbound.send(inbound.receive().map((frame) -> answer(frame, outbound)), (answer) -> true);
	}

	private ByteBuf answer(ByteBuf frame, NettyOutbound outbound) {
		GameMessage message = this.codec.decode(frame);
		if (message == null) {
			throw new IllegalStateException(this.id + ": half a frame of " + frame.readableBytes() + " bytes");
		}
		ByteBuf answer = outbound.alloc().buffer();
		this.codec.encode(message.answeredBy(this.id), answer);
		return answer;
	}

	/** What a game server is doing. */
	public enum State {

		/** Listening and registered. */
		RUNNING,

		/** Deregistered and closed. */
		STOPPED,

		/** Closed without deregistering. */
		KILLED

	}

	private record Run(DisposableServer listener, ChannelGroup connections, ServerRegistry.Entry entry) {
	}

}
