package dev.backend.discovery.consul;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The pollers of the watched services, and those that watch the whole datacenter for the
 * services that have no long poll of their own; how they work together is told in
 * {@link ConsulServiceDiscovery}. On the loop's thread.
 */
final class ServicePollers {

	/** Plain reads at once. */
	private static final int PLAIN_READS = 16;

	private final ConsulApi api;

	private final ConsulDiscoverySettings settings;

	private final Scheduler loop;

	private final Listener listener;

	private final ConcurrencyLimit limit = new ConcurrencyLimit(PLAIN_READS);

	private final Map<String, Poller<ServiceContent>> services = new LinkedHashMap<>();

	private List<Poller<?>> shared = List.of();

	private boolean running;

	ServicePollers(ConsulApi api, ConsulDiscoverySettings settings, Scheduler loop, Listener listener) {
		this.api = api;
		this.settings = settings;
		this.loop = loop;
		this.listener = listener;
	}

	/** Begins to ask for everything. */
	void start() {
		this.running = true;
		all().forEach(Poller::start);
	}

	/** Gives up what is under way. */
	void stop() {
		this.running = false;
		all().forEach(Poller::stop);
	}

	/**
	 * Watches these services and no other.
	 * @param names the names
	 * @return those that were watched and are not any more
	 */
	List<String> retain(Collection<String> names) {
		List<String> gone = this.services.keySet().stream().filter((name) -> !names.contains(name)).toList();
		for (String name : gone) {
			Poller<ServiceContent> poller = this.services.remove(name);
			if (poller != null) {
				poller.stop();
			}
		}
		for (String name : names) {
			if (!this.services.containsKey(name)) {
				this.services.put(name, add(name));
			}
		}
		share();
		return gone;
	}

	/** All pollers: those of the services first. */
	List<Poller<?>> all() {
		List<Poller<?>> all = new ArrayList<>(this.services.values());
		all.addAll(this.shared);
		return all;
	}

	/** When each service was read last. */
	Map<String, Long> readTimes() {
		Map<String, Long> times = new HashMap<>();
		this.services.forEach((name, poller) -> {
			Long readAt = poller.readAt();
			if (readAt != null) {
				times.put(name, readAt);
			}
		});
		return times;
	}

	boolean watches(String name) {
		return this.services.containsKey(name);
	}

	/** The names of the watched services. */
	Set<String> names() {
		return this.services.keySet();
	}

	/** Something has changed somewhere. */
	void wake() {
		this.services.values().forEach(Poller::wake);
	}

	/** Sees whether the long polls are still good for something. */
	void verify(boolean changed) {
		all().forEach((poller) -> poller.verify(changed));
	}

	private Poller<ServiceContent> add(String name) {
		boolean blocking = longPolls().count() < this.settings.limits().longPolls();
		Poller<ServiceContent> poller = poller("service '" + name + "'", (options) -> this.api.service(name, options),
				this.api.serviceIndex(name), new Poller.Listener<ServiceContent>() {

					@Override
					public boolean misses(ServiceContent content) {
						return ServicePollers.this.listener.misses(name, content);
					}

					@Override
					public void answered(ServiceContent content) {
						ServicePollers.this.listener.answered(name, content);
					}

					@Override
					public void failed(ConsulFailure failure) {
						ServicePollers.this.listener.failed(failure);
					}

				}, blocking);
		if (this.running) {
			poller.start();
		}
		return poller;
	}

	/** Gives away long polls that have become free, and has shared ones where needed. */
	private void share() {
		long free = this.settings.limits().longPolls() - longPolls().count();
		this.services.values()
			.stream()
			.filter((poller) -> !poller.blocks())
			.limit(Math.max(0, free))
			.forEach(Poller::block);
		boolean needed = longPolls().count() < this.services.size();
		if (needed && this.shared.isEmpty()) {
			this.shared = List.of(sharedPoller("the list of services", this.api::anyService),
					sharedPoller("the checks", this.api::anyCheck), sharedPoller("the nodes", this.api::anyNode));
			if (this.running) {
				this.shared.forEach(Poller::start);
			}
		}
		else if (!needed) {
			this.shared.forEach(Poller::stop);
			this.shared = List.of();
		}
	}

	private Stream<Poller<ServiceContent>> longPolls() {
		return this.services.values().stream().filter(Poller::blocks);
	}

	private Poller<Boolean> sharedPoller(String subject, BlockingQuery<Boolean> query) {
		return poller(subject, query, Poller.newestIndex(query), new Poller.Listener<Boolean>() {

			@Override
			public void answered(Boolean content) {
				wake();
			}

			@Override
			public void failed(ConsulFailure failure) {
				ServicePollers.this.listener.failed(failure);
			}

		}, true);
	}

	private <T> Poller<T> poller(String subject, BlockingQuery<T> query, Mono<Long> newestIndex,
			Poller.Listener<T> pollerListener, boolean blocking) {
		return new Poller<>(subject, query, newestIndex, pollerListener, this.settings, this.loop, this.limit,
				blocking);
	}

	/**
	 * Who wants to know of services.
	 */
	interface Listener {

		/** Whether an answer misses something that was there before. */
		boolean misses(String name, ServiceContent content);

		/** A service has been read. */
		void answered(String name, ServiceContent content);

		/** Something could not be read. */
		void failed(ConsulFailure failure);

	}

}
