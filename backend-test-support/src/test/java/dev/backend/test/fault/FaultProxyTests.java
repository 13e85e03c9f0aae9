package dev.backend.test.fault;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

class FaultProxyTests {

	private final List<AutoCloseable> resources = new ArrayList<>();

	private ServerSocket target;

	private FaultProxy proxy;

	@BeforeEach
	void start() throws IOException {
		this.target = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
		this.proxy = new FaultProxy(this.target.getLocalPort());
	}

	@AfterEach
	void stop() throws Exception {
		this.proxy.close();
		this.target.close();
		for (AutoCloseable resource : this.resources) {
			resource.close();
		}
	}

	@Test
	void bytesGoThroughBothWaysAndTheEndOfOneSideIsTheEndOfTheOther() throws IOException {
		Socket client = connect();
		Socket server = accept();
		send(client, "ping");
		assertThat(receive(server, 4)).isEqualTo("ping");
		send(server, "pong");
		assertThat(receive(client, 4)).isEqualTo("pong");
		assertThat(this.proxy.sentByClients()).asString().isEqualTo("ping");
		client.close();
		assertThat(server.getInputStream().read()).isEqualTo(-1);
		await().until(() -> this.proxy.connections() == 0);
	}

	@Test
	void whenResetThenBothEndsSeeItAndLaterConnectionsWork() throws IOException {
		Socket client = connect();
		Socket server = accept();
		await().until(() -> this.proxy.connections() == 1);
		this.proxy.reset();
		assertThatExceptionOfType(SocketException.class).isThrownBy(() -> client.getInputStream().read());
		assertThatExceptionOfType(SocketException.class).isThrownBy(() -> server.getInputStream().read());
		send(connect(), "again");
		assertThat(receive(accept(), 5)).isEqualTo("again");
	}

	@Test
	void whenItRefusesThenConnectionsEndAtOnceUntilItIsHealed() throws IOException {
		this.proxy.refuse();
		Socket client = connect();
		assertThatExceptionOfType(SocketException.class).isThrownBy(() -> client.getInputStream().read());
		this.proxy.heal();
		send(connect(), "again");
		assertThat(receive(accept(), 5)).isEqualTo("again");
	}

	@Test
	void whatABlackHoleHeldBackComesWhenItIsHealedAndWhatIsFrozenNeverDoes() throws IOException {
		Socket frozen = connect();
		Socket frozenServer = accept();
		await().until(() -> this.proxy.connections() == 1);
		this.proxy.freeze();
		this.proxy.blackhole();
		Socket held = connect();
		Socket heldServer = accept();
		send(frozen, "lost");
		send(held, "late");
		this.proxy.heal();
		assertThat(receive(heldServer, 4)).isEqualTo("late");
		assertThat(frozenServer.getInputStream().available()).isZero();
	}

	@Test
	void whatIsSlicedAndSlowArrivesWhole() throws IOException {
		Socket client = connect();
		Socket server = accept();
		this.proxy.slice(1);
		this.proxy.slow(Duration.ofMillis(1));
		String text = "a message in many pieces";
		send(client, text);
		assertThat(receive(server, text.length())).isEqualTo(text);
	}

	@Test
	void whatIsInjectedComesBetweenAndAHalfClosedClientCanStillSpeak() throws IOException {
		Socket client = connect();
		Socket server = accept();
		await().until(() -> this.proxy.connections() == 1);
		this.proxy.inject("noise".getBytes(StandardCharsets.UTF_8));
		assertThat(receive(client, 5)).isEqualTo("noise");
		this.proxy.halfClose();
		assertThat(client.getInputStream().read()).isEqualTo(-1);
		send(client, "still here");
		assertThat(receive(server, 10)).isEqualTo("still here");
	}

	private Socket connect() throws IOException {
		return keep(new Socket(InetAddress.getLoopbackAddress(), this.proxy.port()));
	}

	private Socket accept() throws IOException {
		return keep(this.target.accept());
	}

	private Socket keep(Socket socket) throws IOException {
		socket.setSoTimeout(10_000);
		this.resources.add(socket);
		return socket;
	}

	private static void send(Socket socket, String text) throws IOException {
		socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
	}

	private static String receive(Socket socket, int length) throws IOException {
		InputStream in = socket.getInputStream();
		return new String(in.readNBytes(length), StandardCharsets.UTF_8);
	}

}
