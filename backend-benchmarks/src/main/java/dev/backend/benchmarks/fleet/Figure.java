package dev.backend.benchmarks.fleet;

import java.util.Locale;

/**
 * What the table shows of each fleet, in this order.
 */
enum Figure {

	/** From the begin of the process' main method until the context has started. */
	CONTEXT("context started after", "%.1f s", ""),

	/** From then on. */
	READY("then all ready after", "%.1f s", "5 s"),

	/** What the fleet adds to the live heap, divided by the instances. */
	HEAP("heap per instance", "%,.0f B", "10,500 B"),

	/** CPU time while nothing changes. */
	IDLE("idle, of a core", "%.1f %%", "8 %"),

	/** CPU time while instances are replaced. */
	CHURN("churn, of a core", "%.1f %%", "20 %"),

	/** How often a table was made anew meanwhile. */
	REBUILDS("churn, ring rebuilds", "%.1f/s", ""),

	/** How many were replaced meanwhile. */
	REPLACED("churn, replaced", "%.1f/s", ""),

	/** From the begin of a registration to the new connection, the median. */
	DELAY("churn, new one connected after, median", "%.2f s", ""),

	/** The same, of the slowest. */
	SLOWEST("churn, new one connected after, slowest", "%.2f s", ""),

	/** What Redis sent, nearly all of it to the application. */
	SENT("churn, sent by Redis", "%.1f MB/s", ""),

	/**
	 * What the slowest heartbeat or registration took. Where it comes near the expiry of
	 * eight seconds, the machine was too busy for the fleet and the figures say nothing.
	 */
	ANSWER("churn, slowest answer of Redis", "%.2f s", ""),

	/** From the end of the churn until the application knows and uses exactly all. */
	SETTLED("churn over, all ready after", "%.1f s", "");

	private final String title;

	private final String format;

	private final String bar;

	Figure(String title, String format, String bar) {
		this.title = title;
		this.format = format;
		this.bar = bar;
	}

	String title() {
		return this.title;
	}

	String bar() {
		return this.bar;
	}

	String format(double value) {
		return String.format(Locale.ROOT, this.format, value);
	}

}
