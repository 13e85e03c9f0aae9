package dev.backend.http;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * How many instances of a group answer their probe and are not drained, and which of
 * these are ejected. Safe for use by any thread: instances of a group are on different
 * event loops, and two may be about to be ejected at the same time. The lock guards a
 * count and a set, and nothing runs under it.
 *
 * <p>
 * An instance is known here by what readmits it, which is called when so many others have
 * gone that too large a part of the group would be ejected: the one that was ejected
 * first comes back first.
 */
final class GroupEjections {

	private final Set<Runnable> ejected = new LinkedHashSet<>();

	private int answering;

	/** An instance answers its probe, and is not drained. */
	synchronized void joined() {
		this.answering++;
	}

	/** An instance that did answer, ejected or not, does not any more. */
	void left(Runnable readmission, HttpEjection settings) {
		synchronized (this) {
			this.answering--;
			this.ejected.remove(readmission);
		}
		trim(settings);
	}

	/** Returns whether an instance that answers may be ejected; if so, it now is. */
	synchronized boolean eject(Runnable readmission, HttpEjection settings) {
		return this.ejected.size() < settings.permitted(this.answering) && this.ejected.add(readmission);
	}

	synchronized void readmitted(Runnable readmission) {
		this.ejected.remove(readmission);
	}

	/** Readmits what may not be ejected any more. */
	void trim(HttpEjection settings) {
		surplus(settings).forEach(Runnable::run);
	}

	private synchronized List<Runnable> surplus(HttpEjection settings) {
		List<Runnable> surplus = new ArrayList<>();
		Iterator<Runnable> oldest = this.ejected.iterator();
		while (this.ejected.size() > settings.permitted(this.answering)) {
			surplus.add(oldest.next());
			oldest.remove();
		}
		return surplus;
	}

}
