@NullMarked
package dev.backend.fleet;

import org.jspecify.annotations.NullMarked;
