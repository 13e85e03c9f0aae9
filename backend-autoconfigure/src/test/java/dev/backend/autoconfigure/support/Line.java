package dev.backend.autoconfigure.support;

/**
 * A message of the tests' protocol, a line {@code id text}.
 *
 * @param id the id by which replies find their requests; 0 for none
 * @param text the text, without line ends
 */
public record Line(long id, String text) {

}
