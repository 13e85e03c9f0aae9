package dev.backend.discovery;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * The complete content of a registry at one moment, or of several. Of two entries with
 * the same name and id, the one that stands first wins. Immutable.
 *
 * @param views what each source says, those first that win
 */
public record DiscoverySnapshot(List<SourceView> views) {

	/** Copies the list. */
	public DiscoverySnapshot {
		views = List.copyOf(views);
	}

	/**
	 * Creates a snapshot of one source.
	 * @param view what it says
	 */
	public DiscoverySnapshot(SourceView view) {
		this(List.of(view));
	}

	/**
	 * Creates a snapshot of one source that was there all the time.
	 * @param instances the entries, the one first seen latest first
	 * @param readAt when the registry was read, by {@link System#nanoTime()}
	 * @return the snapshot
	 */
	public static DiscoverySnapshot of(List<DiscoveredInstance> instances, long readAt) {
		return new DiscoverySnapshot(new SourceView("", instances, readAt, Absence.EVIDENCE));
	}

	/**
	 * Creates a snapshot of one source that is read now.
	 * @param instances the entries, the one first seen latest first
	 * @return the snapshot
	 */
	public static DiscoverySnapshot of(List<DiscoveredInstance> instances) {
		return of(instances, System.nanoTime());
	}

	/**
	 * Returns the entries of all sources, those first that win.
	 * @return the entries
	 */
	public List<DiscoveredInstance> instances() {
		return (this.views.size() == 1) ? this.views.get(0).instances()
				: this.views.stream().flatMap((view) -> view.instances().stream()).toList();
	}

	/**
	 * Returns whether this snapshot lists what another one does, in the same order. Looks
	 * at the lists, not at what is in them: sources hand on the same list while nothing
	 * changes.
	 * @param other the other one, or {@code null}
	 * @return whether nothing has changed for certain
	 */
	public boolean listsTheSameAs(@Nullable DiscoverySnapshot other) {
		if (other == null || other.views.size() != this.views.size()) {
			return false;
		}
		for (int i = 0; i < this.views.size(); i++) {
			if (this.views.get(i).instances() != other.views.get(i).instances()) {
				return false;
			}
		}
		return true;
	}

	/**
	 * Finds what a source says.
	 * @param source the name of the source
	 * @return its view, or {@code null} if it is not part of this snapshot
	 */
	@Nullable SourceView view(String source) {
		for (SourceView view : this.views) {
			if (view.source().equals(source)) {
				return view;
			}
		}
		return null;
	}

}
