package dev.backend.discovery.redis;

import java.time.Duration;
import java.util.function.LongSupplier;

import dev.backend.discovery.redis.RegistryScripts.LiveMembers;
import dev.backend.settings.DurationText;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether expiry proves that somebody is dead. It does not while Redis refuses
 * writes: then heartbeats fail, whoever sends them.
 *
 * <p>
 * Whoever has expired is believed to be dead if others wrote after his heartbeat was due,
 * or if a writer has looked for expired entries since: a check succeeded here, or a
 * message told of somebody's. Redis itself compares the heartbeats; see {@code read.lua}.
 * What is left over is withheld: it stays in the view. A lone entry has nobody to be
 * compared with. It is withheld while a check is awaited or refused, where checks run
 * here, and else believed.
 *
 * <p>
 * The checker's thread and the client's tell, the watch's thread asks.
 */
final class ExpiryEvidence {

	private final RedisRegistrySettings settings;

	private final LongSupplier nanoTime;

	private final Runnable onChange;

	/** Whether checks run here, as far as is known. */
	private volatile boolean checking;

	private volatile @Nullable String refusal;

	private volatile @Nullable Long lookedAt;

	private @Nullable Long withheldSince;

	private long withheldOf;

	/**
	 * Creates it for a registry of which nothing is known.
	 * @param settings the key and its expiry
	 * @param nanoTime the present time
	 * @param onChange called when Redis begins or ceases to refuse writes
	 */
	ExpiryEvidence(RedisRegistrySettings settings, LongSupplier nanoTime, Runnable onChange) {
		this.settings = settings;
		this.nanoTime = nanoTime;
		this.onChange = onChange;
		this.checking = settings.checker().enabled();
	}

	/** A writer has looked for expired entries just now, and told of them. */
	void looked() {
		this.lookedAt = this.nanoTime.getAsLong();
	}

	/** A check was answered: if one was refused before, Redis has taken writes since. */
	void accepted() {
		this.checking = true;
		refusal(null);
	}

	/**
	 * A check was refused because Redis takes no writes.
	 * @param reason what Redis said
	 */
	void refused(String reason) {
		this.checking = true;
		refusal(reason);
	}

	/** A check cannot be run for a reason of its own, such as a missing right. */
	void notChecking() {
		this.checking = false;
		refusal(null);
	}

	/** How long ago a writer has looked for expired entries, if one ever has. */
	@Nullable Duration sinceLooked() {
		Long looked = this.lookedAt;
		return (looked != null) ? since(looked) : null;
	}

	/**
	 * Decides whether expired entries stay.
	 * @param live the number of live entries
	 * @param unproven the number of those that are known, and whose expiry proves nothing
	 * @return whether they stay
	 */
	boolean withholds(long live, long unproven) {
		if (unproven == 0) {
			this.withheldSince = null;
			return false;
		}
		if (this.withheldSince == null) {
			this.withheldSince = this.nanoTime.getAsLong();
		}
		this.withheldOf = live + unproven;
		return this.withheldOf > 1 || this.refusal != null
				|| (this.checking && since(this.withheldSince).compareTo(expiry()) < 0);
	}

	/** Whether entries are withheld, or would be. */
	boolean doubts() {
		return this.withheldSince != null || this.refusal != null;
	}

	/**
	 * Returns why nothing expires. A check may take a moment to be run.
	 * @return the reason, or {@code null} if there is none or it is too young to be told
	 */
	@Nullable String problem() {
		String refused = this.refusal;
		if (refused != null) {
			return refused + "; nothing expires meanwhile";
		}
		if (this.withheldSince == null || since(this.withheldSince).compareTo(expiry().dividedBy(4)) < 0) {
			return null;
		}
		return "no heartbeat within %s of any of the %d entries, though Redis answers: it may take no writes, and nothing expires until one comes"
			.formatted(DurationText.of(expiry()), this.withheldOf);
	}

	/**
	 * Returns whether most entries have missed a heartbeat, which they can only have done
	 * together: what is missing soon may be alive.
	 */
	static boolean mostAreOverdue(LiveMembers answer) {
		return answer.live() > 1 && answer.fresh() * 2 < answer.live();
	}

	private void refusal(@Nullable String reason) {
		boolean changed = (this.refusal == null) != (reason == null);
		this.refusal = reason;
		if (changed) {
			this.onChange.run();
		}
	}

	private Duration expiry() {
		return this.settings.timings().expiry();
	}

	private Duration since(long nanoTime) {
		return Duration.ofNanos(this.nanoTime.getAsLong() - nanoTime);
	}

}
