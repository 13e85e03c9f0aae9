package dev.backend.benchmarks.rpc;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Starts the JVM of a server or a client: the same flags for all, a class path of its
 * own, pinned to a core if so asked. What it prints as errors goes to a file.
 */
public final class JavaCommand {

	private static final List<String> FLAGS = List.of("-Xms1g", "-Xmx1g", "-XX:+UseG1GC",
			"--enable-native-access=ALL-UNNAMED", "-Dslf4j.internal.verbosity=ERROR");

	private final Path folder;

	private final String java;

	private final List<String> jvmArguments;

	/**
	 * Creates a command.
	 * @param folder where the benchmarks' modules are
	 * @param java the java command
	 * @param jvmArguments further arguments of the JVM
	 */
	public JavaCommand(Path folder, String java, List<String> jvmArguments) {
		this.folder = folder;
		this.java = java;
		this.jvmArguments = List.copyOf(jvmArguments);
	}

	/**
	 * Starts a JVM.
	 * @param module the module of the main class, beneath the folder
	 * @param main the main class
	 * @param core the core that it is pinned to, or {@code null} for any
	 * @param arguments what the main class is given
	 * @param errors the file to which the standard error is appended
	 * @return the process
	 * @throws IOException if it cannot be started, or the module was not built
	 */
	public Process start(String module, String main, @Nullable String core, List<String> arguments, Path errors)
			throws IOException {
		List<String> command = new ArrayList<>();
		if (core != null) {
			command.addAll(List.of("taskset", "-c", core));
		}
		command.add(this.java);
		command.addAll(FLAGS);
		command.addAll(this.jvmArguments);
		command.addAll(List.of("-cp", classPath(module), main));
		command.addAll(arguments);
		Files.createDirectories(errors.toAbsolutePath().getParent());
		return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile())).start();
	}

	/*
	 * The native jar of io_uring would change the transport of reactor-netty without a
	 * word.
	 */
	private String classPath(String module) throws IOException {
		Path target = this.folder.resolve(module).resolve("target");
		Path file = target.resolve("runtime.classpath");
		if (!Files.exists(file)) {
			throw new IOException(file + " is missing: build with the Maven profile rpc first");
		}
		String classPath = target.resolve("classes").toAbsolutePath().normalize() + File.pathSeparator
				+ Files.readString(file).trim();
		if (classPath.contains("io_uring")) {
			throw new IllegalStateException(module + ": io_uring on the class path (expected: epoll only)");
		}
		return classPath;
	}

}
