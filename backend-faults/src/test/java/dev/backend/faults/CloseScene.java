package dev.backend.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import dev.backend.autoconfigure.event.ServiceAddedEvent;
import dev.backend.http.HttpBackend;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpService;
import dev.backend.tcp.TcpState;
import dev.backend.test.fault.FaultProxy;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.ResolvableType;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * An application, its registry, and the peers that it finds there: three behind proxies
 * and whatever a fault adds. The threads of the application are those that were not there
 * before it.
 */
final class CloseScene implements AutoCloseable {

	private static final Duration LONG = Duration.ofSeconds(60);

	final RegistryServer registry;

	final List<FaultProxy> proxies = new ArrayList<>();

	final NoteHandler handler = new NoteHandler();

	final List<String> properties = new ArrayList<>(List.of("spring.application.name=faults",
			"spring.main.banner-mode=off", "backend.http.enabled=true", "backend.tcp.connect.backoff-max=1s"));

	volatile Consumer<ServiceAddedEvent> onAdded = (event) -> {
	};

	final List<CompletableFuture<?>> requests = new ArrayList<>();

	private final AtomicReference<@Nullable ConfigurableApplicationContext> context = new AtomicReference<>();

	private final AtomicLong ids = new AtomicLong();

	private final Deque<AutoCloseable> resources = new ArrayDeque<>();

	CloseScene(RegistryServer registry) {
		this.registry = closeLater(registry);
		this.properties.addAll(registry.properties());
		for (int i = 1; i <= 3; i++) {
			NotePeer peer = closeLater(new NotePeer());
			FaultProxy proxy = closeLater(new FaultProxy(peer.port()));
			this.proxies.add(proxy);
			registry.register("tcp", "game", "game-" + i, proxy.port());
		}
	}

	/** Adds an instance that takes connections and never answers. */
	void addMute(String scheme, String name) {
		this.registry.register(scheme, name, name + "-mute", closeLater(listener(100)).getLocalPort());
	}

	/** Adds an instance whose system does not even take connections. */
	void addFull() {
		ServerSocket listener = closeLater(listener(1));
		for (int i = 0; i < 2; i++) {
			Socket filler = closeLater(new Socket());
			try {
				filler.connect(listener.getLocalSocketAddress());
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}
		this.registry.register("tcp", "full", "full-1", listener.getLocalPort());
	}

	private static ServerSocket listener(int backlog) {
		try {
			ServerSocket listener = new ServerSocket();
			listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), backlog);
			return listener;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** Starts the application and waits until it has started. */
	void start() {
		new SpringApplicationBuilder(NoteApplication.class).web(WebApplicationType.NONE)
			.initializers((GenericApplicationContext starting) -> {
				starting.registerBean("handler", NoteHandler.class, () -> this.handler);
				starting.addApplicationListener(
						(ApplicationListener<ServiceAddedEvent>) (event) -> this.onAdded.accept(event));
				this.context.set(starting);
			})
			.run(this.properties.stream().map((property) -> "--" + property).toArray(String[]::new));
	}

	/**
	 * Starts the application and waits until the three peers are ready, and have answered
	 * through their proxies.
	 */
	void startReady() {
		start();
		await().atMost(LONG)
			.until(() -> services().stream().filter((service) -> service.state() == TcpState.READY).count() == 3);
		services().forEach((service) -> request(service, "there").join());
	}

	ConfigurableApplicationContext context() {
		return Objects.requireNonNull(this.context.get(), "the context");
	}

	@SuppressWarnings("unchecked")
	TcpBackend<Note> tcp() {
		return (TcpBackend<Note>) context()
			.getBeanProvider(ResolvableType.forClassWithGenerics(TcpBackend.class, Note.class))
			.getObject();
	}

	HttpBackend http() {
		return context().getBean(HttpBackend.class);
	}

	/** The three peers behind proxies, as far as they are known. */
	List<TcpService<Note>> services() {
		var group = tcp().findGroup("game");
		return (group != null) ? List.copyOf(group.services()) : List.of();
	}

	/** Sends a request to a service, and remembers it. */
	CompletableFuture<Note> request(TcpService<Note> service, String text) {
		CompletableFuture<Note> request = service.request(new Note(this.ids.incrementAndGet(), text),
				Duration.ofMinutes(5));
		this.requests.add(request);
		return request;
	}

	/** Sends requests that nobody answers. */
	void leavePending(int number) {
		for (int i = 0; i < number; i++) {
			List<TcpService<Note>> services = services();
			request(services.get(i % services.size()), NotePeer.QUIET);
		}
		await().atMost(LONG).until(() -> services().stream().mapToInt(TcpService::pendingRequests).sum() == number);
	}

	/** Waits until the handler is where the test wants it. */
	void awaitHandler() throws InterruptedException {
		assertThat(this.handler.called.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
	}

	<T extends AutoCloseable> T closeLater(T resource) {
		this.resources.addFirst(resource);
		return resource;
	}

	/** Forgets the application, so that it can be collected. */
	void forget() {
		this.context.set(null);
		this.requests.clear();
	}

	@Override
	public void close() {
		ConfigurableApplicationContext left = this.context.get();
		if (left != null) {
			left.close();
		}
		for (AutoCloseable resource : this.resources) {
			try {
				resource.close();
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
		}
	}

}
