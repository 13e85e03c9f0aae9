package dev.backend.autoconfigure.readme;

/**
 * A message, both ways.
 *
 * @param id the id by which a reply finds its request; 0 where none is expected
 * @param text the content
 */
record GameMessage(long id, String text) {
}
