package dev.backend.tcp;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * What surrounds a callback, such as entries of the logging context or a trace. Opened by
 * {@link TcpHandler#scope} on the thread of the callback, and closed there after it.
 */
@FunctionalInterface
public interface CallbackScope extends AutoCloseable {

	/**
	 * Puts back what was there before.
	 */
	@Override
	void close();

	/**
	 * Returns a scope that does nothing.
	 * @return the scope
	 */
	static CallbackScope none() {
		return () -> {
		};
	}

	/**
	 * Puts entries into the {@link MDC}.
	 * @param entries keys and values
	 * @return the scope that puts back the values that the keys had before
	 */
	static CallbackScope mdc(Map<String, String> entries) {
		List<String> keys = List.copyOf(entries.keySet());
		List<@Nullable String> before = new ArrayList<>(keys.size());
		for (String key : keys) {
			before.add(MDC.get(key));
			MDC.put(key, entries.get(key));
		}
		return () -> {
			for (int i = 0; i < keys.size(); i++) {
				String value = before.get(i);
				if (value != null) {
					MDC.put(keys.get(i), value);
				}
				else {
					MDC.remove(keys.get(i));
				}
			}
		};
	}

}
