package dev.backend.fleet;

import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class MarkedServicesTests {

	private final MarkedServices marked = new MarkedServices();

	@Test
	void whenThereAreManyThenTheOldestOfThoseThatAreGoneAreForgotten() {
		for (int i = 0; i < 1002; i++) {
			this.marked.add(new ServiceKey("game", "id-" + i), (key) -> key.id().equals("id-0"));
		}
		assertThat(this.marked.view().get("game")).hasSize(1000).contains("id-0", "id-3", "id-1001");
		assertThat(this.marked.contains(new ServiceKey("game", "id-1"))).isFalse();
		assertThat(this.marked.contains(new ServiceKey("game", "id-2"))).isFalse();
	}

	@Test
	void whenAllAreKnownThenNoneIsForgotten() {
		for (int i = 0; i < 1002; i++) {
			this.marked.add(new ServiceKey("game", "id-" + i), (key) -> true);
		}
		assertThat(this.marked.view().get("game")).hasSize(1002);
	}

	@Test
	void theViewShowsWhatIsMarked() {
		this.marked.add(new ServiceKey("game", "game-1"), (key) -> true);
		this.marked.add(new ServiceKey("game", "game-2"), (key) -> true);
		this.marked.add(new ServiceKey("pay", "pay-1"), (key) -> true);
		assertThat(this.marked.remove(new ServiceKey("pay", "pay-1"))).isTrue();
		assertThat(this.marked.remove(new ServiceKey("pay", "pay-1"))).isFalse();
		assertThat(this.marked.view()).isEqualTo(Map.of("game", Set.of("game-1", "game-2")));
	}

}
