package dev.backend.autoconfigure.fleet;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.context.annotation.Conditional;

/**
 * Only matches if a property is true for one of the fleets of a protocol, or without
 * fleets, for the protocol. A fleet that does not have the property itself takes that of
 * the protocol.
 */
@Documented
@Target({ ElementType.TYPE, ElementType.METHOD })
@Retention(RetentionPolicy.RUNTIME)
@Conditional(OnFleetPropertyCondition.class)
public @interface ConditionalOnFleetProperty {

	/**
	 * What the properties of the protocol begin with, such as {@code backend.tcp}.
	 * @return the prefix
	 */
	String prefix();

	/**
	 * The property as it stands below a fleet, such as {@code enabled}.
	 * @return the name
	 */
	String name();

	/**
	 * What a property means that is not set.
	 * @return whether it is true
	 */
	boolean matchIfMissing() default false;

	/**
	 * Whether it is enough that the property is true for the protocol, although no fleet
	 * has it so. Then it is for the backends that the application builds itself.
	 * @return whether what stands above all fleets counts, too
	 */
	boolean aboveFleets() default false;

}
