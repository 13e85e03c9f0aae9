package dev.backend.benchmarks.rpc;

import org.jspecify.annotations.Nullable;

/**
 * The works of the table, in its order.
 */
public enum Work {

	/** One driver thread keeps 128 requests in flight. */
	ASYNC_128("request, async, 128 in flight, 64 B", Kind.ASYNC, 128, 64, Unit.OPERATIONS, Cores.ANY),

	/** One driver thread keeps 1024 requests in flight. */
	ASYNC_1024("request, async, 1024 in flight, 64 B", Kind.ASYNC, 1024, 64, Unit.OPERATIONS, Cores.ANY),

	/** One driver thread keeps 128 requests with larger bodies in flight. */
	ASYNC_128_1K("request, async, 128 in flight, 1 KiB", Kind.ASYNC, 128, 1024, Unit.OPERATIONS, Cores.ANY),

	/** One thread waiting for its reply. */
	BLOCKING_1("request, 1 blocking thread, 64 B", Kind.BLOCKING, 1, 64, Unit.OPERATIONS, Cores.ANY),

	/** 64 threads, each waiting for its reply. */
	BLOCKING_64("request, 64 blocking threads, 64 B", Kind.BLOCKING, 64, 64, Unit.OPERATIONS, Cores.ANY),

	/** 1024 threads, each waiting for its reply. */
	BLOCKING_1024("request, 1024 blocking threads, 64 B", Kind.BLOCKING, 1024, 64, Unit.OPERATIONS, Cores.ANY),

	/** One virtual thread waiting for its reply. */
	BLOCKING_VIRTUAL_1("request, 1 blocking virtual thread, 64 B", Kind.BLOCKING_VIRTUAL, 1, 64, Unit.OPERATIONS,
			Cores.ANY),

	/** 64 virtual threads, each waiting for its reply. */
	BLOCKING_VIRTUAL_64("request, 64 blocking virtual threads, 64 B", Kind.BLOCKING_VIRTUAL, 64, 64, Unit.OPERATIONS,
			Cores.ANY),

	/** 1024 virtual threads, each waiting for its reply. */
	BLOCKING_VIRTUAL_1024("request, 1024 blocking virtual threads, 64 B", Kind.BLOCKING_VIRTUAL, 1024, 64,
			Unit.OPERATIONS, Cores.ANY),

	/** One thread waiting for its reply, client and server on a core each. */
	LATENCY_TWO_CORES("request, one in flight, p50, two cores", Kind.LATENCY, 1, 64, Unit.MICROSECONDS, Cores.TWO),

	/** One thread waiting for its reply, client and server on the same core. */
	LATENCY_ONE_CORE("request, one in flight, p50, one core", Kind.LATENCY, 1, 64, Unit.MICROSECONDS, Cores.ONE),

	/** One driver thread sends messages that have no reply. */
	SEND("send, one way, 64 B", Kind.SEND, 16, 64, Unit.OPERATIONS, Cores.ANY),

	/** One driver thread broadcasts, with 16 broadcasts on the way. */
	BROADCAST("broadcast 256 B to 2,000 connections, deliveries", Kind.BROADCAST, 16, 256, Unit.OPERATIONS, Cores.ANY),

	/** Heap per idle connection. */
	IDLE_HEAP("heap per idle connection at 5,000", Kind.IDLE, 5000, 0, Unit.BYTES, Cores.ANY);

	private final String title;

	private final Kind kind;

	private final int concurrency;

	private final int bodySize;

	private final Unit unit;

	private final Cores cores;

	Work(String title, Kind kind, int concurrency, int bodySize, Unit unit, Cores cores) {
		this.title = title;
		this.kind = kind;
		this.concurrency = concurrency;
		this.bodySize = bodySize;
		this.unit = unit;
		this.cores = cores;
	}

	/**
	 * Returns the title of the row.
	 * @return the title
	 */
	public String title() {
		return this.title;
	}

	/**
	 * Returns which driver runs it.
	 * @return the kind
	 */
	public Kind kind() {
		return this.kind;
	}

	/**
	 * Returns requests in flight, threads, broadcasts on the way or idle connections,
	 * whichever the kind has.
	 * @return the number
	 */
	public int concurrency() {
		return this.concurrency;
	}

	/**
	 * Returns the size of a body.
	 * @return the size in bytes
	 */
	public int bodySize() {
		return this.bodySize;
	}

	/**
	 * Returns what the figure counts.
	 * @return the unit
	 */
	public Unit unit() {
		return this.unit;
	}

	/**
	 * Returns on which cores client and server run.
	 * @return the cores
	 */
	public Cores cores() {
		return this.cores;
	}

	/**
	 * Returns the work that this one is divided by, too: the same with platform threads.
	 * @return the work, or {@code null} if there is none
	 */
	@Nullable Work divisor() {
		return switch (this) {
			case BLOCKING_VIRTUAL_1 -> BLOCKING_1;
			case BLOCKING_VIRTUAL_64 -> BLOCKING_64;
			case BLOCKING_VIRTUAL_1024 -> BLOCKING_1024;
			default -> null;
		};
	}

	/** The driver that runs a work. */
	public enum Kind {

		/** Requests kept in flight by one thread. */
		ASYNC,
		/** Threads that wait for their replies. */
		BLOCKING,
		/** Virtual threads that wait for their replies. */
		BLOCKING_VIRTUAL,
		/** One thread that waits for its reply and takes the time. */
		LATENCY,
		/** One-way messages. */
		SEND,
		/** One-way messages to many connections. */
		BROADCAST,
		/** Nothing is sent. */
		IDLE

	}

	/** What a figure counts. */
	public enum Unit {

		/** Operations a second: more is better. */
		OPERATIONS,
		/** Microseconds: less is better. */
		MICROSECONDS,
		/** Bytes: less is better. */
		BYTES

	}

	/** On which cores the two processes run. */
	public enum Cores {

		/** Wherever the system puts them. */
		ANY,
		/** Both on one core. */
		ONE,
		/** Each on a core of its own. */
		TWO

	}

}
