package dev.backend.autoconfigure.tcp;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.StringUtils;

/**
 * Matches if {@code backend.tcp.ssl.enabled} says so, or says nothing and there is a
 * {@code backend.tcp.ssl.bundle}.
 */
class OnSslCondition extends SpringBootCondition {

	@Override
	public ConditionOutcome getMatchOutcome(ConditionContext context, AnnotatedTypeMetadata metadata) {
		Environment environment = context.getEnvironment();
		boolean bundle = StringUtils.hasText(environment.getProperty("backend.tcp.ssl.bundle"));
		boolean enabled = environment.getProperty("backend.tcp.ssl.enabled", Boolean.class, bundle);
		return new ConditionOutcome(enabled, ConditionMessage.forCondition("SSL of the TCP backend")
			.because(enabled ? "it is enabled" : "it is neither enabled nor has a bundle"));
	}

}
