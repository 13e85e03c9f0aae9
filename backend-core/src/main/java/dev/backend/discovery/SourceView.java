package dev.backend.discovery;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * What one source says at one moment: all that it lists, and how far that may be believed
 * where something is missing. Immutable.
 *
 * @param source the source, as its status names it; empty if a snapshot has one view only
 * @param instances the entries, the one first seen latest first
 * @param readAt when the registry was read, by {@link System#nanoTime()}
 * @param readAtByName when single services were read, where that was at another time, by
 * the registry's name of the service
 * @param absence what it means that an instance is not listed
 * @param confirmationDelay how much later than a read that misses an instance another one
 * must confirm that, or {@code null} for {@link ServiceDiscovery#confirmationDelay() that
 * of the source}
 */
public record SourceView(String source, List<DiscoveredInstance> instances, long readAt, Map<String, Long> readAtByName,
		Absence absence, @Nullable Duration confirmationDelay) {

	/** Copies the collections, unless they cannot change. */
	public SourceView {
		Objects.requireNonNull(source, "source");
		Objects.requireNonNull(absence, "absence");
		instances = List.copyOf(instances);
		readAtByName = Map.copyOf(readAtByName);
	}

	/**
	 * Creates the view of a source that is read as a whole.
	 * @param source the source, as its status names it
	 * @param instances the entries, the one first seen latest first
	 * @param readAt when the registry was read, by {@link System#nanoTime()}
	 * @param absence what it means that an instance is not listed
	 */
	public SourceView(String source, List<DiscoveredInstance> instances, long readAt, Absence absence) {
		this(source, instances, readAt, Map.of(), absence, null);
	}

	/**
	 * Returns when a service was read last.
	 * @param name the registry's name of the service
	 * @return the time, by {@link System#nanoTime()}
	 */
	public long readAt(String name) {
		Long own = this.readAtByName.get(name);
		return (own != null) ? own : this.readAt;
	}

	/**
	 * Returns this view as one of a source that is told apart from others.
	 * @param source the name of the source, to which that of this view is added
	 * @param confirmationDelay its delay, used if this view has none
	 * @return this view, with a name that is its own and a delay
	 */
	SourceView of(String source, Duration confirmationDelay) {
		return new SourceView(this.source.isEmpty() ? source : source + ": " + this.source, this.instances, this.readAt,
				this.readAtByName, this.absence,
				(this.confirmationDelay != null) ? this.confirmationDelay : confirmationDelay);
	}

}
