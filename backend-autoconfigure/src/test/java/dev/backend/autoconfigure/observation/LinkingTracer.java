package dev.backend.autoconfigure.observation;

import java.util.concurrent.atomic.AtomicLong;

import io.micrometer.tracing.Span;
import io.micrometer.tracing.TraceContext;
import io.micrometer.tracing.test.simple.SimpleSpan;
import io.micrometer.tracing.test.simple.SimpleSpanBuilder;
import io.micrometer.tracing.test.simple.SimpleTraceContext;
import io.micrometer.tracing.test.simple.SimpleTracer;
import org.jspecify.annotations.Nullable;

/**
 * Like its parent, but what its builder makes belongs to the trace of the span's parent.
 */
final class LinkingTracer extends SimpleTracer {

	private final AtomicLong ids = new AtomicLong();

	@Override
	public SimpleSpanBuilder spanBuilder() {
		return new LinkingSpanBuilder();
	}

	private final class LinkingSpanBuilder extends SimpleSpanBuilder {

		private @Nullable TraceContext parent;

		private LinkingSpanBuilder() {
			super(LinkingTracer.this);
		}

		@Override
		public Span.Builder setParent(TraceContext parent) {
			this.parent = parent;
			return super.setParent(parent);
		}

		@Override
		public Span start() {
			SimpleSpan span = (SimpleSpan) super.start();
			SimpleTraceContext context = span.context();
			TraceContext parent = this.parent;
			context.setSpanId("span" + LinkingTracer.this.ids.incrementAndGet());
			context.setTraceId((parent != null) ? parent.traceId() : "trace of " + context.spanId());
			context.setParentId((parent != null) ? parent.spanId() : "");
			return span;
		}

	}

}
