package dev.backend.autoconfigure.support;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;

/**
 * Changes properties of a context that runs.
 */
public final class ChangedProperties {

	private ChangedProperties() {
	}

	/** What a refresh of the environment does. */
	public static void apply(ConfigurableApplicationContext context, Map<String, Object> changes) {
		in(context).putAll(changes);
		context.publishEvent(new EnvironmentChangeEvent(context, Set.copyOf(changes.keySet())));
	}

	/** Returns the changed properties, which win over all others. */
	public static Map<String, Object> in(ConfigurableApplicationContext context) {
		MutablePropertySources sources = context.getEnvironment().getPropertySources();
		if (!(sources.get("changes") instanceof MapPropertySource changes)) {
			sources.addFirst(new MapPropertySource("changes", new HashMap<>()));
			return in(context);
		}
		return changes.getSource();
	}

}
