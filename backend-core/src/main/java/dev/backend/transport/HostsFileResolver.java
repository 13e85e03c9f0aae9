package dev.backend.transport;

import java.net.InetAddress;
import java.util.List;

import io.netty.channel.EventLoop;
import io.netty.resolver.InetNameResolver;
import io.netty.resolver.NameResolver;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.PromiseNotifier;

/**
 * Looks a name up in the hosts file, and asks another resolver if it is not there.
 */
final class HostsFileResolver extends InetNameResolver {

	private final HostsFile hostsFile;

	private final NameResolver<InetAddress> next;

	HostsFileResolver(EventLoop eventLoop, HostsFile hostsFile, NameResolver<InetAddress> next) {
		super(eventLoop);
		this.hostsFile = hostsFile;
		this.next = next;
	}

	@Override
	protected void doResolve(String name, Promise<InetAddress> promise) {
		List<InetAddress> addresses = this.hostsFile.addresses(name);
		if (!addresses.isEmpty()) {
			promise.setSuccess(addresses.get(0));
		}
		else {
			PromiseNotifier.cascade(this.next.resolve(name), promise);
		}
	}

	@Override
	protected void doResolveAll(String name, Promise<List<InetAddress>> promise) {
		List<InetAddress> addresses = this.hostsFile.addresses(name);
		if (!addresses.isEmpty()) {
			promise.setSuccess(addresses);
		}
		else {
			PromiseNotifier.cascade(this.next.resolveAll(name), promise);
		}
	}

	@Override
	public void close() {
		this.next.close();
	}

}
