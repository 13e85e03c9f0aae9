package dev.backend.autoconfigure.http;

import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.client.ClientHttpResponse;

/**
 * A response whose outcome is told at the end of its body: a failure to read it counts
 * against the instance, also a body that is shorter than its head says, which some client
 * libraries let pass. One that is closed before its end has not failed.
 */
final class JudgedRestResponse implements ClientHttpResponse {

	private static final long UNKNOWN = -1;

	private final ClientHttpResponse response;

	private final RequestOutcome outcome;

	private final long expected;

	private @Nullable InputStream body;

	private JudgedRestResponse(ClientHttpResponse response, RequestOutcome outcome, long expected) {
		this.response = response;
		this.outcome = outcome;
		this.expected = expected;
	}

	/** Closes the response if it cannot be looked at: whoever gets none cannot. */
	static ClientHttpResponse of(ClientHttpResponse response, HttpMethod method, RequestOutcome outcome)
			throws IOException {
		try {
			int status = response.getStatusCode().value();
			outcome.answered(status);
			return new JudgedRestResponse(response, outcome, expected(response.getHeaders(), method, status));
		}
		catch (IOException | RuntimeException ex) {
			response.close();
			throw ex;
		}
	}

	/** An encoded body may have been decoded already. */
	private static long expected(HttpHeaders headers, HttpMethod method, int status) {
		boolean hasBody = method != HttpMethod.HEAD && status != 204 && status != 304;
		return (hasBody && headers.getFirst(HttpHeaders.CONTENT_ENCODING) == null) ? headers.getContentLength()
				: UNKNOWN;
	}

	@Override
	public HttpStatusCode getStatusCode() throws IOException {
		return this.response.getStatusCode();
	}

	@Override
	public String getStatusText() throws IOException {
		return this.response.getStatusText();
	}

	@Override
	public HttpHeaders getHeaders() {
		return this.response.getHeaders();
	}

	@Override
	public InputStream getBody() throws IOException {
		InputStream body = this.body;
		if (body == null) {
			try {
				body = new JudgedStream(this.response.getBody(), this.outcome, this.expected);
			}
			catch (IOException | RuntimeException ex) {
				this.outcome.failed(ex);
				throw ex;
			}
			this.body = body;
		}
		return body;
	}

	@Override
	public void close() {
		this.response.close();
		this.outcome.ended();
	}

	private static final class JudgedStream extends FilterInputStream {

		private final RequestOutcome outcome;

		private final long expected;

		private long seen;

		JudgedStream(InputStream in, RequestOutcome outcome, long expected) {
			super(in);
			this.outcome = outcome;
			this.expected = expected;
		}

		@Override
		public int read() throws IOException {
			try {
				int read = this.in.read();
				count(read, 1);
				return read;
			}
			catch (IOException | RuntimeException ex) {
				this.outcome.failed(ex);
				throw ex;
			}
		}

		@Override
		public int read(byte[] bytes, int offset, int length) throws IOException {
			try {
				int read = this.in.read(bytes, offset, length);
				count(read, read);
				return read;
			}
			catch (IOException | RuntimeException ex) {
				this.outcome.failed(ex);
				throw ex;
			}
		}

		@Override
		public long skip(long count) throws IOException {
			try {
				long skipped = this.in.skip(count);
				this.seen += skipped;
				return skipped;
			}
			catch (IOException | RuntimeException ex) {
				this.outcome.failed(ex);
				throw ex;
			}
		}

		/** What is read again after a mark would count twice. */
		@Override
		public boolean markSupported() {
			return false;
		}

		@Override
		public void close() throws IOException {
			this.in.close();
			this.outcome.ended();
		}

		private void count(int read, int bytes) {
			if (read >= 0) {
				this.seen += bytes;
			}
			else if (this.seen < this.expected) {
				this.outcome.failed(new EOFException(
						"the body ended after %d bytes (expected: %d)".formatted(this.seen, this.expected)));
			}
			else {
				this.outcome.ended();
			}
		}

	}

}
