/**
 * What runs in the process of a server, whatever the contender: the announcement of its
 * ports and the count of messages sent one way.
 */
@NullMarked
package dev.backend.benchmarks.rpc.server;

import org.jspecify.annotations.NullMarked;
