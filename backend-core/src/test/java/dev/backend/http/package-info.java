@NullMarked
package dev.backend.http;

import org.jspecify.annotations.NullMarked;
