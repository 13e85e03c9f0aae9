package dev.backend.test;

import java.io.IOException;
import java.net.ConnectException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

class FreePortsTests {

	@Test
	void portsAreDifferentAndNotOfTheSystemsOwn() {
		assertThat(FreePorts.several(100)).doesNotHaveDuplicates().allMatch((port) -> port >= 10_000 && port < 20_000);
	}

	@Test
	void whenSomethingListensThenThatPortIsLeftOut() throws IOException {
		InetAddress loopback = InetAddress.getLoopbackAddress();
		int tcpPort = FreePorts.one();
		int udpPort = FreePorts.one();
		try (ServerSocket tcp = new ServerSocket(tcpPort, 1, loopback);
				DatagramSocket udp = new DatagramSocket(udpPort, loopback)) {
			assertThat(IntStream.generate(FreePorts::one).limit(1000).boxed())
				.doesNotContain(tcp.getLocalPort(), udp.getLocalPort())
				.hasSize(1000);
		}
	}

	@Test
	void whenNothingListensThenConnectionsAreRefused() {
		int port = FreePorts.one();
		assertThatExceptionOfType(ConnectException.class)
			.isThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close());
	}

	@Test
	void whileProcessesAreStartedThenAServerGetsItsPort() throws IOException {
		AtomicBoolean ended = new AtomicBoolean();
		List<CompletableFuture<Void>> starters = IntStream.range(0, 4)
			.mapToObj(
					(i) -> CompletableFuture.runAsync(() -> startProcesses(ended), (task) -> new Thread(task).start()))
			.toList();
		try {
			for (int i = 0; i < 1000; i++) {
				int port = FreePorts.one();
				Thread.yield();
				new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
			}
		}
		finally {
			ended.set(true);
			starters.forEach(CompletableFuture::join);
		}
	}

	private static void startProcesses(AtomicBoolean ended) {
		String java = ProcessHandle.current().info().command().orElseThrow();
		while (!ended.get()) {
			try {
				new ProcessBuilder(java, "--version").start().destroyForcibly().onExit().join();
			}
			catch (IOException ex) {
				throw new IllegalStateException(ex);
			}
		}
	}

}
