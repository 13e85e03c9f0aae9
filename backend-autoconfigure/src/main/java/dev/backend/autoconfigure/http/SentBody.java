package dev.backend.autoconfigure.http;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

import org.springframework.http.StreamingHttpOutputMessage.Body;

/**
 * The body of a request as a client library asks for it, and what became of that. A
 * library may ask on another thread than that of the request.
 */
final class SentBody implements Body {

	private final Body body;

	private volatile boolean begun;

	private volatile boolean sourceFailed;

	SentBody(Body body) {
		this.body = body;
	}

	@Override
	public void writeTo(OutputStream outputStream) throws IOException {
		this.begun = true;
		Sink sink = new Sink(outputStream);
		try {
			this.body.writeTo(sink);
		}
		catch (IOException | RuntimeException ex) {
			this.sourceFailed = !sink.failed;
			throw ex;
		}
	}

	@Override
	public boolean repeatable() {
		return this.body.repeatable();
	}

	/** Whether somebody has asked for the body. */
	boolean begun() {
		return this.begun;
	}

	/**
	 * Whether the body failed of itself: it could not be read, or not be written down.
	 */
	boolean sourceFailed() {
		return this.sourceFailed;
	}

	/** Tells a failure of the connection from one of the body. */
	private static final class Sink extends FilterOutputStream {

		private boolean failed;

		Sink(OutputStream out) {
			super(out);
		}

		@Override
		public void write(int b) throws IOException {
			try {
				this.out.write(b);
			}
			catch (IOException | RuntimeException ex) {
				this.failed = true;
				throw ex;
			}
		}

		@Override
		public void write(byte[] bytes, int offset, int length) throws IOException {
			try {
				this.out.write(bytes, offset, length);
			}
			catch (IOException | RuntimeException ex) {
				this.failed = true;
				throw ex;
			}
		}

		@Override
		public void flush() throws IOException {
			try {
				this.out.flush();
			}
			catch (IOException | RuntimeException ex) {
				this.failed = true;
				throw ex;
			}
		}

	}

}
