package dev.backend.autoconfigure.fleet;

import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;

/**
 * The services that one backend bean of an application serves, as the properties say.
 *
 * @param <P> the type of the properties
 */
public final class Fleet<P extends FleetProperties> {

	private final @Nullable String name;

	private final P properties;

	private final FleetBinder binder;

	Fleet(@Nullable String name, P properties, FleetBinder binder) {
		this.name = name;
		this.properties = properties;
		this.binder = binder;
	}

	/**
	 * Returns the name of the fleet, by which its beans are qualified.
	 * @return the name, or {@code null} if the application has one fleet without a name
	 */
	public @Nullable String name() {
		return this.name;
	}

	/**
	 * Returns the properties: those of the fleet, and for the rest those of all fleets.
	 * @return the properties
	 */
	public P properties() {
		return this.properties;
	}

	/**
	 * Makes something of the properties.
	 * @param <T> the type of what is made
	 * @param factory makes it
	 * @return what was made
	 * @throws InvalidConfigurationPropertyValueException if a value is refused; it names
	 * the property that was set
	 */
	public <T> T make(Function<P, T> factory) {
		return this.binder.checked(this.name, () -> factory.apply(this.properties));
	}

	/**
	 * Returns this fleet with the properties as they are now.
	 * @return a copy
	 */
	@SuppressWarnings("unchecked")
	public Fleet<P> reread() {
		return new Fleet<>(this.name, (P) this.binder.bind(this.name, this.properties.getClass()), this.binder);
	}

	/**
	 * Returns which property of this fleet a property of the application is.
	 * @param property the full name, such as {@code backend.tcp.fleets.game.ssl.bundle}
	 * @return for example {@code ssl.bundle}, or {@code null} if it is that of another
	 * fleet
	 */
	public @Nullable String own(String property) {
		return this.binder.own(this.name, property);
	}

	/**
	 * Returns where a property was set.
	 * @param property the property, such as {@code ssl.bundle}
	 * @return its full name
	 */
	public String propertyName(String property) {
		return this.binder.propertyName(this.name, property);
	}

	/**
	 * Returns whether this fleet has one of some properties for itself.
	 * @param properties the properties, such as {@code event-loops}
	 * @return whether one stands below the name of the fleet
	 */
	public boolean hasOwn(String... properties) {
		for (String property : properties) {
			if (this.binder.isOwn(this.name, property)) {
				return true;
			}
		}
		return false;
	}

}
