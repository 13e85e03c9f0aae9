package dev.backend.benchmarks.rpc.dubbo;

import java.net.InetAddress;
import java.net.InetSocketAddress;

import org.apache.dubbo.common.URL;
import org.apache.dubbo.remoting.ChannelHandler;
import org.apache.dubbo.remoting.Client;
import org.apache.dubbo.remoting.RemotingException;
import org.apache.dubbo.remoting.RemotingServer;
import org.apache.dubbo.remoting.Transporter;
import org.apache.dubbo.remoting.transport.netty4.NettyClient;
import org.apache.dubbo.remoting.transport.netty4.NettyServer;

/**
 * Dubbo's own transport over Netty, but on the loopback address. Dubbo holds that for a
 * mistake: told to listen there it listens on all addresses, and told to connect there it
 * connects to another address of the machine. Found by its name {@code loopback} in
 * {@code META-INF/dubbo}.
 */
public final class LoopbackTransporter implements Transporter {

	@Override
	public RemotingServer bind(URL url, ChannelHandler handler) throws RemotingException {
		return new LoopbackServer(url, handler);
	}

	@Override
	public Client connect(URL url, ChannelHandler handler) throws RemotingException {
		return new LoopbackClient(url, handler);
	}

	private static InetSocketAddress address(URL url) {
		return new InetSocketAddress(InetAddress.getLoopbackAddress(), url.getPort());
	}

	private static final class LoopbackServer extends NettyServer {

		LoopbackServer(URL url, ChannelHandler handler) throws RemotingException {
			super(url, handler);
		}

		@Override
		public InetSocketAddress getBindAddress() {
			return address(getUrl());
		}

	}

	private static final class LoopbackClient extends NettyClient {

		LoopbackClient(URL url, ChannelHandler handler) throws RemotingException {
			super(url, handler);
		}

		@Override
		public InetSocketAddress getConnectAddress() {
			return address(getUrl());
		}

	}

}
