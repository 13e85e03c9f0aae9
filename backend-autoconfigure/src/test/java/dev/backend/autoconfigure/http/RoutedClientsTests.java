package dev.backend.autoconfigure.http;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;

import dev.backend.Route;
import dev.backend.ServiceNotFoundException;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.autoconfigure.support.PayServers;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.http.HttpBackend;
import dev.backend.http.HttpService;
import dev.backend.test.SlowTest;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.JdkClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.ReactorClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.imperative.ImperativeHttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.reactive.ReactiveHttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.service.HttpServiceClientPropertiesAutoConfiguration;
import org.springframework.boot.restclient.RestClientCustomizer;
import org.springframework.boot.restclient.RestTemplateBuilder;
import org.springframework.boot.restclient.autoconfigure.RestClientAutoConfiguration;
import org.springframework.boot.restclient.autoconfigure.RestTemplateAutoConfiguration;
import org.springframework.boot.restclient.autoconfigure.service.HttpServiceClientAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;
import org.springframework.boot.webclient.autoconfigure.service.ReactiveHttpServiceClientAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.RequestEntity;
import org.springframework.http.client.BufferingClientHttpRequestFactory;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.client.ReactorClientHttpRequestFactory;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.registry.HttpServiceGroup.ClientType;
import org.springframework.web.service.registry.ImportHttpServices;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The clients that Spring Boot makes, which know nothing of a backend but its name.
 */
@Timeout(120)
@SlowTest
class RoutedClientsTests {

	private static final Duration LONG = Duration.ofSeconds(20);

	private final PayServers servers = PayServers.started();

	private final ApplicationContextRunner contextRunner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class, HttpBackendAutoConfiguration.class,
				InstanceClientAutoConfiguration.class, RoutedClientAutoConfiguration.class,
				ImperativeHttpClientAutoConfiguration.class, ReactiveHttpClientAutoConfiguration.class,
				RestClientAutoConfiguration.class, RestTemplateAutoConfiguration.class,
				WebClientAutoConfiguration.class, HttpServiceClientPropertiesAutoConfiguration.class,
				HttpServiceClientAutoConfiguration.class, ReactiveHttpServiceClientAutoConfiguration.class))
		.withPropertyValues("backend.http.enabled=true", "backend.http.probe.interval=1h", "backend.http.probe.fall=1",
				"backend.http.route.services=Pay", "spring.reactor.netty.shutdown-quiet-period=200ms",
				"spring.http.serviceclient.rest.base-url=http://pay",
				"spring.http.serviceclient.web.base-url=http://pay")
		.withUserConfiguration(Groups.class)
		.withBean(InMemoryDiscovery.class, this.servers::discovery);

	@AfterEach
	void stopServers() {
		this.servers.close();
	}

	@ParameterizedTest
	@EnumSource(Client.class)
	void aRequestGoesToTheOwnerOfItsKey(Client client) {
		run((context, backend) -> {
			Caller caller = client.caller(context);
			Set<String> seen = new TreeSet<>();
			for (int i = 0; i < 20; i++) {
				String key = "user-" + i;
				String owner = backend.select("pay", Route.hash(key)).id();
				assertThat(caller.orders(key)).isEqualTo(owner + " /orders");
				seen.add(owner);
			}
			assertThat(seen).containsExactly("pay-1", "pay-2", "pay-3");
		});
	}

	@ParameterizedTest
	@EnumSource(Client.class)
	void whenTheOwnerRefusesTheConnectionThenTheNextOwnerIsAsked(Client client) {
		run((context, backend) -> {
			Caller caller = client.caller(context);
			String key = PayServers.keyOf("pay-2", backend);
			String next = backend.group("pay").routing().find(Route.hash(key), 2).get(1).id();
			this.servers.kill("pay-2");
			assertThat(caller.orders(key)).isEqualTo(next + " /orders");
		});
	}

	@Test
	void requestsToOtherHostsAreNotTouched() {
		run((context, backend) -> {
			URI direct = URI.create("http://127.0.0.1:%d/orders".formatted(this.servers.port("pay-1")));
			String foreign = PayServers.keyOf("pay-2", backend);
			assertThat(context.getBean(RestClient.Builder.class)
				.build()
				.get()
				.uri(direct)
				.header("X-Route-Key", foreign)
				.retrieve()
				.body(String.class)).isEqualTo("pay-1 /orders");
			assertThat(context.getBean(WebClient.Builder.class)
				.build()
				.get()
				.uri(direct)
				.header("X-Route-Key", foreign)
				.retrieve()
				.bodyToMono(String.class)
				.block(LONG)).isEqualTo("pay-1 /orders");
			assertThat(context.getBean(RestTemplateBuilder.class).build().getForObject(direct, String.class))
				.isEqualTo("pay-1 /orders");
		});
	}

	@Test
	void aRequestIsRoutedOnceWhereBothAreThere() {
		run((context, backend) -> {
			String key = PayServers.keyOf("pay-3", backend);
			ClientHttpRequestFactory inner = context.getBean(ClientHttpRequestFactoryBuilder.class).build();
			assertThat(context.getBean(RestClient.Builder.class)
				.requestFactory(context.getBean(HttpBackendRequestFactories.class)
					.wrap(new BufferingClientHttpRequestFactory(inner)))
				.build()
				.get()
				.uri("http://pay/orders")
				.attribute(HttpRoutes.KEY_ATTRIBUTE, key)
				.retrieve()
				.body(String.class)).isEqualTo("pay-3 /orders");
			assertThat(context.getBean(WebClient.Builder.class)
				.filter((request, next) -> next.exchange(ClientRequest.from(request).header("X-More", "1").build()))
				.filter(context.getBean(HttpBackendExchangeFilter.class))
				.build()
				.get()
				.uri("http://pay/orders")
				.attribute(HttpRoutes.KEY_ATTRIBUTE, key)
				.retrieve()
				.bodyToMono(String.class)
				.block(LONG)).isEqualTo("pay-3 /orders");
		});
	}

	@Test
	void whatIsDoneTwiceByAnOuterInterceptorIsRoutedTwice() {
		run((context, backend) -> {
			ClientHttpRequestInterceptor twice = (request, body, execution) -> {
				execution.execute(request, body).close();
				return execution.execute(request, body);
			};
			assertThat(context.getBean(RestClient.Builder.class)
				.requestInterceptors((interceptors) -> interceptors.add(0, twice))
				.build()
				.get()
				.uri("http://pay/orders")
				.attribute(HttpRoutes.KEY_ATTRIBUTE, PayServers.keyOf("pay-2", backend))
				.retrieve()
				.body(String.class)).isEqualTo("pay-2 /orders");
		});
	}

	@Test
	void theClientsOfAnInstanceAreMadeLikeTheApplicationsAndStayWithIt() {
		List<String> seen = new CopyOnWriteArrayList<>();
		this.contextRunner.withBean("own", RestClientCustomizer.class,
				() -> (builder) -> builder.requestInterceptor((request, body, execution) -> {
					seen.add("rest");
					return execution.execute(request, body);
				}))
			.withBean("ownToo", WebClientCustomizer.class, () -> (builder) -> builder.filter((request, next) -> {
				seen.add("web");
				return next.exchange(request);
			}))
			.run((context) -> {
				HttpBackend backend = context.getBean(HttpBackend.class);
				assertThat(backend.awaitReady(LONG)).isTrue();
				for (HttpService service : backend.services()) {
					assertThat(askByRestClient(context, service)).isEqualTo(service.id() + " /a");
					assertThat(askByWebClient(context, service)).isEqualTo(service.id() + " /a");
				}
				assertThat(seen).containsExactly("rest", "web", "rest", "web", "rest", "web");
			});
	}

	@Test
	void theClientOfAnInstanceWhoseAddressIsItsNameStaysWithIt() {
		// As in Docker Compose.
		this.servers.discovery()
			.push(new DiscoveredInstance("localhost", "pay-1", "http", "localhost", this.servers.port("pay-1"),
					List.of(), Map.of()),
					new DiscoveredInstance("localhost", "pay-2", "http", "localhost", this.servers.port("pay-2"),
							List.of(), Map.of()));
		this.contextRunner.withPropertyValues("backend.http.route.services=localhost").run((context) -> {
			HttpBackend backend = context.getBean(HttpBackend.class);
			assertThat(backend.awaitReady(LONG)).isTrue();
			for (HttpService service : backend.services()) {
				for (int i = 0; i < 10; i++) {
					assertThat(askByRestClient(context, service)).isEqualTo(service.id() + " /a");
					assertThat(askByWebClient(context, service)).isEqualTo(service.id() + " /a");
				}
			}
		});
	}

	@Test
	void theApplicationMayHaveItsOwnClientsOfInstances() {
		InstanceRestClients restClients = new InstanceRestClients();
		InstanceWebClients webClients = new InstanceWebClients();
		this.contextRunner.withBean(InstanceRestClients.class, () -> restClients)
			.withBean(InstanceWebClients.class, () -> webClients)
			.run((context) -> {
				assertThat(context).getBean(InstanceRestClients.class).isSameAs(restClients);
				assertThat(context).getBean(InstanceWebClients.class).isSameAs(webClients);
			});
	}

	@Test
	void inAReactiveApplicationARestClientIsLedToo() {
		new ReactiveWebApplicationContextRunner()
			.withConfiguration(AutoConfigurations.of(DiscoveryAutoConfiguration.class,
					HttpBackendAutoConfiguration.class, RoutedClientAutoConfiguration.class,
					ImperativeHttpClientAutoConfiguration.class, RestClientAutoConfiguration.class))
			.withPropertyValues("backend.http.enabled=true", "backend.http.route.services=pay",
					"backend.http.await-ready=20s")
			.withBean(InMemoryDiscovery.class, this.servers::discovery)
			.run((context) -> assertThat(ask(context)).endsWith(" /orders"));
	}

	@Test
	void theApplicationsOwnBuilderOfRequestFactoriesIsUsed() {
		List<URI> asked = new CopyOnWriteArrayList<>();
		this.contextRunner.withUserConfiguration(OwnBuilder.class)
			.withBean("asked", List.class, () -> asked)
			.withPropertyValues("backend.http.await-ready=20s")
			.run((context) -> {
				assertThat(ask(context)).endsWith(" /orders");
				assertThat(asked).singleElement().satisfies((uri) -> assertThat(uri).hasHost("127.0.0.1"));
			});
	}

	@Test
	@ExtendWith(OutputCaptureExtension.class)
	void aBuilderBeanOfANarrowTypeStaysWhatItIsAndThatIsTold(CapturedOutput output) {
		JdkClientHttpRequestFactoryBuilder own = ClientHttpRequestFactoryBuilder.jdk();
		this.contextRunner.withBean("narrow", JdkClientHttpRequestFactoryBuilder.class, () -> own)
			.run((context) -> assertThat(context.getBean(JdkClientHttpRequestFactoryBuilder.class)).isSameAs(own));
		assertThat(output).contains("Bean 'narrow' of the type ",
				"JdkClientHttpRequestFactoryBuilder: requests of its clients are not led",
				"backend.http.route.services");
	}

	@Test
	void aTemplateWithAFactoryOfItsOwnIsLedToo() {
		run((context, backend) -> {
			RestTemplate template = context.getBean(RestTemplateBuilder.class)
				.requestFactory(() -> new JdkClientHttpRequestFactory())
				.additionalInterceptors((request, body, execution) -> execution.execute(request, body))
				.build();
			assertThat(template.getForObject("http://pay/orders", String.class)).endsWith(" /orders");
		});
	}

	private static @Nullable String ask(ApplicationContext context) {
		return context.getBean(RestClient.Builder.class)
			.build()
			.get()
			.uri("http://pay/orders")
			.retrieve()
			.body(String.class);
	}

	@Test
	void withoutNamesNothingIsRouted() {
		this.contextRunner.withPropertyValues("backend.http.route.services=").run((context) -> {
			assertThat(context.getBean(ClientHttpRequestFactoryBuilder.class))
				.isInstanceOf(ReactorClientHttpRequestFactoryBuilder.class);
			context.getBean(WebClient.Builder.class).filters((filters) -> assertThat(filters).isEmpty());
			assertThat(context.getBean(RestTemplateBuilder.class).build().getRequestFactory())
				.isInstanceOf(ReactorClientHttpRequestFactory.class);
		});
	}

	@Test
	void whenANameCannotBeAHostThenTheStartFailsWithTheReason() {
		this.contextRunner.withPropertyValues("backend.http.route.services=my service")
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.hasMessageContainingAll("backend.http.route.services", "my service"));
	}

	@Test
	void whenNoInstanceIsKnownThenTheRequestSaysSo() {
		this.contextRunner.withPropertyValues("backend.http.route.services=pay,chat")
			.run((context) -> assertThatExceptionOfType(ServiceNotFoundException.class)
				.isThrownBy(() -> context.getBean(RestClient.Builder.class)
					.build()
					.get()
					.uri("http://chat/")
					.retrieve()
					.toBodilessEntity())
				.withMessageContaining("No service 'chat'"));
	}

	@Test
	void withoutTheModulesOfSpringBootTheBeansAreThere() {
		without("org.springframework.boot.restclient", "org.springframework.boot.webclient").run((context) -> {
			assertThat(context).hasNotFailed()
				.hasSingleBean(HttpBackendRequestFactories.class)
				.hasSingleBean(HttpBackendExchangeFilter.class);
			HttpService service = pay1(context);
			assertThat(askByRestClient(context, service)).isEqualTo("pay-1 /a");
			assertThat(askByWebClient(context, service)).isEqualTo("pay-1 /a");
		});
	}

	@Test
	void withoutWebFluxThereAreClientsOfInstancesAllTheSame() {
		without("org.springframework.web.reactive").run((context) -> {
			assertThat(context).hasNotFailed().doesNotHaveBean(InstanceWebClients.class);
			assertThat(askByRestClient(context, pay1(context))).isEqualTo("pay-1 /a");
		});
	}

	@Test
	void withoutSpringsHttpClientsTheBackendIsThereAllTheSame() {
		without("org.springframework.http", "org.springframework.web").run((context) -> {
			assertThat(context).hasNotFailed()
				.doesNotHaveBean(InstanceRestClients.class)
				.doesNotHaveBean(InstanceWebClients.class);
			assertThat(pay1(context).uri("/a")).hasPort(this.servers.port("pay-1")).hasPath("/a");
		});
	}

	/** Without the auto-configurations of others, which need what is not there. */
	private ApplicationContextRunner without(String... packages) {
		return new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(DiscoveryAutoConfiguration.class, HttpBackendAutoConfiguration.class,
							RoutedClientAutoConfiguration.class, InstanceClientAutoConfiguration.class))
			.withPropertyValues("backend.http.enabled=true", "backend.http.route.services=pay")
			.withBean(InMemoryDiscovery.class, this.servers::discovery)
			.withClassLoader(new FilteredClassLoader(packages));
	}

	private static HttpService pay1(ApplicationContext context) throws InterruptedException {
		HttpBackend backend = context.getBean(HttpBackend.class);
		assertThat(backend.awaitReady(LONG)).isTrue();
		return backend.getService("pay", "pay-1");
	}

	private static @Nullable String askByRestClient(ApplicationContext context, HttpService service) {
		return context.getBean(InstanceRestClients.class).of(service).get().uri("/a").retrieve().body(String.class);
	}

	private static @Nullable String askByWebClient(ApplicationContext context, HttpService service) {
		return context.getBean(InstanceWebClients.class)
			.of(service)
			.get()
			.uri("/a")
			.retrieve()
			.bodyToMono(String.class)
			.block(LONG);
	}

	private void run(Scenario scenario) {
		this.contextRunner.run((context) -> {
			HttpBackend backend = context.getBean(HttpBackend.class);
			assertThat(backend.awaitReady(LONG)).isTrue();
			scenario.run(context, backend);
		});
	}

	private interface Scenario {

		void run(ApplicationContext context, HttpBackend backend) throws Exception;

	}

	private interface Caller {

		/** Asks the service pay for its orders, and returns the body of the answer. */
		String orders(String key);

	}

	interface ByAttribute {

		@GetExchange("/orders")
		String orders(@RequestAttribute(HttpRoutes.KEY_ATTRIBUTE) String key);

	}

	interface ByHeader {

		@GetExchange("/orders")
		String orders(@RequestHeader("X-Route-Key") String key);

	}

	interface WebByAttribute {

		@GetExchange("/orders")
		String orders(@RequestAttribute(HttpRoutes.KEY_ATTRIBUTE) String key);

	}

	interface WebByHeader {

		@GetExchange("/orders")
		String orders(@RequestHeader("X-Route-Key") String key);

	}

	@Configuration(proxyBeanMethods = false)
	@ImportHttpServices(group = "rest", types = { ByAttribute.class, ByHeader.class })
	@ImportHttpServices(group = "web", types = { WebByAttribute.class, WebByHeader.class },
			clientType = ClientType.WEB_CLIENT)
	static class Groups {

	}

	@Configuration(proxyBeanMethods = false)
	static class OwnBuilder {

		@Bean
		ClientHttpRequestFactoryBuilder<?> own(@Qualifier("asked") List<URI> asked) {
			ClientHttpRequestFactory factory = new JdkClientHttpRequestFactory();
			return (settings) -> (uri, method) -> {
				asked.add(uri);
				return factory.createRequest(uri, method);
			};
		}

	}

	enum Client {

		REST_CLIENT {
			@Override
			Caller caller(ApplicationContext context) {
				RestClient client = context.getBean(RestClient.Builder.class).build();
				return (key) -> String.valueOf(client.get()
					.uri("http://pay/orders")
					.attribute(HttpRoutes.KEY_ATTRIBUTE, key)
					.retrieve()
					.body(String.class));
			}
		},

		WEB_CLIENT {
			@Override
			Caller caller(ApplicationContext context) {
				WebClient client = context.getBean(WebClient.Builder.class).build();
				return (key) -> String.valueOf(client.get()
					.uri("http://pay/orders")
					.attribute(HttpRoutes.KEY_ATTRIBUTE, key)
					.retrieve()
					.bodyToMono(String.class)
					.block(LONG));
			}
		},

		REST_TEMPLATE {
			@Override
			Caller caller(ApplicationContext context) {
				var template = context.getBean(RestTemplateBuilder.class).build();
				return (key) -> {
					HttpHeaders headers = new HttpHeaders();
					headers.set("X-Route-Key", key);
					return String.valueOf(
							template
								.exchange(new RequestEntity<>(headers, HttpMethod.GET, URI.create("http://pay/orders")),
										String.class)
								.getBody());
				};
			}
		},

		REST_GROUP_BY_ATTRIBUTE {
			@Override
			Caller caller(ApplicationContext context) {
				return context.getBean(ByAttribute.class)::orders;
			}
		},

		REST_GROUP_BY_HEADER {
			@Override
			Caller caller(ApplicationContext context) {
				return context.getBean(ByHeader.class)::orders;
			}
		},

		WEB_GROUP_BY_ATTRIBUTE {
			@Override
			Caller caller(ApplicationContext context) {
				return context.getBean(WebByAttribute.class)::orders;
			}
		},

		WEB_GROUP_BY_HEADER {
			@Override
			Caller caller(ApplicationContext context) {
				return context.getBean(WebByHeader.class)::orders;
			}
		};

		abstract Caller caller(ApplicationContext context);

	}

}
