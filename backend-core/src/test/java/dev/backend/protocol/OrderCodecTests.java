package dev.backend.protocol;

import java.util.ArrayList;
import java.util.List;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class OrderCodecTests {

	private final OrderCodec codec = new OrderCodec();

	@Test
	void ordersAreTheSameInPiecesOfAnySize() throws Exception {
		List<Order> orders = List.of(new Order(1, ""), new Order(2, "two"), new Order(-3, "三"));
		ByteBuf sent = Unpooled.buffer();
		for (Order order : orders) {
			this.codec.encode(order, sent);
		}
		for (int size = 1; size <= sent.readableBytes(); size++) {
			assertThat(decode(sent.duplicate(), size)).as("pieces of %d bytes", size).isEqualTo(orders);
		}
	}

	@Test
	void bytesOfTheLogAreDecodedAgain() throws Exception {
		ByteBuf arrived = Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump("07000200000074776f"));
		assertThat(decode(arrived, arrived.readableBytes())).containsExactly(new Order(2, "two"));
	}

	@Test
	void aFrameWithoutAnIdIsRefused() {
		ByteBuf arrived = Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump("02000000"));
		assertThatThrownBy(() -> decode(arrived, 1)).isInstanceOf(IndexOutOfBoundsException.class);
	}

	/** As a connection does it: each piece is put behind what was left. */
	private List<Order> decode(ByteBuf arriving, int size) throws Exception {
		List<Order> orders = new ArrayList<>();
		ByteBuf in = Unpooled.buffer();
		while (arriving.isReadable()) {
			in.writeBytes(arriving, Math.min(size, arriving.readableBytes()));
			int before;
			do {
				before = in.readerIndex();
				Order order = this.codec.decode(in);
				if (order != null) {
					orders.add(order);
				}
			}
			while (in.readerIndex() > before);
		}
		assertThat(in.readableBytes()).as("left over").isZero();
		return orders;
	}

}
