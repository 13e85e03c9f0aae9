package dev.backend.autoconfigure.health;

import dev.backend.discovery.DiscoveryStatus;
import dev.backend.discovery.ServiceDiscovery;

import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Whether the registry answers. Unknown until its first answer. A registry that is down
 * disconnects nothing, so this does not belong into readiness.
 */
final class BackendRegistryHealthIndicator extends AbstractHealthIndicator {

	private final ServiceDiscovery discovery;

	BackendRegistryHealthIndicator(ServiceDiscovery discovery) {
		super("Registry health check failed");
		this.discovery = discovery;
	}

	@Override
	protected void doHealthCheck(Health.Builder builder) {
		DiscoveryStatus status = this.discovery.status();
		switch (status.state()) {
			case UP -> builder.up();
			case DOWN -> builder.down();
			case STARTING -> builder.unknown();
		}
		builder.withDetail("source", status.source());
		builder.withDetail("instances", status.instances());
		if (status.rejected() > 0) {
			builder.withDetail("rejected", status.rejected());
		}
		if (status.sinceLastRead() != null) {
			builder.withDetail("sinceLastRead", status.sinceLastRead());
		}
		if (status.reason() != null) {
			builder.withDetail("reason", status.reason());
		}
	}

}
