package dev.backend.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.netty.pkitesting.X509Bundle;
import org.jspecify.annotations.Nullable;

/**
 * An HTTPS server on a free port of the loopback interface that answers every GET, and
 * counts those that got as far as that.
 */
final class SecureServer implements AutoCloseable {

	private final HttpsServer server;

	private final AtomicInteger answered = new AtomicInteger();

	SecureServer(X509Bundle certificate, @Nullable X509Bundle clientAuthority) throws Exception {
		this.server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
		SSLContext context = SSLContext.getInstance("TLS");
		context.init(certificate.toKeyManagerFactory().getKeyManagers(),
				(clientAuthority != null) ? new TrustManager[] { clientAuthority.toTrustManager() } : null, null);
		this.server.setHttpsConfigurator(new HttpsConfigurator(context) {
			@Override
			public void configure(HttpsParameters parameters) {
				SSLParameters defaults = context.getDefaultSSLParameters();
				defaults.setNeedClientAuth(clientAuthority != null);
				parameters.setSSLParameters(defaults);
			}
		});
		this.server.createContext("/", (exchange) -> {
			this.answered.incrementAndGet();
			exchange.sendResponseHeaders(204, -1);
			exchange.close();
		});
		this.server.start();
	}

	int port() {
		return this.server.getAddress().getPort();
	}

	int answered() {
		return this.answered.get();
	}

	@Override
	public void close() throws IOException {
		this.server.stop(0);
	}

}
