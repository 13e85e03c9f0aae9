package dev.backend.benchmarks;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

import dev.backend.codec.DelimiterFraming;
import dev.backend.codec.FrameLayout;
import dev.backend.codec.FrameLayout.Counted;
import dev.backend.codec.Framing;
import dev.backend.codec.LengthFieldFraming;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Time of framing a body of 64 bytes, and of finding it again.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(3)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class FramingBenchmark {

	/** The frames. */
	@Param
	public Frames frames = Frames.LENGTH;

	private final byte[] body = "x".repeat(64).getBytes(StandardCharsets.US_ASCII);

	private final ByteBuf frame = PooledByteBufAllocator.DEFAULT.directBuffer(256);

	private final ByteBuf out = PooledByteBufAllocator.DEFAULT.directBuffer(256);

	private Framing framing = Frames.LENGTH.framing;

	/** Writes the frame that is decoded. */
	@Setup
	public void prepare() {
		this.framing = this.frames.framing;
		encode(this.frame);
	}

	/** Releases the buffers. */
	@TearDown
	public void release() {
		this.frame.release();
		this.out.release();
	}

	/**
	 * Frames the body.
	 * @return the buffer
	 */
	@Benchmark
	public ByteBuf encode() {
		return encode(this.out.clear());
	}

	private ByteBuf encode(ByteBuf out) {
		this.framing.begin(out);
		out.writeBytes(this.body);
		this.framing.end(out, 0);
		return out;
	}

	/**
	 * Finds the body.
	 * @return the body
	 */
	@Benchmark
	public @Nullable ByteBuf decode() {
		return this.framing.next(this.frame.readerIndex(0));
	}

	/** How a frame is found. */
	public enum Frames {

		/** A length of 4 bytes. */
		LENGTH(LengthFieldFraming.of(4)),

		/** A line. */
		LINE(DelimiterFraming.line()),

		/** A header with a type, a length and an id. */
		HEADER(FrameLayout.builder().type(2).length(4, Counted.BODY).id(4).body().build());

		private final Framing framing;

		Frames(Framing framing) {
			this.framing = framing;
		}

	}

}
