package dev.backend.http;

import java.lang.ref.WeakReference;
import java.time.Duration;

import dev.backend.transport.EventLoops;
import dev.backend.transport.SharedEventLoops;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.netty.resources.LoopResources;

import static org.awaitility.Awaitility.await;

@Timeout(60)
class HttpTransportTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	/** Event loops that a transport has had, and nobody has any more. */
	private static WeakReference<LoopResources> used() {
		SharedEventLoops shared = new SharedEventLoops("forgotten", 1);
		EventLoops other = shared.acquire(LONG, Duration.ZERO);
		new HttpTransport(shared, LONG, null).close(LONG);
		other.close(false, LONG);
		return new WeakReference<>(other.resources());
	}

	@Test
	void whenATransportIsClosedThenNothingKeepsItsEventLoops() {
		WeakReference<LoopResources> loops = used();
		await().until(() -> {
			System.gc();
			return loops.get() == null;
		});
	}

}
