package dev.backend.autoconfigure.fleet;

import java.util.Set;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Says whether a fleet has a property that is true.
 */
final class OnFleetPropertyCondition extends SpringBootCondition {

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		MergedAnnotation<ConditionalOnFleetProperty> annotation = metadata.getAnnotations()
			.get(ConditionalOnFleetProperty.class);
		FleetBinder binder = new FleetBinder(annotation.getString("prefix"), context.getEnvironment());
		String name = annotation.getString("name");
		boolean byDefault = annotation.getBoolean("matchIfMissing");
		boolean matches = binder.isTrueAnywhere(name, byDefault)
				|| (annotation.getBoolean("aboveFleets") && binder.isTrue(null, name, byDefault));
		Set<String> fleets = binder.names();
		return new ConditionOutcome(matches, ConditionMessage
			.forCondition(ConditionalOnFleetProperty.class, binder.prefix() + "." + name)
			.because("it is " + matches
					+ (fleets.isEmpty() ? "" : (matches ? " for one" : " for all") + " of the fleets " + fleets)));
	}

}
