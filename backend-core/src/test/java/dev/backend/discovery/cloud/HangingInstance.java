package dev.backend.discovery.cloud;

import java.util.concurrent.CountDownLatch;

import org.springframework.cloud.client.DefaultServiceInstance;

/**
 * An instance that looks up its host only when it is asked for it, for as long as a gate
 * is shut, whatever interrupts it.
 */
final class HangingInstance extends DefaultServiceInstance {

	private final CountDownLatch gate;

	HangingInstance(CountDownLatch gate) {
		super("h-1", "game", "127.0.0.1", 7001, false);
		this.gate = gate;
	}

	@Override
	public String getHost() {
		while (this.gate.getCount() > 0) {
			Thread.onSpinWait();
		}
		return super.getHost();
	}

}
