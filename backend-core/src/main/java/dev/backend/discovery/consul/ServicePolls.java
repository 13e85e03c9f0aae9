package dev.backend.discovery.consul;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * The polls of the watched services, and the doorbells for those that have no long poll
 * of their own; how they work together is told in {@link ConsulServiceDiscovery}. On the
 * loop's thread.
 */
final class ServicePolls {

	/** Plain reads at once. */
	private static final int PLAIN_READS = 16;

	private final ConsulApi api;

	private final ConsulDiscoverySettings settings;

	private final Scheduler loop;

	private final Listener listener;

	private final Turnstile turnstile = new Turnstile(PLAIN_READS);

	private final Map<String, Poll<ServiceContent>> services = new LinkedHashMap<>();

	private Map<String, Poll<?>> doorbells = Map.of();

	private boolean running;

	ServicePolls(ConsulApi api, ConsulDiscoverySettings settings, Scheduler loop, Listener listener) {
		this.api = api;
		this.settings = settings;
		this.loop = loop;
		this.listener = listener;
	}

	/** Begins to ask for everything. */
	void start() {
		this.running = true;
		all().forEach((name, poll) -> poll.start());
	}

	/** Gives up what is under way. */
	void stop() {
		this.running = false;
		all().forEach((name, poll) -> poll.stop());
	}

	/**
	 * Watches these services and no other.
	 * @param names the names
	 * @return those that were watched and are not any more
	 */
	List<String> retain(Collection<String> names) {
		List<String> gone = this.services.keySet().stream().filter((name) -> !names.contains(name)).toList();
		for (String name : gone) {
			Poll<ServiceContent> poll = this.services.remove(name);
			if (poll != null) {
				poll.stop();
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

	/** All polls with what they are about. */
	Map<String, Poll<?>> all() {
		Map<String, Poll<?>> all = new LinkedHashMap<>();
		this.services.forEach((name, poll) -> all.put("service '" + name + "'", poll));
		all.putAll(this.doorbells);
		return all;
	}

	boolean watches(String name) {
		return this.services.containsKey(name);
	}

	/** The names of the watched services. */
	Set<String> names() {
		return this.services.keySet();
	}

	/** Something has changed somewhere. */
	void ring() {
		this.services.values().forEach(Poll::ring);
	}

	/** Sees whether the long polls are still good for something. */
	void verify(boolean changed) {
		all().values().forEach((poll) -> poll.verify(changed));
	}

	private Poll<ServiceContent> add(String name) {
		boolean blocking = longPolls().count() < this.settings.limits().longPolls();
		Poll<ServiceContent> poll = poll((query) -> this.api.service(name, query), this.api.serviceIndex(name),
				new Poll.Listener<ServiceContent>() {

					@Override
					public boolean misses(ServiceContent content) {
						return ServicePolls.this.listener.misses(name, content);
					}

					@Override
					public void answered(ServiceContent content) {
						ServicePolls.this.listener.answered(name, content);
					}

					@Override
					public void failed(ConsulFailure failure) {
						ServicePolls.this.listener.failed(failure);
					}

				}, blocking);
		if (this.running) {
			poll.start();
		}
		return poll;
	}

	/** Gives away long polls that have become free, and has doorbells where needed. */
	private void share() {
		long free = this.settings.limits().longPolls() - longPolls().count();
		this.services.values().stream().filter((poll) -> !poll.blocks()).limit(Math.max(0, free)).forEach(Poll::block);
		boolean needed = longPolls().count() < this.services.size();
		if (needed && this.doorbells.isEmpty()) {
			this.doorbells = Map.of("the list of services", doorbell(this.api::anyService), "the checks",
					doorbell(this.api::anyCheck), "the nodes", doorbell(this.api::anyNode));
			if (this.running) {
				this.doorbells.values().forEach(Poll::start);
			}
		}
		else if (!needed) {
			this.doorbells.values().forEach(Poll::stop);
			this.doorbells = Map.of();
		}
	}

	private Stream<Poll<ServiceContent>> longPolls() {
		return this.services.values().stream().filter(Poll::blocks);
	}

	private Poll<Boolean> doorbell(Question<Boolean> question) {
		return poll(question, Poll.newestIndex(question), new Poll.Listener<Boolean>() {

			@Override
			public void answered(Boolean content) {
				ring();
			}

			@Override
			public void failed(ConsulFailure failure) {
				ServicePolls.this.listener.failed(failure);
			}

		}, true);
	}

	private <T> Poll<T> poll(Question<T> question, Mono<Long> newestIndex, Poll.Listener<T> pollListener,
			boolean blocking) {
		return new Poll<>(question, newestIndex, pollListener, this.settings, this.loop, this.turnstile, blocking);
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
