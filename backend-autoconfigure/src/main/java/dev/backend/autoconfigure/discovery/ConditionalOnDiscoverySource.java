package dev.backend.autoconfigure.discovery;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.context.annotation.Conditional;

/**
 * Matches when {@code backend.discovery.sources} names a source.
 */
@Documented
@Target({ ElementType.TYPE, ElementType.METHOD })
@Retention(RetentionPolicy.RUNTIME)
@Conditional(OnDiscoverySourceCondition.class)
@interface ConditionalOnDiscoverySource {

	/**
	 * Returns the name of the source.
	 * @return the name, in lower case
	 */
	String value();

}
