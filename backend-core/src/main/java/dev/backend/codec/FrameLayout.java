package dev.backend.codec;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import dev.backend.settings.SettingChecks;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * A description of frames, part by part in the order of the wire: a header with a length,
 * a type, an id and other numbers, the body, and what follows it. Immutable.
 *
 * <pre>{@code
 * FrameLayout layout = FrameLayout.builder().type(2).length(4, Counted.BODY).id(4).body().build();
 * FrameLayout stxEtx = FrameLayout.builder().start(2).body().end(3).checksum(1, Checksum.xor()).build();
 * }</pre>
 *
 * The end of a frame is known by its length, or else is searched for by its end bytes. A
 * codec sees and writes the body alone; all else is the layout's, so that nothing of a
 * body is ever overwritten. Numbers of the header are read and written by their
 * {@link FrameField fields}; one that is not written is 0.
 *
 * <p>
 * What violates the layout is refused with a {@link CodecException} as soon as it has
 * arrived: a length out of bounds, other bytes where they are fixed, no end within the
 * bound. A wrong checksum is refused when what it covers is there. No memory is taken for
 * what has not arrived. A frame with {@link Builder#escaping escaped} bytes is restored
 * in place, when all of it is there.
 */
public final class FrameLayout implements Framing {

	/** The name of the field that {@link Builder#type} adds. */
	public static final String TYPE = "type";

	/** The name of the field that {@link Builder#id} adds. */
	public static final String ID = "id";

	/** The name of the field that {@link Builder#flags} adds. */
	public static final String FLAGS = "flags";

	private final String text;

	private final Map<String, FrameField> fields;

	private final Frames frames;

	private final int maxFrameBytes;

	private FrameLayout(String text, Map<String, FrameField> fields, Frames frames, int maxFrameBytes) {
		this.text = text;
		this.fields = fields;
		this.frames = frames;
		this.maxFrameBytes = maxFrameBytes;
	}

	/**
	 * Returns a builder, to which the parts are added in their order.
	 * @return the builder
	 */
	public static Builder builder() {
		return new Builder();
	}

	/**
	 * Returns this with another bound.
	 * @param maxFrameBytes the largest whole frame, either way, as it is on the wire. The
	 * backend has a bound of its own, {@code backend.tcp.limits.frame-bytes}; the smaller
	 * one counts
	 * @return a changed copy
	 * @throws IllegalArgumentException if no frame would fit
	 */
	public FrameLayout withMaxFrameBytes(int maxFrameBytes) {
		return new FrameLayout(this.text, this.fields, this.frames.withMaxFrameBytes(maxFrameBytes), maxFrameBytes);
	}

	/**
	 * Returns the largest whole frame.
	 * @return its bytes
	 */
	public int maxFrameBytes() {
		return this.maxFrameBytes;
	}

	/**
	 * Returns the fields of the header by their names, in their order.
	 * @return an immutable map
	 */
	public Map<String, FrameField> fields() {
		return this.fields;
	}

	/**
	 * Returns a field of the header.
	 * @param name its name, such as {@value #TYPE}
	 * @return the field
	 * @throws IllegalArgumentException if there is none
	 */
	public FrameField field(String name) {
		FrameField field = this.fields.get(name);
		if (field == null) {
			throw new IllegalArgumentException("field: %s (expected: one of %s)".formatted(name, this.fields.keySet()));
		}
		return field;
	}

	@Override
	public void begin(ByteBuf out) {
		this.frames.begin(out);
	}

	@Override
	public void end(ByteBuf out, int start) {
		this.frames.end(out, start);
	}

	@Override
	public @Nullable ByteBuf next(ByteBuf in) {
		return this.frames.next(in);
	}

	@Override
	public @Nullable ByteBuf next(ByteBuf in, int examined) {
		return this.frames.next(in, examined);
	}

	@Override
	public String toString() {
		return "FrameLayout[%s, maxFrameBytes=%d]".formatted(this.text, this.maxFrameBytes);
	}

	/** What the value of a length counts. */
	public enum Counted {

		/** The body. */
		BODY,

		/** All that follows the length. */
		FOLLOWING,

		/** The whole frame. */
		FRAME

	}

	/**
	 * Adds the parts of a layout in their order. Not safe for use by several threads.
	 */
	public static final class Builder {

		private final List<String> texts = new ArrayList<>();

		private final Map<String, NumberPart> numbers = new LinkedHashMap<>();

		private final List<FrameParts.Constant> headerConstants = new ArrayList<>();

		private final List<FrameParts.Constant> trailerConstants = new ArrayList<>();

		private final List<ChecksumPart> checksums = new ArrayList<>();

		private final ByteArrayOutputStream header = new ByteArrayOutputStream();

		private final ByteArrayOutputStream trailer = new ByteArrayOutputStream();

		private int startBytes;

		private @Nullable LengthPart length;

		private boolean body;

		private byte @Nullable [] end;

		private int endOffset;

		private boolean lines;

		private @Nullable Escaping escaping;

		private int maxFrameBytes = DEFAULT_MAX_FRAME_BYTES;

		private Builder() {
		}

		/**
		 * Adds the bytes that every frame starts with.
		 * @param bytes the bytes, each 0 to 255; at least one
		 * @return this
		 * @throws IllegalArgumentException if they are not the first part
		 */
		public Builder start(int... bytes) {
			expect(this.texts.isEmpty(), "start", "the first part");
			this.startBytes = bytes.length;
			return constant("start", octets("start", bytes));
		}

		/**
		 * Adds bytes that are always the same, such as a version.
		 * @param bytes the bytes, each 0 to 255; at least one
		 * @return this
		 */
		public Builder constant(int... bytes) {
			return constant("constant", octets("constant", bytes));
		}

		/**
		 * Adds text that is always the same.
		 * @param text the text, in UTF-8; not empty
		 * @return this
		 */
		public Builder constant(String text) {
			return constant("constant", notEmpty("constant", text.getBytes(StandardCharsets.UTF_8)));
		}

		private Builder constant(String name, byte[] bytes) {
			ByteArrayOutputStream to = part();
			(this.body ? this.trailerConstants : this.headerConstants).add(new FrameParts.Constant(to.size(), bytes));
			to.writeBytes(bytes);
			return text("%s:%d".formatted(name, bytes.length));
		}

		/**
		 * Adds a length of some bytes, the highest first, that counts all that follows
		 * it.
		 * @param bytes the size, 1 to 8
		 * @return this
		 */
		public Builder length(int bytes) {
			return length(bytes, Counted.FOLLOWING);
		}

		/**
		 * Adds a length of some bytes, the highest first.
		 * @param bytes the size, 1 to 8
		 * @param counted what it counts
		 * @return this
		 */
		public Builder length(int bytes, Counted counted) {
			return length(FieldFormat.bigEndian(bytes), counted);
		}

		/**
		 * Adds a length.
		 * @param format how it is written
		 * @param counted what it counts
		 * @return this
		 */
		public Builder length(FieldFormat format, Counted counted) {
			return length(format, counted, 0);
		}

		/**
		 * Adds a length whose value differs from what it counts. There is one at most,
		 * and it stands before the body.
		 * @param format how it is written
		 * @param counted what it counts
		 * @param adjustment what to add to the value to get the number of the counted
		 * bytes
		 * @return this
		 */
		public Builder length(FieldFormat format, Counted counted, int adjustment) {
			expect(!this.body && this.length == null, "length", "one, before the body");
			this.length = new LengthPart(format, this.header.size(), counted, adjustment);
			part().writeBytes(new byte[format.mostBytes()]);
			return text("length:" + format);
		}

		/**
		 * Adds the field {@value FrameLayout#TYPE}, the highest byte first.
		 * @param bytes the size, 1 to 8
		 * @return this
		 */
		public Builder type(int bytes) {
			return field(TYPE, bytes);
		}

		/**
		 * Adds the field {@value FrameLayout#TYPE}.
		 * @param format how it is written
		 * @return this
		 */
		public Builder type(FieldFormat format) {
			return field(TYPE, format);
		}

		/**
		 * Adds the field {@value FrameLayout#ID}, the highest byte first.
		 * @param bytes the size, 1 to 8
		 * @return this
		 */
		public Builder id(int bytes) {
			return field(ID, bytes);
		}

		/**
		 * Adds the field {@value FrameLayout#ID}.
		 * @param format how it is written
		 * @return this
		 */
		public Builder id(FieldFormat format) {
			return field(ID, format);
		}

		/**
		 * Adds the field {@value FrameLayout#FLAGS}, the highest byte first.
		 * @param bytes the size, 1 to 8
		 * @return this
		 */
		public Builder flags(int bytes) {
			return field(FLAGS, bytes);
		}

		/**
		 * Adds the field {@value FrameLayout#FLAGS}.
		 * @param format how it is written
		 * @return this
		 */
		public Builder flags(FieldFormat format) {
			return field(FLAGS, format);
		}

		/**
		 * Adds a field of any name, the highest byte first.
		 * @param name its name, such as {@code version}
		 * @param bytes the size, 1 to 8
		 * @return this
		 */
		public Builder field(String name, int bytes) {
			return field(name, FieldFormat.bigEndian(bytes));
		}

		/**
		 * Adds a field of any name.
		 * @param name its name, such as {@code version}
		 * @param format how it is written; of a fixed size
		 * @return this
		 * @throws IllegalArgumentException if there is one of that name, its size is not
		 * fixed, or the body is there already
		 */
		public Builder field(String name, FieldFormat format) {
			SettingChecks.require(!name.isBlank() && !this.numbers.containsKey(name), "field", name,
					"another name than %s".formatted(this.numbers.keySet()));
			expect(!this.body, name, "before the body");
			expect(format.fixed(), name, "a fixed size");
			this.numbers.put(name, new NumberPart(format, this.header.size()));
			return number(name, format);
		}

		private Builder number(String name, FieldFormat format) {
			byte[] zero = new byte[format.mostBytes()];
			format.set(Unpooled.wrappedBuffer(zero), 0, zero.length, 0);
			part().writeBytes(zero);
			return text("%s:%s".formatted(name, format));
		}

		/**
		 * Adds a checksum over all that stands before it, but for the start bytes; the
		 * highest byte first.
		 * @param bytes the size, 1 to 8
		 * @param checksum the checksum
		 * @return this
		 */
		public Builder checksum(int bytes, Checksum checksum) {
			return checksum(FieldFormat.bigEndian(bytes), checksum, Checksum.Covered.BEFORE_WITHOUT_START);
		}

		/**
		 * Adds a checksum, in the header or behind the body.
		 * @param format how it is written; of a fixed size
		 * @param checksum the checksum
		 * @param covered which bytes it covers
		 * @return this
		 * @throws IllegalArgumentException if its size is not fixed
		 */
		public Builder checksum(FieldFormat format, Checksum checksum, Checksum.Covered covered) {
			expect(format.fixed(), "checksum", "a fixed size");
			this.checksums.add(new ChecksumPart(!this.body, part().size(), format, checksum, covered));
			return number("checksum", format);
		}

		/**
		 * Adds the body, which the codec sees and writes.
		 * @return this
		 */
		public Builder body() {
			expect(!this.body, "body", "one");
			this.body = true;
			return text("body");
		}

		/**
		 * Adds the bytes that a frame ends with, perhaps before a checksum. Without a
		 * length they are searched for, and a body that contains them is refused, unless
		 * it is {@link #escaping escaped}.
		 * @param bytes the bytes, each 0 to 255; at least one
		 * @return this
		 * @throws IllegalArgumentException if there are such bytes already, or no body
		 */
		public Builder end(int... bytes) {
			return end(octets("end", bytes));
		}

		/**
		 * Adds the text that a frame ends with; see {@link #end(int...)}.
		 * @param text the text, in UTF-8; not empty
		 * @return this
		 */
		public Builder end(String text) {
			return end(notEmpty("end", text.getBytes(StandardCharsets.UTF_8)));
		}

		Builder end(byte[] bytes) {
			expect(this.body && this.end == null, "end", "one, behind the body");
			this.end = bytes;
			this.endOffset = this.trailer.size();
			this.trailer.writeBytes(bytes);
			return text("end:" + bytes.length);
		}

		/** Adds the end of a line: {@code \n}, or {@code \r\n}, which is read as well. */
		Builder lineEnd(String written) {
			this.lines = true;
			return end(written);
		}

		/**
		 * Escapes all between the start and the end bytes, fields and checksum as well.
		 * Only where the end is searched for and is the last part.
		 * @param escaping which bytes are escaped, and how
		 * @return this
		 */
		public Builder escaping(Escaping escaping) {
			this.escaping = escaping;
			return this;
		}

		/**
		 * Sets the largest whole frame, either way, as it is on the wire.
		 * @param maxFrameBytes by default {@value Framing#DEFAULT_MAX_FRAME_BYTES}. The
		 * backend has a bound of its own, {@code backend.tcp.limits.frame-bytes}; the
		 * smaller one counts
		 * @return this
		 */
		public Builder maxFrameBytes(int maxFrameBytes) {
			this.maxFrameBytes = maxFrameBytes;
			return this;
		}

		/**
		 * Builds the layout.
		 * @return the layout
		 * @throws IllegalArgumentException if the parts make no frame: no body, neither
		 * length nor end, an escaping that does not fit, checksums that cover each other,
		 * or a bound that no frame is within
		 */
		public FrameLayout build() {
			expect(this.body, "layout", "with a body");
			LengthPart length = this.length;
			byte[] end = this.end;
			if (length != null) {
				expect(this.escaping == null, "escaping", "without a length");
				return byLength(length, end);
			}
			if (end == null) {
				throw new IllegalArgumentException(
						"layout: %s (expected: with a length, or an end)".formatted(String.join(", ", this.texts)));
			}
			return byEnd(end);
		}

		private FrameLayout byLength(LengthPart length, byte @Nullable [] end) {
			List<FrameParts.Constant> constants = this.trailerConstants;
			if (end != null) {
				constants = Stream.concat(constants.stream(), Stream.of(new FrameParts.Constant(this.endOffset, end)))
					.toList();
			}
			FrameParts parts = parts(length.offset + length.format.mostBytes(), constants);
			LengthFrames frames = new LengthFrames(parts, length.format, length.offset, length.counted,
					length.adjustment);
			return new FrameLayout(text(), fields(length), frames, this.maxFrameBytes);
		}

		private FrameLayout byEnd(byte[] end) {
			if (this.escaping != null) {
				expect(this.endOffset + end.length == this.trailer.size(), "escaping", "with the end as the last part");
				this.escaping.check(end[0]);
			}
			FrameParts parts = parts(Integer.MAX_VALUE, this.trailerConstants);
			byte[] searched = this.lines ? new byte[] { '\n' } : end;
			DelimitedFrames frames = new DelimitedFrames(parts, new Delimiter(searched), this.endOffset, end.length,
					this.lines, this.escaping);
			return new FrameLayout(text(), fields(null), frames, this.maxFrameBytes);
		}

		private FrameParts parts(int slackFrom, List<FrameParts.Constant> trailerConstants) {
			FrameParts.HeaderSizes sizes = new FrameParts.HeaderSizes(this.startBytes, this.header.size(), slackFrom);
			List<FrameParts.Sum> sums = checksums().stream()
				.map((part) -> new FrameParts.Sum(part.inHeader, part.offset, part.format, part.checksum, part.covered,
						sizes))
				.toList();
			return new FrameParts(this.startBytes, this.header.toByteArray(), this.trailer.toByteArray(), slackFrom,
					this.headerConstants, trailerConstants, sums, this.maxFrameBytes);
		}

		/** Those last that cover others. */
		private List<ChecksumPart> checksums() {
			List<ChecksumPart> ordered = new ArrayList<>();
			for (ChecksumPart part : this.checksums) {
				expect(part.covered == Checksum.Covered.BODY || part.covered == Checksum.Covered.BEHIND
						|| ordered.stream().noneMatch((other) -> other.covered == Checksum.Covered.BEHIND), "checksum",
						"none that covers another that covers it");
				ordered.add((part.covered == Checksum.Covered.BEHIND) ? 0 : ordered.size(), part);
			}
			Collections.rotate(ordered,
					(int) -ordered.stream().takeWhile((part) -> part.covered == Checksum.Covered.BEHIND).count());
			return ordered;
		}

		private Map<String, FrameField> fields(@Nullable LengthPart length) {
			FieldFormat format = (length != null && !length.format.fixed()) ? length.format : null;
			int growingOffset = (length != null) ? length.offset : 0;
			return this.numbers.entrySet()
				.stream()
				.collect(Collectors.collectingAndThen(Collectors.toMap(Map.Entry::getKey,
						(entry) -> field(entry, format, growingOffset), (one, other) -> one, LinkedHashMap::new),
						Collections::unmodifiableMap));
		}

		private static FrameField field(Map.Entry<String, NumberPart> entry, @Nullable FieldFormat growing,
				int growingOffset) {
			NumberPart part = entry.getValue();
			return new FrameField(entry.getKey(), part.format, part.offset,
					(part.offset > growingOffset) ? growing : null, growingOffset);
		}

		private String text() {
			return String.join(", ", this.texts);
		}

		private Builder text(String text) {
			this.texts.add(text);
			return this;
		}

		private ByteArrayOutputStream part() {
			return this.body ? this.trailer : this.header;
		}

		private static byte[] octets(String name, int[] values) {
			byte[] bytes = new byte[values.length];
			for (int i = 0; i < values.length; i++) {
				bytes[i] = (byte) SettingChecks.inRange(name, values[i], 0, 255);
			}
			return notEmpty(name, bytes);
		}

		static byte[] notEmpty(String name, byte[] bytes) {
			SettingChecks.require(bytes.length > 0, name, "0 bytes", "at least 1");
			return bytes;
		}

		private void expect(boolean condition, String name, String expectation) {
			SettingChecks.require(condition, name, "[%s]".formatted(text()), expectation);
		}

		private record NumberPart(FieldFormat format, int offset) {
		}

		private record LengthPart(FieldFormat format, int offset, Counted counted, int adjustment) {
		}

		private record ChecksumPart(boolean inHeader, int offset, FieldFormat format, Checksum checksum,
				Checksum.Covered covered) {
		}

	}

}
