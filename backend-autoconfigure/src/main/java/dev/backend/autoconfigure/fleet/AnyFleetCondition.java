package dev.backend.autoconfigure.fleet;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Matches if a property is true for one fleet at least, or above all fleets, where it is
 * for the backends that the application builds itself.
 */
public abstract class AnyFleetCondition extends SpringBootCondition {

	private final String prefix;

	private final String property;

	private final boolean defaultValue;

	/**
	 * Creates the condition.
	 * @param prefix what the properties of the protocol begin with, such as
	 * {@code backend.tcp}
	 * @param property the property, such as {@code publish-traffic-events}
	 * @param defaultValue what it is where it is not set
	 */
	protected AnyFleetCondition(String prefix, String property, boolean defaultValue) {
		this.prefix = prefix;
		this.property = property;
		this.defaultValue = defaultValue;
	}

	@Override
	public final ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		FleetBinder binder = new FleetBinder(this.prefix, context.getEnvironment());
		boolean matches = isTrue(binder, null) || binder.names().stream().anyMatch((fleet) -> isTrue(binder, fleet));
		return new ConditionOutcome(matches,
				ConditionMessage.forCondition("Any fleet")
					.because("%s.%s is %s".formatted(this.prefix, this.property,
							matches ? "true for one fleet at least" : "false for all fleets")));
	}

	private boolean isTrue(FleetBinder binder, @Nullable String fleet) {
		return binder.bind(fleet, this.property, Boolean.class).orElse(this.defaultValue);
	}

}
