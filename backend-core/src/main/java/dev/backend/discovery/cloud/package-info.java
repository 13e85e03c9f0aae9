/**
 * Whatever registry a discovery client of Spring Cloud knows:
 * {@link dev.backend.discovery.cloud.SpringCloudServiceDiscovery} asks the client and
 * makes one view of its answers.
 */
@NullMarked
package dev.backend.discovery.cloud;

import org.jspecify.annotations.NullMarked;
