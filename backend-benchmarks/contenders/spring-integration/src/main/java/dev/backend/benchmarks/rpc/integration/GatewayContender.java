package dev.backend.benchmarks.rpc.integration;

import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

import dev.backend.benchmarks.rpc.client.Contender;
import dev.backend.benchmarks.rpc.client.ContenderClient;
import dev.backend.benchmarks.rpc.client.ReplyCallback;
import org.jspecify.annotations.Nullable;

import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.integration.channel.DirectChannel;
import org.springframework.integration.core.MessagingTemplate;
import org.springframework.integration.ip.tcp.connection.TcpNetClientConnectionFactory;
import org.springframework.integration.ip.tcp.outbound.TcpOutboundGateway;
import org.springframework.messaging.Message;
import org.springframework.messaging.support.GenericMessage;

/**
 * Spring Integration's outbound gateway over one shared connection, where it lets one
 * request at a time through. A request in flight is a thread that waits.
 */
public final class GatewayContender implements Contender {

	private static final int THREADS = 128;

	private final AnnotationConfigApplicationContext context = IntegrationContext.create();

	private final ExecutorService callers = Executors.newFixedThreadPool(THREADS);

	private final AtomicLong ids = new AtomicLong();

	private final DirectChannel requests = new DirectChannel();

	private final MessagingTemplate template = new MessagingTemplate();

	/**
	 * Runs one work.
	 * @param arguments the arguments of a client process
	 */
	public static void main(String[] arguments) {
		ContenderClient.run(new GatewayContender(), arguments);
	}

	@Override
	public void connect(InetSocketAddress server) {
		TcpNetClientConnectionFactory factory = IntegrationFrames.connectionFactory(server.getHostString(),
				server.getPort());
		TcpOutboundGateway gateway = new TcpOutboundGateway();
		gateway.setConnectionFactory(factory);
		this.context.registerBean("factory", TcpNetClientConnectionFactory.class, () -> factory);
		this.context.registerBean("requests", DirectChannel.class, () -> this.requests);
		this.context.registerBean("gateway", TcpOutboundGateway.class, () -> gateway);
		this.requests.subscribe(gateway);
		this.context.refresh();
		gateway.start();
		this.template.setBeanFactory(this.context);
	}

	@Override
	public void request(byte[] body, ReplyCallback callback) {
		this.callers.execute(() -> {
			try {
				callback.replied(request(body).length);
			}
			catch (RuntimeException ex) {
				callback.failed(ex);
			}
		});
	}

	@Override
	public byte[] request(byte[] body) {
		byte[] payload = IntegrationFrames.payload(this.ids.incrementAndGet(), body);
		@Nullable Message<?> reply = this.template.sendAndReceive(this.requests, new GenericMessage<>(payload));
		if (reply == null) {
			throw new IllegalStateException("no reply");
		}
		return IntegrationFrames.body((byte[]) reply.getPayload());
	}

	@Override
	public String transport() {
		return "socket";
	}

	@Override
	public void close() {
		this.context.close();
		this.callers.shutdown();
	}

}
