package dev.backend.protocol;

/**
 * A message with a type, an id and text.
 *
 * @param type its type
 * @param id its id
 * @param text what it says
 */
record Packet(int type, int id, String text) {
}
