package dev.backend.benchmarks.rpc.bolt;

import java.net.InetSocketAddress;
import java.util.concurrent.Executor;

import com.alipay.remoting.Connection;
import com.alipay.remoting.InvokeCallback;
import com.alipay.remoting.exception.RemotingException;
import com.alipay.remoting.rpc.RpcClient;
import dev.backend.benchmarks.rpc.client.Contender;
import dev.backend.benchmarks.rpc.client.ContenderClient;
import dev.backend.benchmarks.rpc.client.ReplyCallback;
import io.netty.channel.epoll.Epoll;
import org.jspecify.annotations.Nullable;

/**
 * SOFABolt with its defaults (Hessian, one connection): callbacks for asynchronous
 * requests, {@code oneway} for one-way messages.
 */
public final class BoltContender implements Contender {

	private static final int TIMEOUT_MILLIS = 10_000;

	private final RpcClient client = new RpcClient();

	private String url = "";

	private @Nullable Connection connection;

	/**
	 * Runs one work.
	 * @param arguments the arguments of a client process
	 */
	public static void main(String[] arguments) {
		ContenderClient.run(new BoltContender(), arguments);
	}

	@Override
	public void connect(InetSocketAddress server) throws Exception {
		this.client.startup();
		this.url = server.getHostString() + ':' + server.getPort();
		this.connection = this.client.getConnection(this.url, TIMEOUT_MILLIS);
	}

	@Override
	public void request(byte[] body, ReplyCallback callback) {
		try {
			this.client.invokeWithCallback(this.url, body, new Callback(callback), TIMEOUT_MILLIS);
		}
		catch (RemotingException | InterruptedException ex) {
			callback.failed(ex);
		}
	}

	@Override
	public byte[] request(byte[] body) throws Exception {
		return (byte[]) this.client.invokeSync(this.url, body, TIMEOUT_MILLIS);
	}

	@Override
	public void send(byte[] body) {
		try {
			awaitWritable();
			this.client.oneway(this.url, body);
		}
		catch (RemotingException | InterruptedException ex) {
			throw new IllegalStateException("not sent", ex);
		}
	}

	/*
	 * Bolt refuses to send over a connection above its write-buffer mark.
	 */
	private void awaitWritable() {
		Connection current = this.connection;
		while (current != null && !current.getChannel().isWritable()) {
			Thread.onSpinWait();
		}
	}

	@Override
	public String transport() {
		return Epoll.isAvailable() ? "epoll" : "nio";
	}

	@Override
	public void close() {
		this.client.shutdown();
	}

	private static final class Callback implements InvokeCallback {

		private final ReplyCallback callback;

		Callback(ReplyCallback callback) {
			this.callback = callback;
		}

		@Override
		public void onResponse(Object result) {
			this.callback.replied(((byte[]) result).length);
		}

		@Override
		public void onException(Throwable cause) {
			this.callback.failed(cause);
		}

		@Override
		public @Nullable Executor getExecutor() {
			return null;
		}

	}

}
