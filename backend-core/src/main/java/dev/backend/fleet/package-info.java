/**
 * What every backend shares, whatever its protocol: keeps the services of all groups as
 * the last snapshot says and swaps look-up tables as they become usable or not.
 */
@NullMarked
package dev.backend.fleet;

import org.jspecify.annotations.NullMarked;
