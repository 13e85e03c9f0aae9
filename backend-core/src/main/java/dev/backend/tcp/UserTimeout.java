package dev.backend.tcp;

import java.time.Duration;

import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets {@code TCP_USER_TIMEOUT} (RFC 5482) where the transport has it: epoll and
 * io_uring. The system then gives up a connection on which what was sent stays
 * unacknowledged for that long, which nothing above it can see.
 *
 * <p>
 * The options are found by their names, so that the classes of the native transports need
 * not be there; a transport that does not know an option says no. It is set when the
 * connection is up, not before: the system would apply it to the connecting, too.
 */
final class UserTimeout {

	private static final Logger logger = LoggerFactory.getLogger(UserTimeout.class);

	private static final ChannelOption<Integer> EPOLL = ChannelOption
		.valueOf("io.netty.channel.epoll.EpollChannelOption#TCP_USER_TIMEOUT");

	private static final ChannelOption<Integer> IO_URING = ChannelOption
		.valueOf("io.netty.channel.uring.IoUringChannelOption#TCP_USER_TIMEOUT");

	private UserTimeout() {
	}

	/**
	 * Sets the option.
	 * @param channel a connected channel
	 * @param timeout the time-out; zero leaves the system's own
	 * @return whether the transport has it
	 */
	static boolean set(Channel channel, Duration timeout) {
		if (timeout.isZero()) {
			return false;
		}
		int millis = PeerLiveness.Rules.millis(timeout);
		ChannelConfig config = channel.config();
		try {
			return config.setOption(EPOLL, millis) || config.setOption(IO_URING, millis);
		}
		catch (ChannelException ex) {
			logger.debug("{} refused TCP_USER_TIMEOUT = {} ms", channel, millis, ex);
			return false;
		}
	}

}
