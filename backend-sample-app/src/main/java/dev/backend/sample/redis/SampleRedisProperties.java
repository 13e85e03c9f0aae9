package dev.backend.sample.redis;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The Redis that the sample brings along.
 *
 * @param embedded Whether to start a Redis server with the sample.
 * @param port Port of that server on 127.0.0.1.
 */
@ConfigurationProperties("sample.redis")
record SampleRedisProperties(@DefaultValue("true") boolean embedded, @DefaultValue("6390") int port) {

}
