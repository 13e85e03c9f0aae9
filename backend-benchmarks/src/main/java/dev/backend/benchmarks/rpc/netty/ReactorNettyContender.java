package dev.backend.benchmarks.rpc.netty;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

import dev.backend.benchmarks.rpc.client.Contender;
import dev.backend.benchmarks.rpc.client.ContenderClient;
import dev.backend.benchmarks.rpc.client.ReplyCallback;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.MonoSink;
import reactor.netty.Connection;
import reactor.netty.tcp.TcpClient;

/**
 * A client on reactor-netty by hand, through its operators: {@code sendObject} per
 * message, {@code receive} behind Netty's length-field decoder, a sink per request in a
 * concurrent map.
 */
public final class ReactorNettyContender implements Contender {

	private final Map<Long, MonoSink<byte[]>> pending = new ConcurrentHashMap<>();

	private final AtomicLong ids = new AtomicLong();

	private final List<Connection> connections = new ArrayList<>();

	private @Nullable Connection connection;

	/**
	 * Runs one work.
	 * @param arguments the arguments of a client process
	 */
	public static void main(String[] arguments) {
		ContenderClient.run(new ReactorNettyContender(), arguments);
	}

	private static TcpClient client(InetSocketAddress server) {
		return TcpClient.newConnection().remoteAddress(() -> server);
	}

	@Override
	public void connect(InetSocketAddress server) {
		Connection connected = client(server)
			.doOnConnected((opened) -> opened
				.addHandlerLast(new LengthFieldBasedFrameDecoder(Frame.MAXIMUM_LENGTH, 0, Frame.LENGTH_SIZE)))
			.connectNow();
		connected.inbound().receive().subscribe(this::onFrame, Throwable::printStackTrace);
		this.connection = connected;
	}

	private void onFrame(ByteBuf frame) {
		long id = frame.getLong(frame.readerIndex() + Frame.LENGTH_SIZE);
		MonoSink<byte[]> sink = this.pending.remove(id);
		if (sink == null) {
			throw new IllegalStateException("reply to " + id + ", which is not pending");
		}
		sink.success(ByteBufUtil.getBytes(frame, frame.readerIndex() + Frame.HEADER_SIZE,
				frame.readableBytes() - Frame.HEADER_SIZE));
	}

	private Mono<byte[]> requestMono(byte[] body) {
		return Mono.create((sink) -> {
			long id = this.ids.incrementAndGet();
			this.pending.put(id, sink);
			Connection current = connection();
			current.outbound().sendObject(frame(current, id, body)).then().subscribe(null, sink::error);
		});
	}

	@Override
	public void request(byte[] body, ReplyCallback callback) {
		requestMono(body).subscribe((reply) -> callback.replied(reply.length), callback::failed);
	}

	@Override
	public byte[] request(byte[] body) {
		byte[] reply = requestMono(body).block();
		if (reply == null) {
			throw new IllegalStateException("completed without a reply");
		}
		return reply;
	}

	@Override
	public void send(byte[] body) {
		Connection current = connection();
		current.outbound().sendObject(frame(current, Frame.ONE_WAY, body)).then().subscribe();
	}

	@Override
	public void connectMany(InetSocketAddress server, int count) {
		TcpClient client = client(server);
		this.connections.addAll(
				Flux.range(0, count).flatMap((i) -> client.connect(), 256).collectList().blockOptional().orElseThrow());
		this.connection = this.connections.get(0);
	}

	@Override
	public void broadcast(byte[] body) {
		ByteBuf frame = frame(connection(), Frame.ONE_WAY, body);
		for (Connection target : this.connections) {
			target.outbound().sendObject(frame.retainedDuplicate()).then().subscribe();
		}
		frame.release();
	}

	private static ByteBuf frame(Connection connection, long id, byte[] body) {
		ByteBuf frame = connection.outbound().alloc().ioBuffer(Frame.HEADER_SIZE + body.length);
		BatchingConnection.writeFrame(frame, id, body);
		return frame;
	}

	private Connection connection() {
		Connection current = this.connection;
		if (current == null) {
			throw new IllegalStateException("not connected");
		}
		return current;
	}

	@Override
	public String transport() {
		return (connection().channel() instanceof EpollSocketChannel) ? "epoll" : "nio";
	}

	@Override
	public void close() {
		connection().disposeNow();
	}

}
