package dev.backend.http;

import java.util.Set;
import java.util.TreeSet;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class HttpStateTests {

	@Test
	void theseMovesAndNoOthersAreLegal() {
		Set<String> legal = new TreeSet<>();
		for (HttpState from : HttpState.values()) {
			for (HttpState to : HttpState.values()) {
				if (from.canMoveTo(to)) {
					legal.add(from + " " + to);
				}
			}
		}
		assertThat(legal).containsExactlyInAnyOrder("DISCOVERED UP", "DISCOVERED DOWN", "DISCOVERED CLOSED", "UP DOWN",
				"UP EJECTED", "UP CLOSED", "DOWN UP", "DOWN DISCOVERED", "DOWN CLOSED", "EJECTED UP", "EJECTED DOWN",
				"EJECTED DISCOVERED", "EJECTED CLOSED");
	}

}
