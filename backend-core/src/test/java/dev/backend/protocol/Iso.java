package dev.backend.protocol;

/**
 * A message of ISO 8583.
 *
 * @param type its type, the MTI
 * @param bitmap which data elements it has, the first one by the highest bit
 * @param data the data elements
 */
record Iso(int type, long bitmap, String data) {
}
