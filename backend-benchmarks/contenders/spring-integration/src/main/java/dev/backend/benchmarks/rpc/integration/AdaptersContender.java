package dev.backend.benchmarks.rpc.integration;

import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

import dev.backend.benchmarks.rpc.client.Contender;
import dev.backend.benchmarks.rpc.client.ContenderClient;
import dev.backend.benchmarks.rpc.client.ReplyCallback;
import org.jspecify.annotations.Nullable;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.integration.channel.DirectChannel;
import org.springframework.integration.ip.tcp.connection.TcpNetClientConnectionFactory;
import org.springframework.integration.ip.tcp.inbound.TcpReceivingChannelAdapter;
import org.springframework.integration.ip.tcp.outbound.TcpSendingMessageHandler;
import org.springframework.messaging.Message;
import org.springframework.messaging.support.GenericMessage;

/**
 * Spring Integration's pair of channel adapters over one shared connection, with the
 * correlation by id that their user has to write.
 */
public final class AdaptersContender implements Contender {

	private final AnnotationConfigApplicationContext context = IntegrationContext.create();

	private final Map<Long, CompletableFuture<byte[]>> pending = new ConcurrentHashMap<>();

	private final AtomicLong ids = new AtomicLong();

	private final DirectChannel requests = new DirectChannel();

	private final DirectChannel replies = new DirectChannel();

	private @Nullable TcpNetClientConnectionFactory factory;

	/**
	 * Runs one work.
	 * @param arguments the arguments of a client process
	 */
	public static void main(String[] arguments) {
		ContenderClient.run(new AdaptersContender(), arguments);
	}

	@Override
	public void connect(InetSocketAddress server) {
		TcpNetClientConnectionFactory created = IntegrationFrames.connectionFactory(server.getHostString(),
				server.getPort());
		this.factory = created;
		TcpSendingMessageHandler sender = new TcpSendingMessageHandler();
		sender.setConnectionFactory(created);
		TcpReceivingChannelAdapter receiver = new TcpReceivingChannelAdapter();
		receiver.setConnectionFactory(created);
		receiver.setOutputChannel(this.replies);
		this.context.registerBean("factory", TcpNetClientConnectionFactory.class, () -> created);
		this.context.registerBean("requests", DirectChannel.class, () -> this.requests);
		this.context.registerBean("replies", DirectChannel.class, () -> this.replies);
		this.context.registerBean("sender", TcpSendingMessageHandler.class, () -> sender);
		this.context.registerBean("receiver", TcpReceivingChannelAdapter.class, () -> receiver);
		this.requests.subscribe(sender);
		this.replies.subscribe(this::onReply);
		this.context.refresh();
	}

	private void onReply(Message<?> message) {
		byte[] payload = (byte[]) message.getPayload();
		CompletableFuture<byte[]> future = this.pending.remove(IntegrationFrames.id(payload));
		if (future != null) {
			future.complete(IntegrationFrames.body(payload));
		}
	}

	private CompletableFuture<byte[]> requestFuture(byte[] body) {
		long id = this.ids.incrementAndGet();
		CompletableFuture<byte[]> future = new CompletableFuture<>();
		this.pending.put(id, future);
		this.requests.send(new GenericMessage<>(IntegrationFrames.payload(id, body)));
		return future;
	}

	@Override
	public void request(byte[] body, ReplyCallback callback) {
		requestFuture(body).whenComplete(callback);
	}

	@Override
	public byte[] request(byte[] body) {
		return requestFuture(body).join();
	}

	@Override
	public String transport() {
		return "socket";
	}

	@Override
	public void close() {
		if (this.factory != null) {
			this.context.close();
		}
	}

}
