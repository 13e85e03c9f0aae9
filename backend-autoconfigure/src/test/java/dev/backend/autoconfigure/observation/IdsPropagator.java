package dev.backend.autoconfigure.observation;

import java.util.List;

import io.micrometer.tracing.Span;
import io.micrometer.tracing.TraceContext;
import io.micrometer.tracing.Tracer;
import io.micrometer.tracing.propagation.Propagator;
import io.micrometer.tracing.test.simple.SimpleTraceContext;
import org.jspecify.annotations.Nullable;

/**
 * Puts trace id and span id into one entry.
 *
 * @param tracer makes the spans
 */
record IdsPropagator(Tracer tracer) implements Propagator {

	@Override
	public List<String> fields() {
		return List.of("ids");
	}

	@Override
	public <C> void inject(TraceContext context, @Nullable C carrier, Setter<C> setter) {
		setter.set(carrier, "ids", context.traceId() + "-" + context.spanId());
	}

	@Override
	public <C> Span.Builder extract(@Nullable C carrier, Getter<C> getter) {
		String ids = (carrier != null) ? getter.get(carrier, "ids") : null;
		Span.Builder builder = this.tracer.spanBuilder();
		if (ids == null) {
			return builder;
		}
		int dash = ids.indexOf('-');
		SimpleTraceContext context = new SimpleTraceContext();
		context.setTraceId(ids.substring(0, dash));
		context.setSpanId(ids.substring(dash + 1));
		return builder.setParent(context);
	}

}
