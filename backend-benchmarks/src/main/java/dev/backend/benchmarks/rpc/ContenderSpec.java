package dev.backend.benchmarks.rpc;

import java.util.Set;

/**
 * A contender as the parent process knows it.
 *
 * @param name its name in the table and on the command line
 * @param module the folder of its module below this one, or {@code .} for this one; its
 * class path stands in that module's {@code target/runtime.classpath}
 * @param client the class with the client's {@code main}
 * @param serverModule the folder of the server's module
 * @param server the class with the server's {@code main}
 * @param works the works it is entered for
 * @param warmUps how many times the usual warm-up its client gets, for there is more to
 * compile in a larger library
 */
record ContenderSpec(String name, String module, String client, String serverModule, String server, Set<Work> works,
		int warmUps) {

}
