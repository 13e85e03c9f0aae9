/**
 * JMH benchmarks. One command runs those whose names match a pattern, here those of the
 * rings with the bytes they allocate:
 *
 * <pre class="code">
 * mvn -q -pl backend-benchmarks -am process-classes -Djmh="Ring -prof gc"
 * </pre>
 *
 * What follows {@code -Djmh=} is the command line of JMH; {@code -h} lists it.
 */
@NullMarked
package dev.backend.benchmarks;

import org.jspecify.annotations.NullMarked;
