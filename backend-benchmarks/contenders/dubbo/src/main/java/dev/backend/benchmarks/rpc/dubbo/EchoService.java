package dev.backend.benchmarks.rpc.dubbo;

import java.util.concurrent.CompletableFuture;

/**
 * The service that {@link DubboContender} calls. Public, since Dubbo generates proxies of
 * it.
 */
public interface EchoService {

	/**
	 * Answers with what it was sent; the caller waits.
	 * @param body the body
	 * @return the same bytes
	 */
	byte[] echo(byte[] body);

	/**
	 * Answers with what it was sent; the caller does not wait.
	 * @param body the body
	 * @return the same bytes, once they are back
	 */
	CompletableFuture<byte[]> echoLater(byte[] body);

	/**
	 * Takes a message that has no reply.
	 * @param body the body
	 */
	void send(byte[] body);

}
