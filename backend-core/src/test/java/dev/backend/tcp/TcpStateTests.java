package dev.backend.tcp;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

import dev.backend.Availability;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link TcpState}: every move from every state.
 */
class TcpStateTests {

	private static final Map<TcpState, Set<TcpState>> ALLOWED = Map.of(TcpState.DISCOVERED,
			EnumSet.of(TcpState.CONNECTING, TcpState.SUSPENDED, TcpState.CLOSED), TcpState.CONNECTING,
			EnumSet.of(TcpState.CONNECTED, TcpState.BACKOFF, TcpState.SUSPENDED, TcpState.CLOSED), TcpState.CONNECTED,
			EnumSet.of(TcpState.READY, TcpState.BACKOFF, TcpState.DRAINING, TcpState.CLOSED), TcpState.READY,
			EnumSet.of(TcpState.BACKOFF, TcpState.DRAINING, TcpState.CLOSED), TcpState.BACKOFF,
			EnumSet.of(TcpState.CONNECTING, TcpState.SUSPENDED, TcpState.CLOSED), TcpState.DRAINING,
			EnumSet.of(TcpState.READY, TcpState.BACKOFF, TcpState.SUSPENDED, TcpState.CLOSED), TcpState.SUSPENDED,
			EnumSet.of(TcpState.CONNECTING, TcpState.CLOSED), TcpState.CLOSED, EnumSet.noneOf(TcpState.class));

	@ParameterizedTest
	@EnumSource
	void movesAreAllowedOrRefused(TcpState state) {
		for (TcpState next : TcpState.values()) {
			assertThat(state.canMoveTo(next)).as("%s -> %s", state, next)
				.isEqualTo(ALLOWED.getOrDefault(state, Set.of()).contains(next));
		}
	}

	@ParameterizedTest
	@EnumSource
	void onlyReadyMayBeChosenAndOnlyClosedIsFinal(TcpState state) {
		assertThat(state.availability() == Availability.READY).isEqualTo(state == TcpState.READY);
		assertThat(state.availability() == Availability.DRAINING).isEqualTo(state == TcpState.DRAINING);
		assertThat(state.availability() == Availability.CLOSED).isEqualTo(state == TcpState.CLOSED);
	}

	@ParameterizedTest
	@EnumSource
	void connectedStatesAreThoseWithAConnection(TcpState state) {
		assertThat(state.connected())
			.isEqualTo(state == TcpState.CONNECTED || state == TcpState.READY || state == TcpState.DRAINING);
	}

}
