package dev.backend.test;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;

/**
 * A buffer that counts the bytes that are looked at in it, and those that are copied
 * within it: when it grows, and when what was read is discarded. Views of it count, too.
 */
public final class CountingBuffer extends UnpooledHeapByteBuf {

	/** Buffers that are not tracked: a million of them would take minutes. */
	private static final ByteBufAllocator ALLOCATOR = new UnpooledByteBufAllocator(false, true);

	private long examined;

	private long copied;

	/** Creates an empty buffer. */
	public CountingBuffer() {
		super(ALLOCATOR, 1, Integer.MAX_VALUE);
	}

	/**
	 * Returns any other buffer with some bytes.
	 * @param bytes where they are
	 * @param begin the index of the first
	 * @param length how many
	 * @return the buffer
	 */
	public static ByteBuf plain(byte[] bytes, int begin, int length) {
		return ALLOCATOR.heapBuffer(length).writeBytes(bytes, begin, length);
	}

	/**
	 * Takes what has been counted so far, and counts anew.
	 * @return how many bytes
	 */
	public long takeExamined() {
		long taken = this.examined;
		this.examined = 0;
		return taken;
	}

	/**
	 * Takes what has been counted so far, and counts anew.
	 * @return how many bytes
	 */
	public long takeCopied() {
		long taken = this.copied;
		this.copied = 0;
		return taken;
	}

	@Override
	public ByteBuf capacity(int newCapacity) {
		this.copied += (newCapacity > capacity()) ? writerIndex() : 0;
		return super.capacity(newCapacity);
	}

	@Override
	public ByteBuf setBytes(int index, ByteBuf source, int sourceIndex, int length) {
		this.copied += (source == this) ? length : 0;
		return super.setBytes(index, source, sourceIndex, length);
	}

	@Override
	protected byte _getByte(int index) {
		this.examined++;
		return super._getByte(index);
	}

	@Override
	protected short _getShort(int index) {
		this.examined += Short.BYTES;
		return super._getShort(index);
	}

	@Override
	protected int _getUnsignedMedium(int index) {
		this.examined += 3;
		return super._getUnsignedMedium(index);
	}

	@Override
	protected int _getUnsignedMediumLE(int index) {
		this.examined += 3;
		return super._getUnsignedMediumLE(index);
	}

	@Override
	protected int _getInt(int index) {
		this.examined += Integer.BYTES;
		return super._getInt(index);
	}

	@Override
	protected int _getIntLE(int index) {
		this.examined += Integer.BYTES;
		return super._getIntLE(index);
	}

	@Override
	protected long _getLong(int index) {
		this.examined += Long.BYTES;
		return super._getLong(index);
	}

	@Override
	protected long _getLongLE(int index) {
		this.examined += Long.BYTES;
		return super._getLongLE(index);
	}

}
