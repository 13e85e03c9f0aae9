package dev.backend.discovery.cloud;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import org.jspecify.annotations.Nullable;

import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.discovery.DiscoveryClient;

/**
 * A discovery client whose services a test sets by hand, and that fails in the way a test
 * wants.
 */
final class StubClient implements DiscoveryClient {

	final Map<String, List<ServiceInstance>> services = new ConcurrentSkipListMap<>();

	final Set<String> asked = Collections.synchronizedSet(new HashSet<>());

	/** What hangs or waits does so until this is open. */
	final CountDownLatch gate = new CountDownLatch(1);

	final AtomicInteger reads = new AtomicInteger();

	final AtomicInteger atOnce = new AtomicInteger();

	final AtomicInteger asking = new AtomicInteger();

	final AtomicInteger hanging = new AtomicInteger();

	final AtomicInteger interrupted = new AtomicInteger();

	/** How it fails: see the methods; empty if it does not. */
	volatile String failure = "";

	volatile boolean withNull;

	/** Whether the next question meets an error within. */
	volatile boolean failOnce;

	void put(String service, ServiceInstance... instances) {
		this.services.put(service, List.of(instances));
	}

	@Override
	public String description() {
		return "stub";
	}

	@Override
	public List<String> getServices() {
		this.reads.incrementAndGet();
		if (this.failOnce) {
			this.failOnce = false;
			throw new StackOverflowError();
		}
		if (this.failure.equals("services")) {
			throw new IllegalStateException("no leader");
		}
		if (this.failure.equals("error")) {
			throw new NoClassDefFoundError("Missing");
		}
		if (this.failure.equals("stack")) {
			return getServices();
		}
		if (this.failure.equals("message")) {
			throw new UntellableException();
		}
		if (this.failure.equals("secret")) {
			throw new IllegalStateException("GET http://admin:hunter2@registry/eureka?token=hunter2 refused");
		}
		return List.copyOf(this.services.keySet());
	}

	@Override
	@SuppressWarnings("NullAway")
	public @Nullable List<ServiceInstance> getInstances(String service) {
		this.atOnce.accumulateAndGet(this.asking.incrementAndGet(), Math::max);
		try {
			this.asked.add(service);
			if (this.failure.equals("hang " + service)) {
				hang();
			}
			if (this.failure.equals("wait") || this.failure.equals("slow")) {
				this.gate.await(30, TimeUnit.SECONDS);
			}
			if (this.failure.equals(service)) {
				throw new IllegalStateException("connection refused");
			}
			if (this.failure.equals("null") || this.failure.equals("null " + service)) {
				return null;
			}
			if (this.failure.equals("lazy")) {
				return new LateList();
			}
			if (this.failure.equals("instance")) {
				return List.of(new UnloadableInstance());
			}
			if (this.failure.equals("instance hangs")) {
				return List.of(new HangingInstance(this.gate));
			}
			List<ServiceInstance> instances = new ArrayList<>(this.services.getOrDefault(service, List.of()));
			if (this.withNull) {
				instances.add(null);
			}
			return instances;
		}
		catch (InterruptedException ex) {
			this.interrupted.incrementAndGet();
			throw new IllegalStateException(ex);
		}
		finally {
			this.asking.decrementAndGet();
		}
	}

	/** As a read of a socket does, it takes no notice of interrupts. */
	private void hang() {
		this.hanging.incrementAndGet();
		while (this.gate.getCount() > 0) {
			LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
			Thread.interrupted();
		}
		this.hanging.decrementAndGet();
	}

}
