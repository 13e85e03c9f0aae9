package dev.backend.faults;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;

/**
 * An application with the whole starter; a test adds its handler.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
class NoteApplication {

	@Bean
	NoteCodec codec() {
		return new NoteCodec();
	}

}
