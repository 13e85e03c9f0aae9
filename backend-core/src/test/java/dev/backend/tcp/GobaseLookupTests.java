package dev.backend.tcp;

import java.util.List;
import java.util.stream.IntStream;

import dev.backend.Route;
import dev.backend.ServiceNotFoundException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

/**
 * The rows of docs/coming-from-gobase.md about look-ups.
 */
@Timeout(60)
class GobaseLookupTests {

	private static final Route HASH = Route.hash(TwoGroups.KEY);

	@RegisterExtension
	final TcpFixture tcp = new TcpFixture();

	@Test
	@Tag("gobase:b.GetGroup")
	@Tag("gobase:b.GetGroups")
	void groupsAreThoseWithAnInstance() {
		TwoGroups groups = TwoGroups.start(this.tcp);
		TcpBackend<Frame> backend = groups.backend();
		assertThat(backend.groups()).containsOnlyKeys("chat", "game");
		assertThat(backend.findGroup(" Game ")).isSameAs(backend.groups().get("game"));
		assertThat(backend.group("CHAT").name()).isEqualTo("chat");
		assertThat(backend.findGroup("mail")).isNull();
		assertThatExceptionOfType(ServiceNotFoundException.class).isThrownBy(() -> backend.group("mail"))
			.withMessageContaining("'mail'");
		groups.server("chat-1").stop();
		groups.server("chat-2").stop();
		this.tcp.discover(TcpFixture.instance("game-1", groups.server("game-1")));
		await().until(() -> backend.findGroup("chat") == null);
		assertThat(backend.groups()).containsOnlyKeys("game");
	}

	@Test
	@Tag("gobase:g.GetServices")
	void servicesOfAGroupAreThoseInEveryState() {
		TcpBackend<Frame> backend = TwoGroups.start(this.tcp).backend();
		assertThat(backend.group("chat").services()).extracting(TcpService::id)
			.containsExactlyInAnyOrder("chat-1", "chat-2", "chat-3");
		assertThat(backend.services()).hasSize(6);
	}

	@Test
	@Tag("gobase:b.GetService")
	@Tag("gobase:g.GetService")
	void aServiceIsFoundByItsIdInEveryState() {
		TcpBackend<Frame> backend = TwoGroups.start(this.tcp).backend();
		TcpService<Frame> unready = backend.getService("chat", " Chat-3 ");
		assertThat(unready.id()).isEqualTo("chat-3");
		assertThat(unready.state()).isNotEqualTo(TcpState.READY);
		assertThat(backend.findService("CHAT", "chat-3")).isSameAs(unready);
		assertThat(backend.group("chat").getService("CHAT-3")).isSameAs(unready);
		assertThat(backend.findService("game", "chat-3")).isNull();
		assertThat(backend.findService("mail", "chat-3")).isNull();
		assertThat(backend.group("game").findService("chat-3")).isNull();
		assertThatExceptionOfType(ServiceNotFoundException.class)
			.isThrownBy(() -> backend.getService("game", "game-9"));
		assertThatExceptionOfType(ServiceNotFoundException.class)
			.isThrownBy(() -> backend.group("game").getService("game-9"));
	}

	@Test
	@Tag("gobase:b.GetServiceByHash")
	@Tag("gobase:g.GetServiceByHash")
	void aKeyLeadsToItsOwnerAmongTheReadyServices() {
		TcpBackend<Frame> backend = TwoGroups.start(this.tcp).backend();
		TcpGroup<Frame> game = backend.group("game");
		assertThat(backend.select("Game", HASH).id()).isEqualTo("game-3");
		assertThat(backend.find("game", Route.hash("user-1"))).isSameAs(game.getService("game-2"));
		assertThat(game.select(HASH)).isSameAs(game.find(HASH)).isSameAs(game.getService("game-3"));
		assertThat(owners(backend.group("chat"), "")).containsExactlyInAnyOrder("chat-1", "chat-2");
		assertThat(backend.find("mail", HASH)).isNull();
		assertThatExceptionOfType(ServiceNotFoundException.class).isThrownBy(() -> backend.select("mail", HASH));
	}

	@Test
	@Tag("gobase:b.GetServiceByTagAndHash")
	@Tag("gobase:g.GetServiceByTagAndHash")
	void aKeyLeadsToItsOwnerAmongTheReadyServicesWithTheTag() {
		TcpBackend<Frame> backend = TwoGroups.start(this.tcp).backend();
		TcpGroup<Frame> game = backend.group("game");
		assertThat(backend.select("game", HASH.tag("EU ")).id()).isEqualTo("game-2");
		assertThat(backend.find("game", HASH.tag("us"))).isSameAs(game.getService("game-3"));
		assertThat(game.select(HASH.tag("eu"))).isSameAs(game.find(HASH.tag("eu"))).isSameAs(game.getService("game-2"));
		assertThat(owners(game, "eu")).containsExactlyInAnyOrder("game-1", "game-2");
		assertThat(owners(backend.group("chat"), "eu")).containsExactlyInAnyOrder("chat-1", "chat-2");
		assertThat(backend.find("chat", HASH.tag("us"))).isNull();
		assertThat(game.find(HASH.tag("asia"))).isNull();
		assertThatExceptionOfType(ServiceNotFoundException.class).isThrownBy(() -> game.select(HASH.tag("asia")))
			.withMessageContaining("asia");
	}

	private static List<String> owners(TcpGroup<Frame> group, String tag) {
		return IntStream.range(0, 200)
			.mapToObj((i) -> Route.hash("key-" + i))
			.map((route) -> group.select(tag.isEmpty() ? route : route.tag(tag)).id())
			.distinct()
			.toList();
	}

}
