package dev.backend.autoconfigure.discovery;

import org.jspecify.annotations.Nullable;

import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;

/**
 * Takes the scripts of the Redis registry into a native image, which leaves out what is
 * read from the class path unless it is named.
 */
final class RedisScriptHints implements RuntimeHintsRegistrar {

	@Override
	public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
		hints.resources().registerPattern("dev/backend/discovery/redis/*.lua");
	}

}
