@NullMarked
package dev.backend.registries;

import org.jspecify.annotations.NullMarked;
