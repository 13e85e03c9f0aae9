package dev.backend.tcp;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.InetNameResolver;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Promise;

/**
 * Finds the same addresses for every name, and counts how often it is asked.
 */
final class FixedResolver extends AddressResolverGroup<InetSocketAddress> {

	private final List<InetAddress> addresses;

	private final AtomicInteger questions = new AtomicInteger();

	FixedResolver(InetAddress... addresses) {
		this.addresses = List.of(addresses);
	}

	int questions() {
		return this.questions.get();
	}

	@Override
	protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
		return new InetNameResolver(executor) {
			@Override
			protected void doResolve(String name, Promise<InetAddress> promise) {
				FixedResolver.this.questions.incrementAndGet();
				promise.setSuccess(FixedResolver.this.addresses.get(0));
			}

			@Override
			protected void doResolveAll(String name, Promise<List<InetAddress>> promise) {
				FixedResolver.this.questions.incrementAndGet();
				promise.setSuccess(FixedResolver.this.addresses);
			}
		}.asAddressResolver();
	}

}
