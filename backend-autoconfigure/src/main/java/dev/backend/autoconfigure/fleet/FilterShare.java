package dev.backend.autoconfigure.fleet;

import java.util.List;

import dev.backend.discovery.InstanceFilter;

/**
 * Which of the instances that the one {@link InstanceFilter} bean takes belong to a
 * backend.
 */
public enum FilterShare {

	/** All: there is no other backend. */
	ALL {
		@Override
		InstanceFilter of(InstanceFilter filter) {
			return filter;
		}
	},

	/** Those that are reached over HTTP. */
	HTTP {
		@Override
		InstanceFilter of(InstanceFilter filter) {
			return filter.limitedTo(SCHEMES);
		}
	},

	/** What {@link #HTTP} leaves. */
	ALL_BUT_HTTP {
		@Override
		InstanceFilter of(InstanceFilter filter) {
			return filter.exceptFor(SCHEMES);
		}
	};

	private static final List<String> SCHEMES = List.of("http", "https");

	abstract InstanceFilter of(InstanceFilter filter);

}
