package dev.backend.test;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.Tag;

/**
 * Marks a test class that waits or computes for many seconds. {@code mvn test} leaves it
 * out, {@code mvn verify} runs it after the others, and {@code -Dtest} runs it wherever
 * it is named.
 *
 * <p>
 * Where such a class waits rather than computes and each of its tests has servers of its
 * own, {@code @Execution(CONCURRENT)} lets its methods run beside each other.
 */
@Tag("slow")
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface SlowTest {

}
