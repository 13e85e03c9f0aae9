package dev.backend.autoconfigure.tcp;

import dev.backend.codec.MessageCodec;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpHandler;

import org.springframework.beans.factory.BeanFactory;

/**
 * Makes the {@link TcpBackend} beans; named by their bean definitions, which is how ahead
 * of time processing can see it.
 */
final class TcpBackendFactory {

	/** No handler, or no name of a fleet; bean definitions have no {@code null}. */
	static final String NONE = "";

	private TcpBackendFactory() {
	}

	/**
	 * Makes the backend without a name.
	 */
	static <M> TcpBackend<M> only(MessageCodec<M> codec, String beanName, String handlerName,
			TcpBackend.Builder builder, BeanFactory beanFactory) {
		return builder.name(beanName).build(codec, handler(beanFactory, handlerName));
	}

	/**
	 * Makes the backend of a fleet.
	 */
	static <M> TcpBackend<M> fleet(MessageCodec<M> codec, String beanName, String handlerName, String fleetName,
			TcpBackendBuilderConfigurer configurer, BeanFactory beanFactory) {
		return configurer.configure(TcpBackend.builder(), fleetName)
			.name(beanName)
			.build(codec, handler(beanFactory, handlerName));
	}

	private static <M> TcpHandler<M> handler(BeanFactory beanFactory, String name) {
		return name.equals(NONE) ? new TcpHandler<>() {
		} : new BeanHandler<>(() -> bean(beanFactory, name));
	}

	/** The registrar has compared the types of the messages. */
	@SuppressWarnings("unchecked")
	private static <M> TcpHandler<M> bean(BeanFactory beanFactory, String name) {
		return beanFactory.getBean(name, TcpHandler.class);
	}

}
