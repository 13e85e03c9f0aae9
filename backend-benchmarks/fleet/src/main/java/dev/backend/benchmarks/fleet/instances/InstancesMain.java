package dev.backend.benchmarks.fleet.instances;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * All instances of a fleet in one process: each has an entry, beats every four seconds,
 * spread over that time, and takes connections. Told so by its standard input, some of
 * them are replaced all the time, each by another with an id of its own.
 */
public final class InstancesMain {

	private static final long TICK_MILLIS = 10;

	private static final long HEARTBEAT_MILLIS = 4000;

	/** For which an instance goes on after its deregistration. */
	private static final long LAST_REQUESTS_MILLIS = 500;

	private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

	private final InstanceServer server = new InstanceServer(this::connected);

	private final FleetRegistry registry;

	private final int groups;

	private final int count;

	/** By their place, which a successor takes over. For the timer's thread. */
	private final List<Member> members = new ArrayList<>();

	/** When those that replaced others began to register. */
	private final Map<String, Long> registeredAt = new ConcurrentHashMap<>();

	private final Queue<Long> delays = new ConcurrentLinkedQueue<>();

	private long beats;

	private double replacedPerTick;

	private double toReplace;

	private int replaced;

	private long replacements;

	private InstancesMain(int redisPort, String key, int count, int groups, boolean hostile) throws Exception {
		this.registry = new FleetRegistry(redisPort, key);
		this.count = count;
		this.groups = groups;
		for (int place = 0; place < count; place++) {
			this.members.add(member(place, 0));
		}
		if (hostile) {
			this.members.addAll(HostileMembers.of(group(0), this.server.port(0)));
		}
		this.registry.fill(this.members);
	}

	/**
	 * Runs the fleet until the standard input ends.
	 * @param arguments the port of Redis, the key, the number of instances and of groups,
	 * and whether hostile entries are among them
	 * @throws Exception if it cannot start
	 */
	public static void main(String[] arguments) throws Exception {
		InstancesMain fleet = new InstancesMain(Integer.parseInt(arguments[0]), arguments[1],
				Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]), Boolean.parseBoolean(arguments[4]));
		fleet.timer.scheduleAtFixedRate(fleet::tick, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
		System.out.println("REGISTERED");
		fleet.obey(new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)));
		System.exit(0);
	}

	private void obey(BufferedReader commands) throws Exception {
		for (String line = commands.readLine(); line != null; line = commands.readLine()) {
			String[] words = line.split(" ");
			double perSecond = words[0].equals("replace") ? Double.parseDouble(words[1]) : 0;
			System.out.println(this.timer.submit(() -> replace(perSecond)).get());
		}
	}

	/** Sets how many are replaced, and says what has happened since the last time. */
	private String replace(double perSecond) {
		List<Long> delays = new ArrayList<>();
		for (Long delay = this.delays.poll(); delay != null; delay = this.delays.poll()) {
			delays.add(delay);
		}
		long[] sorted = delays.stream().mapToLong(Long::longValue).sorted().toArray();
		String report = String.format(Locale.ROOT,
				"REPLACED count=%d connected=%d delay50=%.3f delay99=%.3f delay100=%.3f answer100=%.3f sent=%d",
				this.replaced, sorted.length, quantile(sorted, 0.5), quantile(sorted, 0.99), quantile(sorted, 1),
				this.registry.slowestNanos() / 1e9, this.registry.sentBytes());
		this.replaced = 0;
		this.replacedPerTick = perSecond * TICK_MILLIS / 1000;
		return report;
	}

	private static double quantile(long[] sorted, double quantile) {
		return (sorted.length > 0) ? sorted[(int) Math.ceil(quantile * sorted.length) - 1] / 1e9 : Double.NaN;
	}

	private void tick() {
		try {
			for (this.toReplace += this.replacedPerTick; this.toReplace >= 1; this.toReplace--) {
				replaceOne();
			}
			long due = System.nanoTime() / 1_000_000 * this.members.size() / HEARTBEAT_MILLIS;
			this.beats = Math.max(this.beats, due - this.members.size());
			for (; this.beats < due; this.beats++) {
				this.registry.register(this.members.get((int) (this.beats % this.members.size())));
			}
			this.registry.flush();
		}
		catch (Throwable ex) {
			ex.printStackTrace();
		}
	}

	/** Takes the places far apart, so that neighbours are not of one group. */
	private void replaceOne() {
		this.replaced++;
		int place = (int) (this.replacements++ * 7919L % this.count);
		Member before = this.members.get(place);
		Member after = member(place, this.replacements);
		this.members.set(place, after);
		this.registeredAt.put(after.id(), System.nanoTime());
		this.registry.replace(before, after)
			.thenRun(() -> this.timer.schedule(() -> this.server.end(before.id()), LAST_REQUESTS_MILLIS,
					TimeUnit.MILLISECONDS));
	}

	private void connected(String id) {
		Long registered = this.registeredAt.remove(id);
		if (registered != null) {
			this.delays.add(System.nanoTime() - registered);
		}
	}

	/** All that are ever at a place have texts of the same length, and sort alike. */
	private Member member(int place, long generation) {
		return Member.of(group(place), "s%06d-%08d".formatted(place, generation), "127.0.0.1", this.server.port(place));
	}

	private String group(int place) {
		return (this.groups == 1) ? "game" : "game-" + place % this.groups;
	}

}
