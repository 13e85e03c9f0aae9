package dev.backend.routing;

/**
 * The points of one member.
 *
 * @param slot the slot of the member
 * @param positions the positions, in any order
 */
record MemberPoints(int slot, int[] positions) {

}
