package dev.backend.benchmarks.rpc;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Everything that is compared. The first is the ceiling.
 */
final class Contenders {

	/** The contender that the others are divided by. */
	static final String CEILING = "netty";

	/** This library. */
	static final String BACKEND = "backend";

	/** This library as an earlier revision has it; only with {@code --before}. */
	static final String BEFORE = "backend-before";

	private static final String BOOT = "backend-boot";

	private static final String GET = "backend-get";

	private static final String PACKAGE = "dev.backend.benchmarks.rpc.";

	private static final String ECHO_SERVER = PACKAGE + "netty.EchoServer";

	private static final String BACKEND_CLIENT = "backend.BackendContender";

	private static final int LARGE = 4;

	private static final Set<Work> ALL = EnumSet.allOf(Work.class);

	/** Its heap would be that of the context and its thousands of properties. */
	private static final Set<Work> BOOT_WORKS = EnumSet.complementOf(EnumSet.of(Work.IDLE_HEAP));

	private static final Set<Work> REQUESTS = EnumSet.range(Work.ASYNC_128, Work.LATENCY_ONE_CORE);

	private static final Set<Work> BLOCKING = EnumSet.range(Work.BLOCKING_1, Work.BLOCKING_VIRTUAL_1024);

	private static final Set<Work> UNBATCHED = EnumSet.of(Work.SEND, Work.BROADCAST);

	private static final Set<Work> ASYNC = EnumSet.of(Work.ASYNC_128);

	private static final Set<Work> LETTUCE = EnumSet.of(Work.ASYNC_128, Work.ASYNC_1024, Work.BLOCKING_64);

	private static final Set<Work> RSOCKET = EnumSet.of(Work.ASYNC_128, Work.ASYNC_1024, Work.ASYNC_128_1K, Work.SEND);

	private static final Set<Work> CALLS = EnumSet.of(Work.ASYNC_128, Work.ASYNC_1024, Work.ASYNC_128_1K,
			Work.BLOCKING_64, Work.LATENCY_TWO_CORES, Work.LATENCY_ONE_CORE, Work.SEND);

	private static final Set<Work> BOLT = EnumSet.of(Work.ASYNC_128, Work.SEND);

	static final List<ContenderSpec> LIST = List.of(own(CEILING, "netty.NettyContender", ALL),
			own(BACKEND, BACKEND_CLIENT, ALL), echo(BEFORE, "target/rpc-before", BACKEND_CLIENT, ALL, 1),
			echo(BOOT, "contenders/boot", "boot.BootContender", BOOT_WORKS, 1),
			own(GET, "backend.TimedGetContender", BLOCKING),
			own("netty-future", "netty.NettyFutureContender", REQUESTS),
			own("netty-unbatched", "netty.NettyUnbatchedContender", UNBATCHED),
			own("reactor-netty", "netty.ReactorNettyContender", ALL),
			peer("lettuce", "contenders/lettuce", "lettuce.LettuceContender", "lettuce.RedisServerMain", LETTUCE),
			peer("rsocket", "contenders/rsocket", "rsocket.RSocketContender", "rsocket.RSocketServerMain", RSOCKET),
			integration("spring-integration-adapters", "integration.AdaptersContender"),
			integration("spring-integration-gateway", "integration.GatewayContender"),
			peer("grpc", "contenders/grpc", "grpc.GrpcContender", "grpc.GrpcServerMain", CALLS),
			peer("sofa-bolt", "contenders/bolt", "bolt.BoltContender", "bolt.BoltServerMain", BOLT),
			peer("dubbo", "contenders/dubbo", "dubbo.DubboContender", "dubbo.DubboServerMain", CALLS));

	/** Those that are divided by another than the ceiling, too. */
	static final List<Pair> PAIRS = List.of(new Pair(BACKEND, BEFORE), new Pair(BOOT, BACKEND), new Pair(GET, BACKEND));

	private Contenders() {
	}

	private static ContenderSpec own(String name, String client, Set<Work> works) {
		return echo(name, ".", client, works, 1);
	}

	/** A client of the shared server. */
	private static ContenderSpec echo(String name, String module, String client, Set<Work> works, int warmUps) {
		return new ContenderSpec(name, module, PACKAGE + client, ".", ECHO_SERVER, works, warmUps);
	}

	private static ContenderSpec peer(String name, String module, String client, String server, Set<Work> works) {
		return new ContenderSpec(name, module, PACKAGE + client, module, PACKAGE + server, works, LARGE);
	}

	private static ContenderSpec integration(String name, String client) {
		return echo(name, "contenders/spring-integration", client, ASYNC, LARGE);
	}

	/**
	 * Two contenders of which one is divided by the other.
	 *
	 * @param contender the name of the one
	 * @param divisor the name of the other
	 */
	record Pair(String contender, String divisor) {

	}

}
