package dev.backend.autoconfigure.discovery;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

import org.springframework.cloud.client.discovery.event.HeartbeatEvent;
import org.springframework.cloud.client.discovery.event.HeartbeatMonitor;
import org.springframework.cloud.client.discovery.event.InstanceRegisteredEvent;
import org.springframework.cloud.client.discovery.event.ParentHeartbeatEvent;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.event.SmartApplicationListener;

/**
 * Hears from the discovery client that something has changed. Called on whatever thread
 * publishes the event, which it does not hold up.
 */
final class SpringCloudEventListener implements SmartApplicationListener {

	private final HeartbeatMonitor heartbeats = new HeartbeatMonitor();

	private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

	/**
	 * Adds who wants to hear of changes.
	 * @param listener called on the publisher's thread; returns at once
	 */
	void onChange(Runnable listener) {
		this.listeners.add(listener);
	}

	@Override
	public boolean supportsEventType(Class<? extends ApplicationEvent> type) {
		return HeartbeatEvent.class.isAssignableFrom(type) || ParentHeartbeatEvent.class.isAssignableFrom(type)
				|| InstanceRegisteredEvent.class.isAssignableFrom(type);
	}

	/** A heartbeat tells of a change only if its value is another than the last one's. */
	@Override
	public void onApplicationEvent(ApplicationEvent event) {
		boolean news = true;
		if (event instanceof HeartbeatEvent heartbeat) {
			news = this.heartbeats.update(heartbeat.getValue());
		}
		else if (event instanceof ParentHeartbeatEvent heartbeat) {
			news = this.heartbeats.update(heartbeat.getValue());
		}
		if (news) {
			this.listeners.forEach(Runnable::run);
		}
	}

}
