package dev.backend.benchmarks.rpc.dubbo;

import java.net.InetSocketAddress;

import dev.backend.benchmarks.rpc.client.Contender;
import dev.backend.benchmarks.rpc.client.ContenderClient;
import dev.backend.benchmarks.rpc.client.ReplyCallback;
import io.netty.channel.epoll.Epoll;
import org.apache.dubbo.rpc.Invoker;
import org.jspecify.annotations.Nullable;

/**
 * Dubbo's own protocol with its default serialization (Hessian 2) through a generated
 * proxy: futures for asynchronous requests, a method without a return for one-way
 * messages. Its pools of threads are the default ones.
 */
public final class DubboContender implements Contender {

	private @Nullable Invoker<EchoService> invoker;

	private @Nullable EchoService service;

	/**
	 * Runs one work.
	 * @param arguments the arguments of a client process
	 */
	public static void main(String[] arguments) {
		ContenderClient.run(new DubboContender(), arguments);
	}

	@Override
	public void connect(InetSocketAddress server) throws Exception {
		LocalDubbo dubbo = new LocalDubbo();
		this.invoker = dubbo.refer(server.getPort());
		this.service = dubbo.proxy(this.invoker);
	}

	@Override
	public void request(byte[] body, ReplyCallback callback) {
		service().echoLater(body).whenComplete(callback);
	}

	@Override
	public byte[] request(byte[] body) {
		return service().echo(body);
	}

	@Override
	public void send(byte[] body) {
		service().send(body);
	}

	private EchoService service() {
		EchoService current = this.service;
		if (current == null) {
			throw new IllegalStateException("not connected");
		}
		return current;
	}

	@Override
	public String transport() {
		return Epoll.isAvailable() ? "epoll" : "nio";
	}

	@Override
	public void close() {
		Invoker<EchoService> current = this.invoker;
		if (current != null) {
			current.destroy();
		}
	}

}
