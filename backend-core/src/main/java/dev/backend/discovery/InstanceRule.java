package dev.backend.discovery;

import org.jspecify.annotations.Nullable;

/**
 * Decides whether an instance that a registry lists may be used, such as an allow-list.
 * Called by any thread; must be quick and depend on nothing but the instance.
 */
@FunctionalInterface
public interface InstanceRule {

	/**
	 * Returns why an instance may not be used.
	 * @param instance the instance
	 * @return the reason, for people, or {@code null} if it may be used
	 */
	@Nullable String refusal(DiscoveredInstance instance);

}
