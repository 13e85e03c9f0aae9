package dev.backend.autoconfigure.readme;

import dev.backend.autoconfigure.tcp.TcpBackendBuilderCustomizer;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollChannelOption;
import reactor.netty.tcp.TcpClient;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class SocketConfiguration {

	@Bean
	TcpBackendBuilderCustomizer socketOptions() {
		return (builder) -> builder.clientCustomizer(SocketConfiguration::customize);
	}

	private static TcpClient customize(TcpClient client) {
		TcpClient customized = client.option(ChannelOption.SO_RCVBUF, 1 << 20);
		// Options of one transport may be set only where it is in use.
		return Epoll.isAvailable() ? customized.option(EpollChannelOption.TCP_KEEPIDLE, 60) : customized;
	}

}
