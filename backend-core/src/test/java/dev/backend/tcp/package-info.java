@NullMarked
package dev.backend.tcp;

import org.jspecify.annotations.NullMarked;
