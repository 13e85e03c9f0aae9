package dev.backend.autoconfigure.fleet;

import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertyState;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;

/**
 * A view of a source of properties that answers for a property of a fleet with the one of
 * all fleets.
 */
class InheritedSource implements ConfigurationPropertySource {

	private final ConfigurationPropertySource source;

	private final Relation relation;

	private InheritedSource(ConfigurationPropertySource source, Relation relation) {
		this.source = source;
		this.relation = relation;
	}

	/**
	 * Returns the view of a source.
	 * @param source the source
	 * @param fleet what the properties of the fleet begin with
	 * @param all what those of all fleets begin with
	 * @return a view that has what the fleet takes from all fleets, and nothing else
	 */
	static ConfigurationPropertySource of(ConfigurationPropertySource source, ConfigurationPropertyName fleet,
			ConfigurationPropertyName all) {
		Relation relation = new Relation(fleet, all);
		return (source instanceof IterableConfigurationPropertySource iterable) ? new OfIterable(iterable, relation)
				: new InheritedSource(source, relation);
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

	private static final class OfIterable extends InheritedSource implements IterableConfigurationPropertySource {

		private final IterableConfigurationPropertySource source;

		private final Relation relation;

		OfIterable(IterableConfigurationPropertySource source, Relation relation) {
			super(source, relation);
			this.source = source;
			this.relation = relation;
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
		 * By text: in Spring Boot, taking a part of a name that was put together fails,
		 * such as that of an element of a list, and so does appending one.
		 */
		private static ConfigurationPropertyName moved(ConfigurationPropertyName name, ConfigurationPropertyName from,
				ConfigurationPropertyName to) {
			ConfigurationPropertyName parsed = ConfigurationPropertyName.of(name.toString());
			String rest = parsed.subName(from.getNumberOfElements()).toString();
			return ConfigurationPropertyName.of(to + (rest.startsWith("[") ? "" : ".") + rest);
		}

		private boolean isFleets(ConfigurationPropertyName name) {
			ConfigurationPropertyName fleets = this.all.append(FleetBinder.FLEETS);
			return fleets.equals(name) || fleets.isAncestorOf(name);
		}

	}

}
