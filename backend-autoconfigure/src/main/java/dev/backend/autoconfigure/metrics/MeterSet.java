package dev.backend.autoconfigure.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import org.jspecify.annotations.Nullable;

/**
 * Meters with common tags that come and go together. Registries hold the sources of the
 * values weakly.
 */
final class MeterSet implements AutoCloseable {

	private final MeterRegistry registry;

	private final Tags tags;

	private final List<Meter> meters = new ArrayList<>();

	MeterSet(MeterRegistry registry, String... tags) {
		this.registry = registry;
		this.tags = Tags.of(tags);
	}

	<T> MeterSet counter(String name, @Nullable String unit, String description, T source, ToDoubleFunction<T> count,
			String... tags) {
		this.meters.add(FunctionCounter.builder(name, source, count)
			.baseUnit(unit)
			.description(description)
			.tags(this.tags.and(tags))
			.register(this.registry));
		return this;
	}

	<T> MeterSet gauge(String name, @Nullable String unit, String description, T source, ToDoubleFunction<T> value,
			String... tags) {
		this.meters.add(Gauge.builder(name, source, value)
			.baseUnit(unit)
			.description(description)
			.tags(this.tags.and(tags))
			.register(this.registry));
		return this;
	}

	Timer timer(String name, String description, String... tags) {
		Timer timer = Timer.builder(name).description(description).tags(this.tags.and(tags)).register(this.registry);
		this.meters.add(timer);
		return timer;
	}

	/** Removes the meters from their registry. */
	@Override
	public void close() {
		this.meters.forEach(this.registry::remove);
	}

}
