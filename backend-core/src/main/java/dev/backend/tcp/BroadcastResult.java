package dev.backend.tcp;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import dev.backend.SendResult;

/**
 * What became of a broadcast: one {@link SendResult} per target. Immutable.
 *
 * @param <M> the type of the messages
 */
public final class BroadcastResult<M> {

	private final List<TcpService<M>> targets;

	private final SendResult[] results;

	BroadcastResult(List<TcpService<M>> targets, SendResult[] results) {
		this.targets = targets;
		this.results = results;
	}

	/**
	 * Returns the services that the broadcast addressed.
	 * @return the targets; those that refused it included
	 */
	public List<TcpService<M>> targets() {
		return this.targets;
	}

	/**
	 * Returns how many targets queued the message.
	 * @return the number
	 */
	public int accepted() {
		int accepted = 0;
		for (SendResult result : this.results) {
			if (result.accepted()) {
				accepted++;
			}
		}
		return accepted;
	}

	/**
	 * Returns whether every target queued the message.
	 * @return {@code true} also if there was no target
	 */
	public boolean allAccepted() {
		return accepted() == this.results.length;
	}

	/**
	 * Returns the outcome of each target.
	 * @return the outcomes, in the order of {@link #targets()}
	 */
	public Map<TcpService<M>, SendResult> byService() {
		Map<TcpService<M>, SendResult> byService = new LinkedHashMap<>();
		for (int i = 0; i < this.results.length; i++) {
			byService.put(this.targets.get(i), this.results[i]);
		}
		return byService;
	}

	@Override
	public String toString() {
		return "%d of %d accepted".formatted(accepted(), this.results.length);
	}

}
