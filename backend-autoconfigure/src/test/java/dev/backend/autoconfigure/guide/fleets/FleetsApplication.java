package dev.backend.autoconfigure.guide.fleets;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

@SpringBootApplication
public class FleetsApplication {

	public static void main(String[] args) {
		SpringApplication.run(FleetsApplication.class, args);
	}

}
