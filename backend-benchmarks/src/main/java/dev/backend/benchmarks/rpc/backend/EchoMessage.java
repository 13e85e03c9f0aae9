package dev.backend.benchmarks.rpc.backend;

/**
 * A message of the echo server.
 *
 * @param id the id of the request and its reply; 0 for a message without a reply
 * @param body the body, not to be changed
 */
public record EchoMessage(long id, byte[] body) {

}
