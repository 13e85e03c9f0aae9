package dev.backend.autoconfigure.metrics;

import dev.backend.autoconfigure.Checks;
import jakarta.validation.constraints.Positive;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.validation.annotation.Validated;

/**
 * Which meters there are. Read at start.
 *
 * @param perInstance Whether to have meters of each instance, too, not only of each
 * service name.
 * @param maximumServices Most service names of one backend that have meters of their own.
 * What is beyond has none, and that is logged.
 * @param maximumInstances Most instances of one backend that have meters of their own, if
 * any have.
 */
@Validated
@ConfigurationProperties("backend.metrics")
public record MetricsProperties(@DefaultValue("false") boolean perInstance,
		@DefaultValue("1000") @Positive int maximumServices, @DefaultValue("1000") @Positive int maximumInstances) {

	/** Returns this, once it is sure to be in its bounds without a validator, too. */
	MetricsProperties checked() {
		Checks.positive("backend.metrics.maximum-services", this.maximumServices);
		Checks.positive("backend.metrics.maximum-instances", this.maximumInstances);
		return this;
	}

}
