package dev.backend.autoconfigure.support;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

import dev.backend.test.FreePorts;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

import org.springframework.util.FileSystemUtils;

/**
 * A real nginx on a free loopback port, with all its files in a temporary folder. It
 * answers with its id, and in a header with how many requests the connection has had. The
 * binary is that of the environment variable {@code NGINX_BIN} or on the PATH; without
 * one, the test is skipped.
 */
public final class NginxServer implements AutoCloseable {

	/** Answers 204, or 503 while the server is {@link #unhealthy()}. */
	public static final String HEALTH_PATH = "/health";

	public static final String REQUESTS_HEADER = "X-Connection-Requests";

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	/** One process, so that it can be ended by its id. */
	private static final String CONFIGURATION = """
			daemon off;
			master_process off;
			pid FOLDER/pid;
			error_log FOLDER/error.log;
			events {
				worker_connections 512;
			}
			http {
				access_log off;
				client_body_temp_path FOLDER/body;
				proxy_temp_path FOLDER/proxy;
				fastcgi_temp_path FOLDER/fastcgi;
				uwsgi_temp_path FOLDER/uwsgi;
				scgi_temp_path FOLDER/scgi;
				default_type text/plain;
				server {
					listen 127.0.0.1:PORT;
					location = /health {
						if (-f FOLDER/unhealthy) {
							return 503;
						}
						return 204;
					}
					location / {
						add_header X-Connection-Requests $connection_requests;
						return 200 ID;
					}
				}
			}
			""";

	private final String binary = binary();

	private final String id;

	private final Path folder;

	private final int port = FreePorts.one();

	private @Nullable Process process;

	private NginxServer(String id) {
		this.id = id;
		try {
			this.folder = Files.createTempDirectory("nginx-" + id + "-");
			Files.writeString(this.folder.resolve("nginx.conf"),
					CONFIGURATION.replace("FOLDER", this.folder.toString())
						.replace("PORT", Integer.toString(this.port))
						.replace("ID", id));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	public static NginxServer started(String id) {
		NginxServer server = new NginxServer(id);
		server.start();
		return server;
	}

	/** Starts it, again on the same port, and waits until it accepts connections. */
	public void start() {
		Path errors = this.folder.resolve("error.log");
		try {
			Process started = new ProcessBuilder(this.binary, "-p", this.folder.toString(), "-e", errors.toString(),
					"-c", this.folder.resolve("nginx.conf").toString())
				.redirectErrorStream(true)
				.redirectOutput(ProcessBuilder.Redirect.DISCARD)
				.start();
			Runtime.getRuntime().addShutdownHook(new Thread(started::destroyForcibly));
			this.process = started;
			Awaitility.await().atMost(TIMEOUT).until(() -> accepts() || !started.isAlive());
			if (!started.isAlive()) {
				throw new IllegalStateException("nginx did not start: " + Files.readString(errors));
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	public String id() {
		return this.id;
	}

	public int port() {
		return this.port;
	}

	public void unhealthy() throws IOException {
		Files.createFile(this.folder.resolve("unhealthy"));
	}

	public void healthy() throws IOException {
		Files.delete(this.folder.resolve("unhealthy"));
	}

	/** Ends it as a crash would, with its connections. */
	public void kill() {
		if (this.process != null) {
			this.process.destroyForcibly().onExit().join();
		}
	}

	@Override
	public void close() {
		kill();
		try {
			FileSystemUtils.deleteRecursively(this.folder);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private boolean accepts() {
		try (Socket socket = new Socket()) {
			socket.connect(new InetSocketAddress("127.0.0.1", this.port), 500);
			return true;
		}
		catch (IOException ex) {
			return false;
		}
	}

	private static String binary() {
		String configured = System.getenv("NGINX_BIN");
		if (configured != null && !configured.isBlank()) {
			return configured;
		}
		String found = Stream.of(System.getenv("PATH").split(File.pathSeparator))
			.map((directory) -> new File(directory, "nginx"))
			.filter(File::canExecute)
			.map(File::getPath)
			.findFirst()
			.orElse("");
		Assumptions.assumeFalse(found.isEmpty(), "no nginx here: neither NGINX_BIN nor on the PATH");
		return found;
	}

}
