package dev.backend.autoconfigure.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

import javax.net.ssl.SSLContext;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.backend.autoconfigure.BackendConfigurationException;
import dev.backend.autoconfigure.discovery.DiscoveryAutoConfiguration;
import dev.backend.autoconfigure.support.ChangedProperties;
import dev.backend.autoconfigure.support.Failures;
import dev.backend.autoconfigure.support.InMemoryDiscovery;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.InstanceCounts;
import dev.backend.http.HttpBackend;
import dev.backend.http.HttpService;
import dev.backend.http.HttpSettings;
import dev.backend.http.HttpState;
import dev.backend.http.HttpTls;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.CertificateBuilder.KeyUsage;
import io.netty.pkitesting.X509Bundle;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Several fleets of HTTP services by properties.
 */
@Timeout(60)
@ExtendWith(OutputCaptureExtension.class)
class HttpFleetTests {

	private final List<HttpServer> servers = new CopyOnWriteArrayList<>();

	private final InMemoryDiscovery discovery = new InMemoryDiscovery();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class, DiscoveryAutoConfiguration.class,
				HttpBackendAutoConfiguration.class))
		.withBean(InMemoryDiscovery.class, () -> this.discovery)
		.withPropertyValues("backend.http.probe.interval=20ms", "backend.http.probe.timeout=20s",
				"backend.http.fleets.pay.services=pay,bank-*", "backend.http.fleets.shop.services=shop");

	private final ApplicationContextRunner enabled = this.runner.withPropertyValues("backend.http.enabled=true");

	@AfterEach
	void stopServers() {
		this.servers.forEach((server) -> server.stop(0));
	}

	@Test
	void everyFleetHasABackendUnderItsNameAndQualifier() {
		this.enabled.withUserConfiguration(Clients.class).run((context) -> {
			assertThat(context).hasNotFailed();
			Clients clients = context.getBean(Clients.class);
			assertThat(context.getBeansOfType(HttpBackend.class)).containsOnlyKeys("payHttpBackend", "shopHttpBackend");
			assertThat(context.getBean("payHttpBackend")).isSameAs(clients.pay);
			assertThat(context.getBean("shopHttpBackend")).isSameAs(clients.shopHttpBackend);
			assertThat(clients.pay.running()).isTrue();
			assertThat(clients.shopHttpBackend.running()).isTrue();
			assertThat(clients.pay.name()).isEqualTo("payHttpBackend");
			assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName)
				.anyMatch((name) -> name.startsWith("backend-http-io"))
				.noneMatch((name) -> name.startsWith("payHttpBackend-io"));
		});
	}

	@Test
	void withoutFleetsTheBackendHasTheNameOfItsBean() {
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(DiscoveryAutoConfiguration.class, HttpBackendAutoConfiguration.class))
			.withBean(InMemoryDiscovery.class)
			.withPropertyValues("backend.http.enabled=true")
			.run((context) -> assertThat(context.getBean(HttpBackend.class).name()).isEqualTo("httpBackend"));
	}

	@Test
	void withoutFleetsTheServicesOfTheOneCanBeLimited() {
		Answering server = answering("/");
		this.discovery.push(at("pay", "pay-1", server), at("shop", "shop-1", server));
		new ApplicationContextRunner()
			.withConfiguration(
					AutoConfigurations.of(DiscoveryAutoConfiguration.class, HttpBackendAutoConfiguration.class))
			.withBean(InMemoryDiscovery.class, () -> this.discovery)
			.withPropertyValues("backend.http.enabled=true", "backend.http.services=p*")
			.run((context) -> {
				HttpBackend backend = backend(context, "httpBackend");
				await().until(() -> seen(backend) == 2);
				assertThat(backend.groups()).containsOnlyKeys("pay");
			});
	}

	@ParameterizedTest
	@CsvSource(nullValues = "-",
			value = { "-, -, -, false, false", "true, -, -, true, true", "true, false, -, false, true",
					"-, true, -, true, false", "false, -, true, false, true", "true, false, false, false, false" })
	void aFleetIsThereIfItsOwnPropertySaysSoOrElseThatOfAllFleets(@Nullable String all, @Nullable String pay,
			@Nullable String shop, boolean hasPay, boolean hasShop) {
		this.runner
			.withPropertyValues(enabled("backend.http", all), enabled("backend.http.fleets.pay", pay),
					enabled("backend.http.fleets.shop", shop))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.containsBean("payHttpBackend")).isEqualTo(hasPay);
				assertThat(context.containsBean("shopHttpBackend")).isEqualTo(hasShop);
				assertThat(context.containsBean("httpBackendLifecycle")).isEqualTo(hasPay || hasShop);
			});
	}

	private static String enabled(String prefix, @Nullable String value) {
		return (value != null) ? prefix + ".enabled=" + value : "unused=";
	}

	@Test
	void whenTheApplicationHasTheBeanOfAFleetThenThatOneIsUsed() {
		this.enabled
			.withBean("payHttpBackend", HttpBackend.class,
					() -> HttpBackend.builder().name("payHttpBackend").discovery(this.discovery).build())
			.run((context) -> assertThat(context.getBeansOfType(HttpBackend.class)).containsOnlyKeys("payHttpBackend",
					"shopHttpBackend"));
	}

	@Test
	void eachServiceIsProbedByItsFleetAloneAndInItsWay(CapturedOutput output) {
		Answering pay = answering("/pay/ready");
		Answering shop = answering("/shop/health");
		Answering lobby = answering("/");
		this.discovery.push(at("bank-1", "bank-1", pay), at("shop", "shop-1", shop), at("lobby", "lobby-1", lobby));
		this.enabled
			.withPropertyValues("backend.http.fleets.pay.probe.path=/pay/ready",
					"backend.http.fleets.shop.probe.path=/shop/health")
			.run((context) -> {
				await().until(() -> state(context, "payHttpBackend", "bank-1", "bank-1") == HttpState.UP);
				await().until(() -> state(context, "shopHttpBackend", "shop", "shop-1") == HttpState.UP);
				this.discovery.push(at("bank-1", "bank-1", pay), at("shop", "shop-1", shop),
						at("lobby", "lobby-1", lobby), at("lobby", "lobby-2", lobby));
				HttpBackend pays = backend(context, "payHttpBackend");
				HttpBackend shops = backend(context, "shopHttpBackend");
				await().until(() -> seen(pays) == 4 && seen(shops) == 4);
				assertThat(pays.groups()).containsOnlyKeys("bank-1");
				assertThat(shops.groups()).containsOnlyKeys("shop");
			});
		assertThat(Set.copyOf(pay.paths)).containsExactly("/pay/ready");
		assertThat(Set.copyOf(shop.paths)).containsExactly("/shop/health");
		assertThat(lobby.paths).isEmpty();
		assertThat(output.getOut().lines().filter((line) -> line.contains("no fleet below backend.http.fleets")))
			.singleElement()
			.asString()
			.contains("The service 'lobby' is left out", "{pay=[bank-*, pay], shop=[shop]}");
	}

	@Test
	void fleetsShareTheirThreads() {
		Answering server = answering("/");
		this.discovery.push(at("pay", "pay-1", server), at("shop", "shop-1", server));
		this.enabled.run((context) -> {
			await().until(() -> state(context, "payHttpBackend", "pay", "pay-1") == HttpState.UP);
			await().until(() -> state(context, "shopHttpBackend", "shop", "shop-1") == HttpState.UP);
			assertThat(threads()).noneMatch((name) -> name.startsWith("payHttpBackend-io"))
				.noneMatch((name) -> name.startsWith("shopHttpBackend-io"))
				.anyMatch((name) -> name.startsWith("backend-http-io"));
		});
		await().untilAsserted(() -> assertThat(threads()).noneMatch((name) -> name.startsWith("backend-http-io")));
	}

	private static List<String> threads() {
		return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toList();
	}

	@Test
	void whenEjectionIsOnInOneFleetThenTheOtherEjectsNobody() {
		Answering server = answering("/");
		this.discovery.push(at("pay", "pay-1", server), at("pay", "pay-2", server), at("shop", "shop-1", server),
				at("shop", "shop-2", server));
		this.enabled
			.withPropertyValues("backend.http.fleets.pay.ejection.enabled=true",
					"backend.http.ejection.consecutive-failures=1", "backend.http.await-ready=20s")
			.run((context) -> {
				HttpService pay = backend(context, "payHttpBackend").getService("pay", "pay-1");
				HttpService shop = backend(context, "shopHttpBackend").getService("shop", "shop-1");
				shop.failed(new IOException("reset"));
				pay.failed(new IOException("reset"));
				await().until(() -> pay.state() == HttpState.EJECTED);
				assertThat(shop.state()).isEqualTo(HttpState.UP);
				assertThat(backend(context, "shopHttpBackend").ejections()).isZero();
			});
	}

	@Test
	void everyFleetTrustsItsOwnBundle(@TempDir Path directory) throws Exception {
		X509Bundle payAuthority = authority("pay");
		X509Bundle shopAuthority = authority("shop");
		this.discovery.push(https("pay", payAuthority), https("shop", shopAuthority));
		this.enabled
			.withPropertyValues("backend.http.probe.path=/", "backend.http.ssl.bundle=pay",
					"backend.http.fleets.shop.ssl.bundle=shop", trust("pay", directory, payAuthority),
					trust("shop", directory, shopAuthority))
			.run((context) -> {
				await().until(() -> state(context, "payHttpBackend", "pay", "pay-1") == HttpState.UP);
				await().until(() -> state(context, "shopHttpBackend", "shop", "shop-1") == HttpState.UP);
			});
		this.enabled
			.withPropertyValues("backend.http.probe.path=/", "backend.http.ssl.bundle=pay",
					trust("pay", directory, payAuthority))
			.run((context) -> await()
				.until(() -> state(context, "shopHttpBackend", "shop", "shop-1") == HttpState.DOWN));
	}

	@Test
	void whenTheBundleOfAFleetIsMissingThenTheStartFailsWithItsProperty() {
		this.enabled.withPropertyValues("backend.http.fleets.shop.ssl.bundle=other")
			.run((context) -> assertThat(context.getStartupFailure()).hasStackTraceContaining(
					"backend.http.fleets.shop.ssl.bundle is 'other', but there is no SSL bundle of that name."));
	}

	@Test
	void whenATlsBeanIsQualifiedThenItIsForItsFleetAlone() {
		this.discovery.push(at("pay", "pay-1", "https", answering("/")), at("shop", "shop-1", answering("/")));
		this.enabled.withUserConfiguration(QualifiedTls.class)
			.withPropertyValues("backend.http.probe.path=/")
			.run((context) -> {
				await().until(() -> state(context, "shopHttpBackend", "shop", "shop-1") == HttpState.UP);
				await().until(() -> state(context, "payHttpBackend", "pay", "pay-1") == HttpState.DOWN);
				assertThat(backend(context, "payHttpBackend").getService("pay", "pay-1").lastFailure())
					.hasMessageContaining("of pay alone");
			});
	}

	@Test
	void aFleetHasItsOwnValuesAndTheRestOfAllFleets() {
		this.enabled
			.withPropertyValues("backend.http.probe.rise=3", "backend.http.probe.fall=4",
					"backend.http.fleets.shop.probe.fall=5", "backend.http.fleets.pay.probe.path=/ready")
			.run((context) -> {
				HttpSettings pay = backend(context, "payHttpBackend").settings();
				HttpSettings shop = backend(context, "shopHttpBackend").settings();
				assertThat(List.of(pay.rise(), shop.rise())).containsExactly(3, 3);
				assertThat(List.of(pay.fall(), shop.fall())).containsExactly(4, 5);
				assertThat(pay.probe().path()).isEqualTo("/ready");
				assertThat(shop.probe().path()).isNull();
			});
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|',
			value = { "fleets.shop.probe.interval | 0s | fleets.shop.probe.interval | > 0",
					"probe.interval | 0s | probe.interval | > 0",
					"fleets.shop.probe.path | ready | fleets.shop.probe.path | begins with /",
					"fleets.shop.probe.lowest-status | 300 | fleets.shop.probe.lowest-status "
							+ "| 100 to backend.http.probe.highest-status, 299",
					"fleets.shop.ejection.base-time | 10m | ejection.maximum-time "
							+ "| at least backend.http.fleets.shop.ejection.base-time, 10m",
					"fleets.shop.await-ready | -1s | fleets.shop.await-ready | >= 0",
					"fleets.shop.consistent-hash | other | fleets.shop.consistent-hash | balanced" })
	void whenAValueIsOutOfItsRangeThenTheStartFailsWithTheNamesItWasSetBy(String property, String value, String named,
			String expected) {
		this.enabled.withPropertyValues("backend.http." + property + "=" + value)
			.withClassLoader(new FilteredClassLoader("jakarta.validation"))
			.run((context) -> assertThat(Failures.rootOf(context))
				.hasMessageContainingAll(" backend.http." + named + " ", "Expected: ", expected));
	}

	@Test
	void whenAValueOfAFleetBreaksAConstraintThenTheStartFails() {
		this.enabled.withPropertyValues("backend.http.fleets.shop.probe.rise=0")
			.run((context) -> assertThat(Failures.rootOf(context)).hasMessageContainingAll("backend.http", "fleets",
					"probe.rise"));
	}

	@Test
	void whenAServiceIsClaimedTwiceThenTheStartFails() {
		this.enabled.withPropertyValues("backend.http.fleets.shop.services=bank-1,shop")
			.run((context) -> assertThat(Failures.rootOf(context)).isInstanceOf(BackendConfigurationException.class)
				.hasMessageContainingAll("Two fleets below backend.http.fleets claim the service 'bank-1'", "'pay'",
						"'shop'", "Let each service belong to one fleet."));
	}

	@Test
	void whenAFleetNamesNoServicesThenTheStartFails() {
		this.enabled.withPropertyValues("backend.http.fleets.lobby.probe.path=/ready")
			.run((context) -> assertThat(Failures.rootOf(context))
				.hasMessageContaining("Property backend.http.fleets.lobby.services with value 'not set' is invalid"));
	}

	@Test
	void whenPropertiesChangeThenEachFleetHasItsOwn(CapturedOutput output) {
		this.enabled.withPropertyValues("backend.http.fleets.shop.probe.rise=7").run((context) -> {
			ChangedProperties.apply(context,
					Map.of("backend.http.probe.rise", "3", "backend.http.fleets.pay.probe.path", "/ready"));
			HttpBackend pay = backend(context, "payHttpBackend");
			HttpBackend shop = backend(context, "shopHttpBackend");
			assertThat(pay.settings().rise()).isEqualTo(3);
			assertThat(pay.settings().probe().path()).isEqualTo("/ready");
			assertThat(shop.settings().rise()).isEqualTo(7);
			assertThat(shop.settings().probe().path()).isNull();
			ChangedProperties.apply(context, Map.of("backend.http.fleets.shop.ejection.enabled", "true",
					"backend.http.fleets.pay.probe.fall", "0", "backend.http.fleets.shop.ssl.bundle", "x"));
			assertThat(shop.settings().ejection().enabled()).isTrue();
			assertThat(pay.settings().ejection().enabled()).isFalse();
			assertThat(pay.settings().fall()).isEqualTo(2);
		});
		assertThat(output).contains(
				"Changed properties of the fleet 'pay' are applied: [backend.http.fleets.pay.probe.path, "
						+ "backend.http.probe.rise]",
				"below backend.http of the fleet 'pay' are not applied", "backend.http.fleets.pay.probe.fall: ",
				"at the next start only: [backend.http.fleets.shop.ssl.bundle]");
	}

	private static HttpBackend backend(ApplicationContext context, String bean) {
		return context.getBean(bean, HttpBackend.class);
	}

	private static int seen(HttpBackend backend) {
		InstanceCounts counts = backend.instanceCounts();
		return (counts != null) ? counts.seen() : 0;
	}

	private static @Nullable HttpState state(ApplicationContext context, String bean, String name, String id) {
		HttpService service = backend(context, bean).findService(name, id);
		return (service != null) ? service.state() : null;
	}

	private Answering answering(String path) {
		try {
			Answering server = new Answering(HttpServer.create(loopback(), 0), path, new CopyOnWriteArrayList<>());
			server.start();
			this.servers.add(server.server);
			return server;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** An instance whose certificate is from an authority. */
	private DiscoveredInstance https(String service, X509Bundle authority) throws Exception {
		X509Bundle certificate = new CertificateBuilder().ecp256()
			.subject("CN=" + service)
			.addSanIpAddress("127.0.0.1")
			.buildIssuedBy(authority);
		SSLContext context = SSLContext.getInstance("TLS");
		context.init(certificate.toKeyManagerFactory().getKeyManagers(), null, null);
		HttpsServer server = HttpsServer.create(loopback(), 0);
		server.setHttpsConfigurator(new HttpsConfigurator(context));
		Answering answering = new Answering(server, "/", new CopyOnWriteArrayList<>());
		answering.start();
		this.servers.add(server);
		return at(service, service + "-1", "https", answering);
	}

	private static X509Bundle authority(String name) throws Exception {
		return new CertificateBuilder().ecp256()
			.subject("CN=" + name)
			.notBefore(Instant.now().minus(Duration.ofDays(1)))
			.setIsCertificateAuthority(true)
			.setKeyUsage(true, KeyUsage.keyCertSign, KeyUsage.digitalSignature)
			.buildSelfSigned();
	}

	private static String trust(String bundle, Path directory, X509Bundle authority) throws IOException {
		Path file = Files.writeString(directory.resolve(bundle + ".crt"), authority.getCertificatePEM());
		return "spring.ssl.bundle.pem.%s.truststore.certificate=%s".formatted(bundle, file.toUri());
	}

	private static InetSocketAddress loopback() {
		return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
	}

	private static DiscoveredInstance at(String service, String id, Answering server) {
		return at(service, id, "http", server);
	}

	private static DiscoveredInstance at(String service, String id, String scheme, Answering server) {
		return new DiscoveredInstance(service, id, scheme, "127.0.0.1", server.server.getAddress().getPort(), List.of(),
				Map.of());
	}

	/** A server that has one path, and remembers what it was asked for. */
	private record Answering(HttpServer server, String path, List<String> paths) {

		void start() {
			this.server.createContext("/", this::answer);
			this.server.start();
		}

		private void answer(HttpExchange exchange) throws IOException {
			String asked = exchange.getRequestURI().getPath();
			this.paths.add(asked);
			exchange.sendResponseHeaders(asked.equals(this.path) ? 204 : 404, -1);
			exchange.close();
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Clients {

		private final HttpBackend pay;

		private final HttpBackend shopHttpBackend;

		Clients(@Qualifier("pay") HttpBackend pay, HttpBackend shopHttpBackend) {
			this.pay = pay;
			this.shopHttpBackend = shopHttpBackend;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class QualifiedTls {

		@Bean
		@Qualifier("pay")
		HttpTls ofPay() {
			return HttpTls.of(() -> {
				throw new IllegalStateException("of pay alone");
			});
		}

	}

}
