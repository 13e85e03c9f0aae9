package dev.backend.discovery.consul;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.FailureText;
import dev.backend.discovery.InstanceEntry;
import reactor.core.publisher.Mono;

/**
 * The pollers of the watched services, and those that watch the whole datacenter for the
 * services that have no long poll of their own; how they work together is told in
 * {@link ConsulServiceDiscovery}. On the loop's thread.
 */
final class ServicePollers {

	/** Plain reads at once. */
	private static final int PLAIN_READS = 16;

	private static final int MAXIMUM_SPELLINGS = 10_000;

	private final ConsulQueries api;

	private final ConsulDiscoverySettings settings;

	private final QueryLoop loop;

	private final Listener listener;

	private final ConcurrencyLimit limit = new ConcurrencyLimit(PLAIN_READS);

	private final Map<String, Poller<ServiceContent>> services = new LinkedHashMap<>();

	/** Names as entries spell them, where that is another way, and their keys. */
	private final Map<String, String> spellings = new HashMap<>();

	private List<Poller<?>> shared = List.of();

	private boolean running;

	ServicePollers(ConsulQueries api, ConsulDiscoverySettings settings, QueryLoop loop, Listener listener) {
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
	List<String> retain(Set<String> names) {
		List<String> gone = this.services.keySet().stream().filter((name) -> !names.contains(name)).toList();
		for (String name : gone) {
			this.spellings.values().removeIf(name::equals);
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

	/** Those of the services, without those that only say that something has changed. */
	Collection<Poller<ServiceContent>> ofServices() {
		return this.services.values();
	}

	/** All pollers: those of the services first. */
	List<Poller<?>> all() {
		List<Poller<?>> all = new ArrayList<>(this.services.values());
		all.addAll(this.shared);
		return all;
	}

	/**
	 * When each service was read last, by all spellings of its name. One that was not
	 * read yet has a time that does not change, so that nothing of it counts as gone.
	 */
	Map<String, Long> readTimes() {
		Map<String, Long> times = new HashMap<>();
		this.services.forEach((name, poller) -> times.put(name, poller.readAt()));
		this.spellings.forEach((spelling, name) -> {
			Poller<ServiceContent> poller = this.services.get(name);
			if (poller != null) {
				times.put(spelling, poller.readAt());
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
		Poller<ServiceContent> poller = poller("service '" + FailureText.printable(name) + "'",
				(options) -> this.api.service(name, options), this.api.serviceIndex(name),
				new Poller.Listener<ServiceContent>() {

					private boolean first = true;

					/** Of what was there before the first answer, a file may know. */
					@Override
					public boolean misses(ServiceContent content) {
						boolean misses = this.first || ServicePollers.this.listener.misses(name, content);
						this.first = false;
						return misses;
					}

					@Override
					public void answered(ServiceContent content) {
						spell(name, content);
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

	private void spell(String name, ServiceContent content) {
		for (InstanceEntry entry : content.entries()) {
			DiscoveredInstance instance = entry.instance();
			if (instance != null && !instance.name().equals(name) && this.spellings.size() < MAXIMUM_SPELLINGS) {
				this.spellings.put(instance.name(), name);
			}
		}
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
