package com.example.echo;

import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpServer;

import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.stereotype.Component;

@Component
class EchoServer implements DisposableBean {

	private final DisposableServer server;

	EchoServer(@Value("${echo.port}") int port) {
		this.server = TcpServer.create()
			.host("127.0.0.1")
			.port(port)
			.handle((in, out) -> out.send(in.receive().retain()))
			.bindNow();
	}

	@Override
	public void destroy() {
		this.server.disposeNow();
	}

}
