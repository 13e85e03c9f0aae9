package dev.backend.autoconfigure.http;

import dev.backend.autoconfigure.fleet.FleetBinder;
import dev.backend.http.HttpBackend;

import org.springframework.boot.autoconfigure.condition.AnyNestedCondition;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Whether it is known which {@link HttpBackend} a request goes to: there is one to be
 * injected, or fleets say which services each has.
 */
final class OnRoutableBackends extends AnyNestedCondition {

	OnRoutableBackends() {
		super(ConfigurationPhase.REGISTER_BEAN);
	}

	@ConditionalOnSingleCandidate(HttpBackend.class)
	@ConditionalOnBean(HttpBackendProperties.class)
	static class OneBackend {

	}

	@Conditional(HasFleets.class)
	@ConditionalOnBean({ HttpBackend.class, HttpBackendProperties.class })
	static class BackendsOfFleets {

	}

	static final class HasFleets implements Condition {

		@Override
		public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
			return !new FleetBinder(HttpFleets.PREFIX, context.getEnvironment()).names().isEmpty();
		}

	}

}
