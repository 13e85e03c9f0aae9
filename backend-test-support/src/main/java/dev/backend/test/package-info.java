/**
 * What the tests of several modules share: certificates and the binary of Consul.
 */
@NullMarked
package dev.backend.test;

import org.jspecify.annotations.NullMarked;
