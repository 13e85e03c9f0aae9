package dev.backend.autoconfigure;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import dev.backend.BackendListener;
import dev.backend.BackendService;
import dev.backend.Route;
import dev.backend.ServiceConfig;
import dev.backend.ServiceInfoFactory;
import dev.backend.autoconfigure.support.EchoServer;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.Line;
import dev.backend.autoconfigure.tcp.TcpBackendBuilderCustomizer;
import dev.backend.codec.DelimiterFraming;
import dev.backend.codec.FramedCodec;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InstanceFilter;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpConnection;
import dev.backend.tcp.TcpHandler;
import io.netty.buffer.ByteBuf;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import org.springframework.aop.framework.autoproxy.DefaultAdvisorAutoProxyCreator;
import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.ComposablePointcut;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Role;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The beans of an application under an aspect over all of them.
 */
@Timeout(60)
class AspectTests {

	private static final Duration TIMEOUT = Duration.ofSeconds(20);

	private final EchoServer server = EchoServer.start("game-1");

	@AfterEach
	void closeServer() {
		this.server.close();
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void whenAnAspectAppliesToAllBeansOfTheApplicationThenTheyWork(boolean classes) {
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.NONE)
			.properties("proxy-classes=" + classes, "server-port=" + this.server.port())
			.run()) {
			assertThat(context.getBeansOfType(Advised.class).values()).hasSize(6).allMatch(AopUtils::isAopProxy);
			Calls calls = context.getBean(Calls.class);
			await().until(() -> calls.advised.contains("listener.onReady"));
			TcpBackend<Line> backend = context.getBean(Client.class).backend;
			await().until(() -> backend.find("game", Route.any()) != null);
			assertThat(backend.request("game", Route.any(), new Line(7, "hello"), TIMEOUT).join().text())
				.isEqualTo("game-1:hello");
			assertThat(backend.getService("game", "game-1").info(String.class)).isEqualTo("info of game-1");
			assertThat(calls.advised).contains("codec.encode", "codec.decode", "handler.onConnected", "filter.map",
					"customizer.customize", "infoFactory.create");
			assertThat(calls.advised).containsAll(calls.done);
			assertThat(calls.done).contains("handler.onConnected", "listener.onReady");
		}
	}

	@SpringBootConfiguration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	@Import({ Client.class, Codec.class, Handler.class, Listener.class, InfoFactory.class, Filter.class,
			Customizer.class })
	static class Application {

		@Bean
		@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
		static DefaultAdvisorAutoProxyCreator proxies(Environment environment) {
			DefaultAdvisorAutoProxyCreator creator = new DefaultAdvisorAutoProxyCreator();
			creator.setProxyTargetClass(environment.getRequiredProperty("proxy-classes", Boolean.class));
			return creator;
		}

		@Bean
		@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
		static Calls calls() {
			return new Calls();
		}

		@Bean
		@Role(BeanDefinition.ROLE_INFRASTRUCTURE)
		static DefaultPointcutAdvisor aspect(Calls calls) {
			return new DefaultPointcutAdvisor(new ComposablePointcut(Advised.class::isAssignableFrom), calls);
		}

		@Bean
		ServiceDiscovery discovery(@Value("${server-port}") int port) {
			return new InMemoryDiscovery(
					new DiscoveredInstance("game", "game-1", "tcp", "127.0.0.1", port, List.of(), Map.of()));
		}

	}

	/** What has gone through the aspect, and what was done in the end. */
	static class Calls implements MethodInterceptor {

		private final Set<String> advised = ConcurrentHashMap.newKeySet();

		private final Set<String> done = ConcurrentHashMap.newKeySet();

		@Override
		public @Nullable Object invoke(MethodInvocation call) throws Throwable {
			Object target = call.getThis();
			if (target != null) {
				this.advised.add(
						StringUtils.uncapitalize(target.getClass().getSimpleName()) + "." + call.getMethod().getName());
			}
			return call.proceed();
		}

	}

	record Client(TcpBackend<Line> backend) {

	}

	interface Advised {

	}

	static class Codec extends FramedCodec<Line> implements Advised {

		Codec() {
			super(DelimiterFraming.line());
		}

		@Override
		protected void encodeBody(Line message, ByteBuf out) {
			out.writeCharSequence(message.id() + " " + message.text(), StandardCharsets.UTF_8);
		}

		@Override
		protected Line decodeBody(ByteBuf body) {
			String line = body.toString(StandardCharsets.UTF_8);
			int blank = line.indexOf(' ');
			return new Line(Long.parseLong(line.substring(0, blank)), line.substring(blank + 1));
		}

		@Override
		public Object requestId(Line message) {
			return message.id();
		}

		@Override
		public Object responseId(Line message) {
			return message.id();
		}

	}

	static class Handler implements TcpHandler<Line>, Advised {

		private final Calls calls;

		Handler(Calls calls) {
			this.calls = calls;
		}

		@Override
		public void onConnected(TcpConnection<Line> connection) {
			this.calls.done.add("handler.onConnected");
		}

	}

	static class Listener implements BackendListener, Advised {

		private final Calls calls;

		Listener(Calls calls) {
			this.calls = calls;
		}

		@Override
		public void onReady(BackendService service) {
			this.calls.done.add("listener.onReady");
		}

	}

	static class InfoFactory implements ServiceInfoFactory, Advised {

		@Override
		public Object create(ServiceConfig config) {
			return "info of " + config.id();
		}

	}

	static class Filter implements InstanceFilter, Advised {

		private final InstanceFilter filter = InstanceFilter.forSchemes(List.of("tcp"));

		@Override
		public @Nullable ServiceConfig map(DiscoveredInstance instance) {
			return this.filter.map(instance);
		}

	}

	static class Customizer implements TcpBackendBuilderCustomizer, Advised {

		@Override
		public void customize(TcpBackend.Builder builder) {
		}

	}

}
