package dev.backend.protocol;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

import dev.backend.tcp.TcpBackend;
import dev.backend.tcp.TcpCounters;
import dev.backend.tcp.TcpLimits;
import dev.backend.tcp.TcpLiveness;
import dev.backend.tcp.TcpSettings;
import dev.backend.test.SlowTest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static dev.backend.protocol.OneInstance.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The recipe of docs/codecs.md, against a broker that publishes all the time and closes
 * the connection of a client that it does not hear.
 */
@Timeout(60)
@SlowTest
class MqttKeepAliveTests {

	/** Longer than a busy machine lets the broker wait. */
	private static final int LIMIT_MILLIS = 2000;

	/** Take longer than the limit. */
	private static final int ENOUGH = 12;

	private final AtomicInteger kicked = new AtomicInteger();

	private final List<MqttPacket> published = new CopyOnWriteArrayList<>();

	private ScriptedServer broker;

	@BeforeEach
	void startBroker() throws IOException {
		this.broker = new ScriptedServer(this::serve);
	}

	@AfterEach
	void closeBroker() throws IOException {
		this.broker.close();
		assertThat(this.broker.failures()).isEmpty();
	}

	private void serve(DataInputStream in, OutputStream out, Socket socket) throws Exception {
		MqttPacket connect = read(in);
		assertThat(connect.body()).isEqualTo("\0\4MQTT\4\2\0\n\0\11gateway-1".getBytes(StandardCharsets.US_ASCII));
		write(out, MqttPacket.CONNACK, 0, 0);
		MqttPacket subscribe = read(in);
		assertThat(subscribe.body()).isEqualTo("\0\1\0\7games/#\0".getBytes(StandardCharsets.US_ASCII));
		write(out, MqttPacket.SUBACK, 0, 1, 0);
		socket.setSoTimeout(LIMIT_MILLIS);
		Thread publisher = new Thread(() -> publish(socket, out), "publisher");
		publisher.setDaemon(true);
		publisher.start();
		try {
			while (true) {
				assertThat(read(in).header()).isEqualTo(MqttPacket.PINGREQ);
			}
		}
		catch (SocketTimeoutException ex) {
			this.kicked.incrementAndGet();
		}
	}

	private static MqttPacket read(DataInputStream in) throws IOException {
		byte header = in.readByte();
		byte[] body = new byte[in.readByte()];
		in.readFully(body);
		return new MqttPacket(header, body);
	}

	private static void write(OutputStream out, int header, int... body) throws IOException {
		out.write(header);
		out.write(body.length);
		for (int next : body) {
			out.write(next);
		}
	}

	private static void publish(Socket socket, OutputStream out) {
		ByteBuf packet = Unpooled.buffer();
		new MqttCodec().encode(new MqttPacket(MqttPacket.PUBLISH, new byte[20_000]), packet);
		try {
			while (!socket.isClosed()) {
				packet.getBytes(0, out, packet.readableBytes());
				LockSupport.parkNanos(10_000_000);
			}
		}
		catch (SocketException ex) {
			// The connection was closed.
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private void assertStays(TcpSettings settings, MqttClient client, Runnable whileConnected) throws Exception {
		TcpLiveness defaults = TcpLiveness.defaults();
		TcpLiveness liveness = new TcpLiveness(defaults.heartbeatInterval(), defaults.heartbeatTimeout(), Duration.ZERO,
				Duration.ofMillis(300), defaults.writeProgressTimeout());
		try (TcpBackend<MqttPacket> backend = TcpBackend.builder()
			.discovery(new OneInstance(this.broker.port()))
			.settings(settings.withLiveness(liveness))
			.build(new MqttCodec(), client)) {
			backend.start();
			assertThat(backend.awaitReady(LONG)).isTrue();
			TcpCounters counters = backend.group("server").counters();
			await().atMost(LONG).until(() -> counters.heartbeats() >= ENOUGH || counters.disconnects() > 0);
			assertThat(counters.disconnects()).isZero();
			assertThat(this.kicked).hasValue(0);
			whileConnected.run();
		}
		byte[] received = this.broker.received().get(0);
		byte[] login = Arrays.copyOf(received, 37);
		assertThat(login).endsWith("games/#\0".getBytes(StandardCharsets.US_ASCII));
		for (int i = login.length; i < received.length; i++) {
			assertThat(received[i]).isEqualTo(((i - login.length) % 2 == 0) ? MqttPacket.PINGREQ : (byte) 0);
		}
	}

	@Test
	void aClientThatOnlyReceivesIsHeardByTheBroker() throws Exception {
		assertStays(TcpSettings.defaults(), new MqttClient() {
			@Override
			void published(MqttPacket packet) {
				MqttKeepAliveTests.this.published.add(packet);
			}
		}, () -> assertThat(this.published).isNotEmpty()
			.allSatisfy((packet) -> assertThat(packet.body()).hasSize(20_000)));
	}

	@Test
	void aClientWhoseHandlerIsBehindIsHeardByTheBroker() throws Exception {
		CountDownLatch goOn = new CountDownLatch(1);
		TcpLimits limits = TcpLimits.defaults();
		TcpSettings settings = TcpSettings.defaults().withLimits(limits.withInboundMessages(2));
		assertStays(settings, new MqttClient() {
			@Override
			void published(MqttPacket packet) throws InterruptedException {
				MqttKeepAliveTests.this.published.add(packet);
				goOn.await();
			}
		}, () -> assertThat(this.published).hasSize(1));
	}

	@ParameterizedTest
	@ValueSource(ints = { 0, 127, 128, 16_383, 16_384, 2_097_152 })
	void lengthsOfOneToFourBytesAreReadInPieces(int length) {
		MqttPacket packet = new MqttPacket(MqttPacket.PUBLISH, new byte[length]);
		ByteBuf bytes = Unpooled.buffer();
		new MqttCodec().encode(packet, bytes);
		int end = bytes.writerIndex();
		for (int i = 0; i < Math.min(end, 8); i++) {
			bytes.writerIndex(i);
			assertThat(new MqttCodec().decode(bytes)).isNull();
			assertThat(bytes.readerIndex()).isZero();
		}
		bytes.writerIndex(end);
		assertThat(new MqttCodec().decode(bytes)).satisfies((decoded) -> {
			assertThat(decoded.header()).isEqualTo(packet.header());
			assertThat(decoded.body()).hasSize(length);
		});
		assertThat(bytes.isReadable()).isFalse();
	}

}
