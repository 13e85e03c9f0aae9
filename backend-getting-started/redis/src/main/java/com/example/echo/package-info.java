/**
 * The application that docs/getting-started.md builds. Its blocks of code stand in these
 * files, and tests run them.
 */
@NullMarked
package com.example.echo;

import org.jspecify.annotations.NullMarked;
