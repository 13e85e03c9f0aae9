/**
 * The fleets that an application talks to over HTTP: which instances there are, which of
 * them answer, and which one a key leads to. The requests themselves are the business of
 * an HTTP client.
 */
@NullMarked
package dev.backend.http;

import org.jspecify.annotations.NullMarked;
