package dev.backend.fleet;

import java.util.Objects;

import dev.backend.ServiceConfig;
import org.jspecify.annotations.Nullable;

/**
 * What identifies a service within a backend. No record, so that its hash is computed
 * once: with each snapshot, all of them are looked up several times.
 */
final class ServiceKey {

	private final String name;

	private final String id;

	private final int hash;

	ServiceKey(String name, String id) {
		this.name = Objects.requireNonNull(name, "name");
		this.id = Objects.requireNonNull(id, "id");
		this.hash = 31 * name.hashCode() + id.hashCode();
	}

	static ServiceKey of(ServiceConfig config) {
		return new ServiceKey(config.name(), config.id());
	}

	String name() {
		return this.name;
	}

	String id() {
		return this.id;
	}

	@Override
	public boolean equals(@Nullable Object object) {
		return this == object || (object instanceof ServiceKey other && this.hash == other.hash
				&& this.id.equals(other.id) && this.name.equals(other.name));
	}

	@Override
	public int hashCode() {
		return this.hash;
	}

	@Override
	public String toString() {
		return this.name + "/" + this.id;
	}

}
