/**
 * Auto-configuration of the backend of services that are reached over HTTP.
 */
@NullMarked
package dev.backend.autoconfigure.http;

import org.jspecify.annotations.NullMarked;
