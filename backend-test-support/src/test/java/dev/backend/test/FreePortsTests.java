package dev.backend.test;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

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

}
