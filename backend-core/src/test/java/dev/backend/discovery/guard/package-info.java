@NullMarked
package dev.backend.discovery.guard;

import org.jspecify.annotations.NullMarked;
