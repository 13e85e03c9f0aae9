package dev.backend.autoconfigure.fleet;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.function.Supplier;

import dev.backend.fleet.FleetBackend;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.NestedExceptionUtils;

/**
 * Applies properties of one protocol that changed while running to its backend beans, to
 * each those of its fleet. If the new values of a fleet do not make valid settings, all
 * of that fleet stays as it is. A backend whose settings the application has chosen
 * itself is left alone.
 *
 * @param <S> the type of the settings, which are compared by {@code equals}
 * @param <P> the type of the properties
 * @param <B> the type of the backends
 */
public abstract class SettingsRefresh<S, P extends FleetProperties, B extends FleetBackend<?, ?>>
		implements ApplicationListener<EnvironmentChangeEvent> {

	private static final Logger logger = LoggerFactory.getLogger(SettingsRefresh.class);

	private final Fleets<P> fleets;

	private final ConfigurationPropertyName prefix;

	private final Set<String> readAtStart;

	private final Supplier<? extends List<? extends B>> backends;

	private final Predicate<Fleet<P>> chosen;

	/** What the properties of each fleet made last, and those above all fleets. */
	private final Map<Fleet<P>, S> settings = new HashMap<>();

	/**
	 * Creates the listener.
	 * @param fleets the fleets
	 * @param readAtStart the properties, and parents of properties, that are only read at
	 * start, without the prefix
	 * @param backends returns the backends of this context
	 * @param chosen whether the application has a settings bean for a fleet
	 */
	protected SettingsRefresh(Fleets<P> fleets, Set<String> readAtStart, Supplier<? extends List<? extends B>> backends,
			Predicate<Fleet<P>> chosen) {
		this.fleets = fleets;
		this.prefix = ConfigurationPropertyName.of(fleets.prefix());
		this.readAtStart = readAtStart;
		this.backends = backends;
		this.chosen = chosen;
	}

	/**
	 * Returns the settings that properties make.
	 * @param properties the properties
	 * @return the settings
	 * @throws InvalidConfigurationPropertyValueException if a value is out of its range
	 */
	protected abstract S toSettings(P properties);

	/**
	 * Returns settings in which what is read at start has its old value, so that the
	 * settings say what is in use.
	 * @param changed the settings that the properties make
	 * @param start the settings with the values of the start
	 * @return the settings to apply
	 */
	protected abstract S withStartValues(S changed, S start);

	/**
	 * Returns the settings of a backend.
	 * @param backend the backend
	 * @return the present settings
	 */
	protected abstract S settings(B backend);

	/**
	 * Changes the settings of a backend.
	 * @param backend the backend
	 * @param settings the new settings
	 */
	protected abstract void settings(B backend, S settings);

	@Override
	public final synchronized void onApplicationEvent(EnvironmentChangeEvent event) {
		Set<String> changed = new TreeSet<>();
		for (String key : event.getKeys()) {
			ConfigurationPropertyName name = ConfigurationPropertyName.adapt(key, '.');
			if (this.prefix.isAncestorOf(name)) {
				changed.add(name.toString());
			}
		}
		if (changed.isEmpty()) {
			return;
		}
		Set<Fleet<P>> served = new LinkedHashSet<>();
		this.backends.get().forEach((backend) -> served.add(this.fleets.of(backend)));
		served.removeIf(this.chosen);
		for (Fleet<P> fleet : served) {
			Set<String> concerned = new TreeSet<>(changed);
			concerned.removeIf((property) -> fleet.own(property) == null);
			if (!concerned.isEmpty()) {
				refresh(fleet, concerned);
			}
		}
		tellOfOtherFleets(changed);
	}

	/** Which fleets there are is fixed at start. */
	private void tellOfOtherFleets(Set<String> changed) {
		Set<String> others = new TreeSet<>(changed);
		others.removeIf((property) -> this.fleets.get(null).own(property) != null
				|| this.fleets.all().stream().anyMatch((fleet) -> fleet.own(property) != null));
		if (!others.isEmpty()) {
			logger.info("Changed properties of fleets without a backend are applied at the next start only: {}",
					others);
		}
	}

	private void refresh(Fleet<P> fleet, Set<String> changed) {
		try {
			S previous = this.settings.computeIfAbsent(fleet, (started) -> started.make(this::toSettings));
			S next = withStartValues(fleet.reread().make(this::toSettings), previous);
			this.settings.put(fleet, next);
			for (B backend : this.backends.get()) {
				if (this.fleets.of(backend) == fleet && settings(backend).equals(previous) && !next.equals(previous)) {
					settings(backend, next);
				}
			}
			Set<String> late = new TreeSet<>(changed);
			late.removeIf((property) -> !readAtStart(fleet.own(property)));
			changed.removeAll(late);
			logger.info("Changed properties{} are applied: {}; at the next start only: {}", of(fleet), changed, late);
		}
		catch (InvalidConfigurationPropertyValueException ex) {
			refuse(fleet, ex.getName(), ex.getValue(), ex.getReason());
		}
		catch (BindException ex) {
			ConfigurationProperty property = ex.getProperty();
			refuse(fleet, ((property != null) ? property.getName() : ex.getName()).toString(),
					(property != null) ? property.getValue() : null,
					NestedExceptionUtils.getMostSpecificCause(ex).getMessage());
		}
		catch (RuntimeException ex) {
			logger.error("Changed properties{} are not applied: {}", of(fleet), changed, ex);
		}
	}

	private static String of(Fleet<?> fleet) {
		return (fleet.name() != null) ? " of the fleet '" + fleet.name() + "'" : "";
	}

	private void refuse(Fleet<P> fleet, String property, @Nullable Object value, @Nullable String reason) {
		logger.error("Changed properties below {}{} are not applied, all stay as they were: {}: {} ({})", this.prefix,
				of(fleet), property, value, reason);
	}

	private boolean readAtStart(@Nullable String property) {
		if (property == null) {
			return true;
		}
		ConfigurationPropertyName name = ConfigurationPropertyName.of(property);
		return this.readAtStart.stream()
			.map(ConfigurationPropertyName::of)
			.anyMatch((late) -> late.equals(name) || late.isAncestorOf(name));
	}

}
