package dev.backend.faults;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import dev.backend.Route;
import dev.backend.tcp.BroadcastResult;
import dev.backend.tcp.TcpBackend;

import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;

/**
 * What an application does with its backends, of every kind and on several threads, and
 * tells the accounts of.
 */
final class SoakLoad implements AutoCloseable {

	private static final int THREADS = 8;

	/** Every so many milliseconds, each thread does so many things. */
	private static final int PAUSE = 10;

	private static final int BURST = 10;

	private static final Duration TIMEOUT = Duration.ofSeconds(1);

	private final TcpBackend<Note> tcp;

	private final RestClient http;

	private final SoakAccounts accounts;

	private final Random seeds;

	private final AtomicLong ids = new AtomicLong();

	private final ScheduledExecutorService executor = Executors.newScheduledThreadPool(THREADS);

	private final List<ScheduledFuture<?>> running = new ArrayList<>();

	SoakLoad(TcpBackend<Note> tcp, RestClient http, SoakAccounts accounts, long seed) {
		this.tcp = tcp;
		this.http = http;
		this.accounts = accounts;
		this.seeds = new Random(seed);
	}

	void start() {
		for (int i = 0; i < THREADS; i++) {
			Random random = new Random(this.seeds.nextLong());
			this.running
				.add(this.executor.scheduleWithFixedDelay(() -> burst(random), i, PAUSE, TimeUnit.MILLISECONDS));
		}
	}

	/** Begins nothing new; what is under way goes on. */
	void stop() {
		this.running.forEach((thread) -> thread.cancel(false));
		this.running.clear();
	}

	@Override
	public void close() {
		this.executor.shutdownNow();
	}

	private void burst(Random random) {
		try {
			for (int i = 0; i < BURST; i++) {
				act(random);
			}
		}
		catch (Throwable ex) {
			this.accounts.unexpected(ex);
		}
	}

	private void act(Random random) {
		int choice = random.nextInt(100);
		Route route = route(random);
		String text = "x".repeat(random.nextInt(200));
		if (choice < 45) {
			request(route, text, TIMEOUT);
		}
		else if (choice < 50) {
			block(request(route, text, TIMEOUT));
		}
		else if (choice < 55) {
			request(route, NotePeer.QUIET, Duration.ofMillis(1 + random.nextInt(100)));
		}
		else if (choice < 60) {
			request(route, random.nextBoolean() ? text : NotePeer.QUIET, TIMEOUT).cancel(false);
		}
		else if (choice < 97) {
			this.accounts.sent(random.nextBoolean() ? this.tcp.trySend(SoakFleet.TCP, route, Note.push(text))
					: this.tcp.trySendBytes(SoakFleet.TCP, route, encoded(text)));
		}
		else if (choice < 98) {
			broadcast(random, text);
		}
		else {
			routed(random);
		}
	}

	private static Route route(Random random) {
		Route route = (random.nextInt(10) == 0) ? Route.any() : Route.hash("key-" + random.nextInt(1000));
		return (random.nextInt(5) == 0) ? route.tag("eu") : route;
	}

	private CompletableFuture<Note> request(Route route, String text, Duration timeout) {
		long began = System.nanoTime();
		Note note = new Note(this.ids.incrementAndGet(), text);
		this.accounts.requested();
		CompletableFuture<Note> request = this.tcp.request(SoakFleet.TCP, route, note, timeout);
		request
			.whenComplete((reply, failure) -> this.accounts.settled(note, reply, failure, System.nanoTime() - began));
		return request;
	}

	private static void block(CompletableFuture<Note> request) {
		try {
			request.join();
		}
		catch (CompletionException ex) {
			// It is in the accounts.
		}
	}

	private void broadcast(Random random, String text) {
		if (this.tcp.findGroup(SoakFleet.TCP) == null) {
			return;
		}
		BroadcastResult<Note> result = switch (random.nextInt(3)) {
			case 0 -> this.tcp.broadcast(Note.push(text));
			case 1 -> this.tcp.broadcastBytes(SoakFleet.TCP, encoded(text));
			default -> this.tcp.broadcastOnePerGroup(route(random), Note.push(text));
		};
		result.byService().values().forEach(this.accounts::sent);
	}

	private void routed(Random random) {
		try {
			this.http.get()
				.uri("http://" + SoakFleet.HTTP + "/orders")
				.header("X-Route-Key", "key-" + random.nextInt(1000))
				.retrieve()
				.toBodilessEntity();
			this.accounts.routed(true);
		}
		catch (RestClientException | IllegalStateException ex) {
			this.accounts.routed(false);
		}
	}

	private static byte[] encoded(String text) {
		byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
		int length = Long.BYTES + Integer.BYTES + bytes.length;
		return ByteBuffer.allocate(Integer.BYTES + length)
			.putInt(length)
			.putLong(0)
			.putInt(NoteCodec.checksum(bytes))
			.put(bytes)
			.array();
	}

}
