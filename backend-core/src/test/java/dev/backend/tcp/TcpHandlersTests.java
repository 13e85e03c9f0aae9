package dev.backend.tcp;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * {@link TcpHandlers}.
 */
class TcpHandlersTests {

	@ParameterizedTest
	@CsvSource({ "32, false, 64", "1, false, 2", "32, true, 1024", "0, false, 1024", "0, true, 1024" })
	void connectionsAreMadeForTwiceTheThreadsThatLoginsNeed(int threads, boolean marksReady, int dials) {
		assertThat(new TcpHandlers(Runnable::run, threads, marksReady).concurrentDials()).isEqualTo(dials);
	}

}
