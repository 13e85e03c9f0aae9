package dev.backend.autoconfigure.discovery;

import java.util.List;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * The condition of {@link ConditionalOnDiscoverySource}.
 */
final class OnDiscoverySourceCondition extends SpringBootCondition {

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		String source = metadata.getAnnotations().get(ConditionalOnDiscoverySource.class).getString("value");
		List<String> named = Binder.get(context.getEnvironment())
			.bind(DiscoveryProperties.SOURCES, Bindable.listOf(String.class))
			.orElse(List.of(DiscoveryProperties.REDIS));
		return new ConditionOutcome(named.stream().anyMatch(source::equalsIgnoreCase),
				ConditionMessage.forCondition(ConditionalOnDiscoverySource.class, source)
					.because(DiscoveryProperties.SOURCES + " is " + named));
	}

}
