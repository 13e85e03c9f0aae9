package dev.backend.routing;

/**
 * One member of a ring.
 *
 * @param <T> the type of what the ring leads to
 * @param id the id that is hashed; unique within the ring
 * @param weight the member's share relative to the others, where the algorithm knows
 * weights; 1 is normal
 * @param value what the ring leads to
 */
public record RingMember<T>(String id, double weight, T value) {

}
