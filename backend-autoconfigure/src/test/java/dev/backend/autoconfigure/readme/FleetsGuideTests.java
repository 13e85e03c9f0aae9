package dev.backend.autoconfigure.readme;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletionException;

import dev.backend.autoconfigure.guide.fleets.FleetsApplication;
import dev.backend.autoconfigure.guide.fleets.Gateway;
import dev.backend.autoconfigure.guide.fleets.Move;
import dev.backend.tcp.TcpBackend;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import reactor.netty.DisposableServer;
import reactor.netty.tcp.TcpServer;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * The application of docs/fleets.md does what the guide says, with a game server without
 * TLS and a chat server with TLS.
 */
@Timeout(180)
@ExtendWith(OutputCaptureExtension.class)
class FleetsGuideTests {

	private static final Path PROPERTIES = Path.of("src/test/resources/dev/backend/autoconfigure/guide/fleets.yml");

	@Test
	void eachFleetSpeaksItsOwnProtocol(@TempDir Path directory, CapturedOutput output) throws Exception {
		X509Bundle certificate = new CertificateBuilder().ecp256()
			.subject("CN=chat")
			.addSanIpAddress("127.0.0.1")
			.setIsCertificateAuthority(true)
			.buildSelfSigned();
		Path authority = Files.writeString(directory.resolve("ca.crt"), certificate.getCertificatePEM());
		SslContext tls = SslContextBuilder
			.forServer(certificate.getKeyPair().getPrivate(), certificate.getCertificatePath())
			.build();
		DisposableServer game = echo(TcpServer.create());
		DisposableServer chat = echo(TcpServer.create().secure((spec) -> spec.sslContext(tls)));
		try (ConfigurableApplicationContext context = new SpringApplicationBuilder(FleetsApplication.class)
			.web(WebApplicationType.NONE)
			.run("--spring.config.location=" + PROPERTIES.toUri(),
					"--spring.ssl.bundle.pem.chat.truststore.certificate=" + authority.toUri(),
					"--backend.discovery.sources=static", at("game", game), at("chat", chat), at("lobby", game))) {
			Gateway gateway = context.getBean(Gateway.class);
			await().until(() -> usable(context, "gameTcpBackend", "game") && usable(context, "chatTcpBackend", "chat"));
			assertThat(gateway.move("anna", "e4").join()).isEqualTo(new Move(1, "anna", "e4"));
			assertThat(gateway.say("lobby", "hello").join()).isEqualTo("hello");
			assertThatExceptionOfType(CompletionException.class)
				.isThrownBy(() -> gateway.say("lobby", "x".repeat(65_536)).join())
				.withMessageContaining("65536");
		}
		finally {
			game.disposeNow();
			chat.disposeNow();
		}
		assertThat(output).contains("Joined 127.0.0.1:",
				"The service 'lobby' is left out: no fleet below backend.tcp.fleets");
	}

	private static boolean usable(ConfigurableApplicationContext context, String bean, String service) {
		TcpBackend<?> backend = context.getBean(bean, TcpBackend.class);
		return backend.findGroup(service) != null && !backend.group(service).routing().members().isEmpty();
	}

	private static String at(String service, DisposableServer server) {
		return "--backend.discovery.static.services.%1$s[0].uri=tcp://127.0.0.1:%2$d".formatted(service, server.port());
	}

	private static DisposableServer echo(TcpServer server) {
		return server.host("127.0.0.1").port(0).handle((in, out) -> out.send(in.receive().retain())).bindNow();
	}

}
