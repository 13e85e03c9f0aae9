/**
 * What the tests share: a protocol, servers, a registry in memory and a real Redis.
 */
@NullMarked
package dev.backend.autoconfigure.support;

import org.jspecify.annotations.NullMarked;
