package dev.backend.autoconfigure.fleet;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import dev.backend.autoconfigure.Checks;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.bind.BindResult;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.PropertySourcesPlaceholdersResolver;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.ConfigurationPropertyState;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.Environment;

/**
 * Reads the properties of the fleets of one protocol. A fleet has the values that stand
 * below its own name, such as {@code backend.tcp.fleets.game}, whatever source they come
 * from, and for the rest those of all fleets, below {@code backend.tcp}.
 *
 * <p>
 * That is done by a second view of every source, behind all the first ones, which answers
 * for a property of the fleet with the one of all fleets. So maps are merged, lists are
 * replaced and errors name the property that was set, as everywhere in Spring Boot.
 */
public final class FleetBinder {

	private static final String FLEETS = "fleets";

	private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");

	private final ConfigurationPropertyName prefix;

	/** A property of the protocol in a text. */
	private final Pattern mentioned;

	private final Environment environment;

	/**
	 * Creates a binder.
	 * @param prefix what the properties of the protocol begin with, such as
	 * {@code backend.tcp}
	 * @param environment where the properties are
	 */
	public FleetBinder(String prefix, Environment environment) {
		this.prefix = ConfigurationPropertyName.of(prefix);
		this.mentioned = Pattern.compile(Pattern.quote(prefix) + "(\\.[a-z][a-z0-9-]*)+");
		this.environment = environment;
	}

	/**
	 * Returns what the properties of the protocol begin with.
	 * @return for example {@code backend.tcp}
	 */
	public String prefix() {
		return this.prefix.toString();
	}

	/**
	 * Returns the names of the fleets that the properties have. An environment variable
	 * knows no dashes: what it says of {@code gameeu} is meant for {@code game-eu}, where
	 * there is one.
	 * @return the names in order; empty if there are no fleets, and so one without a name
	 * @throws InvalidConfigurationPropertyValueException if a name cannot be one
	 */
	public Set<String> names() {
		Map<String, Object> fleets = new TreeMap<>(Binder.get(this.environment)
			.bind(this.prefix.append(FLEETS), Bindable.mapOf(String.class, Object.class))
			.orElse(Map.of()));
		fleets.forEach(this::check);
		Map<String, String> names = new TreeMap<>();
		fleets.keySet()
			.forEach((name) -> names.merge(name.replace("-", ""), name,
					(one, other) -> (one.length() > other.length()) ? one : other));
		return new TreeSet<>(names.values());
	}

	private void check(String name, Object value) {
		String fleets = this.prefix.append(FLEETS).toString();
		Checks.require(NAME.matcher(name).matches(), fleets, name,
				"names of lower-case letters, digits and single dashes that begin with a letter");
		Checks.require(value instanceof Map, fleets + "." + name, value, "properties of the fleet, such as services");
		Checks.require(!((Map<?, ?>) value).containsKey(FLEETS), fleets + "." + name + "." + FLEETS, "fleets",
				"no fleets within a fleet");
	}

	/**
	 * Returns the names of the fleets for which a property is true.
	 * @param property the property, such as {@code enabled}
	 * @param byDefault what it means if neither the fleet nor the protocol has it
	 * @return the names in order
	 */
	public Set<String> namesWith(String property, boolean byDefault) {
		Set<String> names = new TreeSet<>(names());
		names.removeIf((fleet) -> !isTrue(fleet, property, byDefault));
		return names;
	}

	/**
	 * Returns whether a property is true for a fleet, or without fleets, for the
	 * protocol.
	 * @param property the property, such as {@code enabled}
	 * @param byDefault what it means if it is not set
	 * @return whether it is true anywhere
	 */
	public boolean isTrueAnywhere(String property, boolean byDefault) {
		return names().isEmpty() ? isTrue(null, property, byDefault) : !namesWith(property, byDefault).isEmpty();
	}

	/**
	 * Returns whether a property of a fleet, or of the protocol, is true.
	 * @param fleet the name of the fleet, or {@code null} for the protocol
	 * @param property the property, such as {@code enabled}
	 * @param byDefault what it means if it is not set
	 * @return whether it is true
	 */
	public boolean isTrue(@Nullable String fleet, String property, boolean byDefault) {
		return bind(fleet, property, Boolean.class).orElse(byDefault);
	}

	/**
	 * Binds one property of a fleet, or of the protocol.
	 * @param <T> the type of the value
	 * @param fleet the name of the fleet, or {@code null} for the protocol
	 * @param property the property, such as {@code codec}
	 * @param type the type of the value
	 * @return the value, if it is set
	 */
	public <T> BindResult<T> bind(@Nullable String fleet, String property, Class<T> type) {
		return binder(fleet).bind(base(fleet).append(property), Bindable.of(type));
	}

	/**
	 * Binds all properties of a fleet, or of the protocol.
	 * @param <P> their type
	 * @param fleet the name of the fleet, or {@code null} for the protocol
	 * @param type their type
	 * @return the properties
	 */
	public <P> P bind(@Nullable String fleet, Class<P> type) {
		return binder(fleet).bindOrCreate(base(fleet).toString(), type);
	}

	/**
	 * Returns where the value of a property of a fleet was set.
	 * @param fleet the name of the fleet, or {@code null} for the protocol
	 * @param property the property, such as {@code ssl.bundle}
	 * @return its full name: that of the fleet if it has it itself, else that of all
	 * fleets
	 */
	public String propertyName(@Nullable String fleet, String property) {
		return (isOwn(fleet, property) ? base(fleet) : this.prefix).append(property).toString();
	}

	/**
	 * Returns whether a fleet has a property itself.
	 * @param fleet the name of the fleet, or {@code null} for the protocol
	 * @param property the property, such as {@code ssl.bundle}
	 * @return whether it stands below the name of the fleet
	 */
	public boolean isOwn(@Nullable String fleet, String property) {
		if (fleet == null) {
			return false;
		}
		ConfigurationPropertyName own = base(fleet).append(property);
		return sources().anyMatch((source) -> source.getConfigurationProperty(own) != null
				|| source.containsDescendantOf(own) == ConfigurationPropertyState.PRESENT);
	}

	/**
	 * Returns which property of a fleet a property of the application is.
	 * @param fleet the name of the fleet, or {@code null} for the protocol
	 * @param property the full name
	 * @return the name as it stands below the fleet, or {@code null} if the property is
	 * not one of this fleet
	 */
	@Nullable String own(@Nullable String fleet, String property) {
		ConfigurationPropertyName name = ConfigurationPropertyName.of(property);
		ConfigurationPropertyName base = base(fleet);
		if (fleet != null && base.isAncestorOf(name)) {
			return name.subName(base.getNumberOfElements()).toString();
		}
		boolean ofAll = this.prefix.isAncestorOf(name) && !this.prefix.append(FLEETS).isAncestorOf(name);
		return ofAll ? name.subName(this.prefix.getNumberOfElements()).toString() : null;
	}

	/**
	 * Makes something of the properties of a fleet. What refuses a value knows nothing of
	 * fleets and names the property of the protocol; the application is told where it has
	 * set it.
	 * @param <T> the type of what is made
	 * @param fleet the name of the fleet, or {@code null} for the protocol
	 * @param factory makes it
	 * @return what was made
	 * @throws InvalidConfigurationPropertyValueException if a value is refused
	 */
	public <T> T checked(@Nullable String fleet, Supplier<T> factory) {
		try {
			return factory.get();
		}
		catch (InvalidConfigurationPropertyValueException ex) {
			ConfigurationPropertyName name = ConfigurationPropertyName.of(ex.getName());
			if (!this.prefix.isAncestorOf(name)) {
				throw ex;
			}
			throw new InvalidConfigurationPropertyValueException(whereSet(fleet, name), ex.getValue(),
					this.mentioned.matcher(ex.getReason())
						.replaceAll((mention) -> Matcher
							.quoteReplacement(whereSet(fleet, ConfigurationPropertyName.of(mention.group())))));
		}
	}

	private String whereSet(@Nullable String fleet, ConfigurationPropertyName ofAll) {
		return propertyName(fleet, ofAll.subName(this.prefix.getNumberOfElements()).toString());
	}

	private ConfigurationPropertyName base(@Nullable String fleet) {
		return (fleet != null) ? this.prefix.append(FLEETS).append(fleet) : this.prefix;
	}

	private Binder binder(@Nullable String fleet) {
		if (fleet == null) {
			return Binder.get(this.environment);
		}
		List<ConfigurationPropertySource> sources = new ArrayList<>(sources().toList());
		List<ConfigurationPropertySource> own = List.copyOf(sources);
		own.forEach((source) -> sources.add(behind(source, base(fleet))));
		return new Binder(sources, new PropertySourcesPlaceholdersResolver(this.environment));
	}

	private Stream<ConfigurationPropertySource> sources() {
		List<ConfigurationPropertySource> sources = new ArrayList<>();
		ConfigurationPropertySources.get(this.environment).forEach(sources::add);
		return sources.stream();
	}

	private ConfigurationPropertySource behind(ConfigurationPropertySource source, ConfigurationPropertyName fleet) {
		Relation relation = new Relation(fleet, this.prefix);
		return (source instanceof IterableConfigurationPropertySource iterable)
				? new IterableDefaults(iterable, relation) : new Defaults(source, relation);
	}

	/**
	 * How the names of a fleet's properties and those of all fleets belong together.
	 *
	 * @param fleet what the fleet's properties begin with
	 * @param all what those of all fleets begin with
	 */
	private record Relation(ConfigurationPropertyName fleet, ConfigurationPropertyName all) {

		@Nullable ConfigurationPropertyName ofAll(ConfigurationPropertyName name) {
			if (this.fleet.equals(name)) {
				return this.all;
			}
			if (!this.fleet.isAncestorOf(name)) {
				return null;
			}
			ConfigurationPropertyName ofAll = moved(name, this.fleet, this.all);
			return isFleets(ofAll) ? null : ofAll;
		}

		@Nullable ConfigurationPropertyName ofFleet(ConfigurationPropertyName name) {
			return (this.all.isAncestorOf(name) && !isFleets(name)) ? moved(name, this.all, this.fleet) : null;
		}

		/**
		 * By text: a name that was appended to has no parts beyond its sixth element in
		 * Spring Boot, and a part of a name cannot be appended.
		 */
		private static ConfigurationPropertyName moved(ConfigurationPropertyName name, ConfigurationPropertyName from,
				ConfigurationPropertyName to) {
			ConfigurationPropertyName whole = ConfigurationPropertyName.of(name.toString());
			String rest = whole.subName(from.getNumberOfElements()).toString();
			return ConfigurationPropertyName.of(to + (rest.startsWith("[") ? "" : ".") + rest);
		}

		private boolean isFleets(ConfigurationPropertyName name) {
			ConfigurationPropertyName fleets = this.all.append(FLEETS);
			return fleets.equals(name) || fleets.isAncestorOf(name);
		}

	}

	private static class Defaults implements ConfigurationPropertySource {

		private final ConfigurationPropertySource source;

		protected final Relation relation;

		Defaults(ConfigurationPropertySource source, Relation relation) {
			this.source = source;
			this.relation = relation;
		}

		@Override
		public @Nullable ConfigurationProperty getConfigurationProperty(ConfigurationPropertyName name) {
			ConfigurationPropertyName ofAll = this.relation.ofAll(name);
			return (ofAll != null) ? this.source.getConfigurationProperty(ofAll) : null;
		}

		@Override
		public ConfigurationPropertyState containsDescendantOf(ConfigurationPropertyName name) {
			ConfigurationPropertyName ofAll = this.relation.ofAll(name);
			return (ofAll != null) ? this.source.containsDescendantOf(ofAll) : ConfigurationPropertyState.ABSENT;
		}

		@Override
		public @Nullable Object getUnderlyingSource() {
			return this.source.getUnderlyingSource();
		}

	}

	private static final class IterableDefaults extends Defaults implements IterableConfigurationPropertySource {

		private final IterableConfigurationPropertySource source;

		IterableDefaults(IterableConfigurationPropertySource source, Relation relation) {
			super(source, relation);
			this.source = source;
		}

		@Override
		public Stream<ConfigurationPropertyName> stream() {
			return this.source.stream().flatMap((name) -> Stream.ofNullable(this.relation.ofFleet(name)));
		}

		@Override
		public ConfigurationPropertyState containsDescendantOf(ConfigurationPropertyName name) {
			return super.containsDescendantOf(name);
		}

	}

}
