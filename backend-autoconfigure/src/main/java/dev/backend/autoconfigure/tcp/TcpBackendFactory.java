package dev.backend.autoconfigure.tcp;

import dev.backend.codec.MessageCodec;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpHandler;

import org.springframework.beans.factory.BeanFactory;

/**
 * Makes the {@link TcpBackend} bean; named by its bean definition, which is how ahead of
 * time processing can see it.
 */
final class TcpBackendFactory {

	private TcpBackendFactory() {
	}

	static <M> TcpBackend<M> withHandler(MessageCodec<M> codec, String handlerName, TcpBackend.Builder builder,
			BeanFactory beanFactory) {
		return builder.build(codec, new BeanHandler<>(() -> handler(beanFactory, handlerName)));
	}

	static <M> TcpBackend<M> withoutHandler(MessageCodec<M> codec, TcpBackend.Builder builder) {
		return builder.build(codec, new TcpHandler<>() {
		});
	}

	/** The registrar has compared the types of the messages. */
	@SuppressWarnings("unchecked")
	private static <M> TcpHandler<M> handler(BeanFactory beanFactory, String name) {
		return beanFactory.getBean(name, TcpHandler.class);
	}

}
