package dev.backend.autoconfigure;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.StringUtils;

/**
 * The condition of {@link ConditionalOnSsl}.
 */
class OnSslCondition extends SpringBootCondition {

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		Environment environment = context.getEnvironment();
		String prefix = metadata.getAnnotations().get(ConditionalOnSsl.class).getString("value");
		boolean bundle = StringUtils.hasText(environment.getProperty(prefix + ".bundle"));
		boolean enabled = environment.getProperty(prefix + ".enabled", Boolean.class, bundle);
		return new ConditionOutcome(enabled, ConditionMessage.forCondition(ConditionalOnSsl.class, prefix)
			.because(enabled ? "it is enabled" : "it is neither enabled nor has a bundle"));
	}

}
