package dev.backend.autoconfigure;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.annotation.Order;

/**
 * Shows a {@link BackendConfigurationException}. Ordered, because it is often wrapped in
 * failures that Boot's own analyzers would explain in more general terms.
 */
@Order(0)
class BackendConfigurationFailureAnalyzer extends AbstractFailureAnalyzer<BackendConfigurationException> {

	@Override
	protected FailureAnalysis analyze(Throwable rootFailure, BackendConfigurationException cause) {
		return new FailureAnalysis(cause.problem(), cause.action(), cause);
	}

}
