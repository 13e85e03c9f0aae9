package dev.backend.discovery.consul;

import java.util.List;

import dev.backend.discovery.consul.BlockingQuery.Answer;
import dev.backend.discovery.consul.BlockingQuery.Options;
import reactor.core.publisher.Mono;

/**
 * What is asked of Consul. Every answer is complete and of a cluster with a leader, or it
 * is a {@link ConsulFailure}. Nothing blocks; answers come on any thread.
 */
interface ConsulQueries extends AutoCloseable {

	/** Whether the agent answers and its cluster has a leader. */
	Mono<String> leader();

	/** The names of all services that the token may see. */
	Mono<Answer<ServiceNames>> names(Options options);

	/** The entries of a service, whose name {@link ServiceNames#isAskable}. */
	Mono<Answer<ServiceContent>> service(String name, Options options);

	/** The index of a service, without its content. */
	Mono<Long> serviceIndex(String name);

	/** Answers when any service of the datacenter has changed, but for its checks. */
	Mono<Answer<Boolean>> anyService(Options options);

	/** Answers when any check of the datacenter has changed. */
	Mono<Answer<Boolean>> anyCheck(Options options);

	/** Answers when any node of the datacenter has changed. */
	Mono<Answer<Boolean>> anyNode(Options options);

	/** What changes when anything of the datacenter does, read at once and briefly. */
	Mono<List<Long>> indexes();

	/** Gives up what is under way. */
	@Override
	void close();

}
