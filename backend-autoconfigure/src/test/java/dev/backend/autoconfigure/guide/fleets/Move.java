package dev.backend.autoconfigure.guide.fleets;

/**
 * A message of the game servers, both ways.
 *
 * @param id the id by which a reply finds its request; 0 where none is expected
 * @param player who moves
 * @param square where to
 */
public record Move(long id, String player, String square) {
}
