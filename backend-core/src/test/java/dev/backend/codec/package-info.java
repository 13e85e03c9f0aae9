@NullMarked
package dev.backend.codec;

import org.jspecify.annotations.NullMarked;
