@NullMarked
package dev.backend;

import org.jspecify.annotations.NullMarked;
