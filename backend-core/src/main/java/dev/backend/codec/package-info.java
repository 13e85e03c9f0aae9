/**
 * How messages become bytes and back: {@link dev.backend.codec.MessageCodec} and
 * ready-made ones.
 */
@NullMarked
package dev.backend.codec;

import org.jspecify.annotations.NullMarked;
