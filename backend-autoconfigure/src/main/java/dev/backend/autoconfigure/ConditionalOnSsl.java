package dev.backend.autoconfigure;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.context.annotation.Conditional;

/**
 * Matches if SSL of a backend is enabled: its property {@code enabled} says so, or says
 * nothing and there is a {@code bundle}.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Conditional(OnSslCondition.class)
public @interface ConditionalOnSsl {

	/**
	 * Returns what the properties begin with.
	 * @return the prefix, such as {@code backend.tcp.ssl}
	 */
	String value();

}
