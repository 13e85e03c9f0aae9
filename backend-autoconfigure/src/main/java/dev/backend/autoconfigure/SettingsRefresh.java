package dev.backend.autoconfigure;

import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.env.Environment;

/**
 * Applies properties of one protocol that changed while running to its backend beans. If
 * the new values do not make valid settings, all stays as it is. A backend whose settings
 * the application has chosen itself is left alone.
 *
 * @param <S> the type of the settings, which are compared by {@code equals}
 */
public abstract class SettingsRefresh<S> implements ApplicationListener<EnvironmentChangeEvent> {

	private static final Logger logger = LoggerFactory.getLogger(SettingsRefresh.class);

	private final ConfigurationPropertyName prefix;

	private final Set<String> readAtStart;

	private final Environment environment;

	private S settings;

	/**
	 * Creates the listener.
	 * @param prefix what the properties begin with, such as {@code backend.tcp}
	 * @param readAtStart the properties, and parents of properties, that are only read at
	 * start, without the prefix
	 * @param settings the settings at the start
	 * @param environment where the properties are
	 */
	protected SettingsRefresh(String prefix, Set<String> readAtStart, S settings, Environment environment) {
		this.prefix = ConfigurationPropertyName.of(prefix);
		this.readAtStart = readAtStart;
		this.settings = settings;
		this.environment = environment;
	}

	/**
	 * Returns the settings that the properties make.
	 * @param binder binds the present properties
	 * @return the settings
	 * @throws InvalidConfigurationPropertyValueException if a value is out of its range
	 */
	protected abstract S bind(Binder binder);

	/**
	 * Returns settings in which what is read at start has its old value, so that the
	 * settings say what is in use.
	 * @param changed the settings that the properties make
	 * @param start the settings with the values of the start
	 * @return the settings to apply
	 */
	protected abstract S withStartValues(S changed, S start);

	/**
	 * Changes the settings of every backend.
	 * @param change returns the new settings for the present ones; the same if they are
	 * not to be changed
	 */
	protected abstract void apply(UnaryOperator<S> change);

	@Override
	public final synchronized void onApplicationEvent(EnvironmentChangeEvent event) {
		Set<String> changed = new TreeSet<>();
		for (String key : event.getKeys()) {
			ConfigurationPropertyName name = ConfigurationPropertyName.adapt(key, '.');
			if (this.prefix.isAncestorOf(name)) {
				changed.add(name.toString());
			}
		}
		if (!changed.isEmpty()) {
			refresh(changed);
		}
	}

	private void refresh(Set<String> changed) {
		try {
			S previous = this.settings;
			S next = withStartValues(bind(Binder.get(this.environment)), previous);
			this.settings = next;
			apply((present) -> present.equals(previous) ? next : present);
			Set<String> late = new TreeSet<>(changed);
			late.removeIf((property) -> !readAtStart(property));
			changed.removeAll(late);
			logger.info("Changed properties are applied: {}; at the next start only: {}", changed, late);
		}
		catch (InvalidConfigurationPropertyValueException ex) {
			refuse(ex.getName(), ex.getValue(), ex.getReason());
		}
		catch (BindException ex) {
			ConfigurationProperty property = ex.getProperty();
			refuse(ex.getName().toString(), (property != null) ? property.getValue() : null,
					NestedExceptionUtils.getMostSpecificCause(ex).getMessage());
		}
		catch (RuntimeException ex) {
			logger.error("Changed properties are not applied: {}", changed, ex);
		}
	}

	private void refuse(String property, @Nullable Object value, @Nullable String reason) {
		logger.error("Changed properties below {} are not applied, all stay as they were: {}: {} ({})", this.prefix,
				property, value, reason);
	}

	private boolean readAtStart(String property) {
		ConfigurationPropertyName name = ConfigurationPropertyName.of(property);
		return this.readAtStart.stream()
			.map(this.prefix::append)
			.anyMatch((late) -> late.equals(name) || late.isAncestorOf(name));
	}

}
