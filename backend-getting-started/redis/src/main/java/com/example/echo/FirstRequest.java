package com.example.echo;

import java.time.Duration;

import dev.backend.Route;
import dev.backend.autoconfigure.event.ServiceReadyEvent;
import dev.backend.tcp.TcpBackend;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

@Component
class FirstRequest {

	private static final Logger logger = LoggerFactory.getLogger(FirstRequest.class);

	private final TcpBackend<String> backend;

	FirstRequest(TcpBackend<String> backend) {
		this.backend = backend;
	}

	@EventListener
	void on(ServiceReadyEvent event) {
		String reply = this.backend.request("echo", Route.hash("user-1"), "Hello", Duration.ofSeconds(2)).join();
		logger.info("{} replied: {}", event.getConfig().label(), reply);
	}

}
