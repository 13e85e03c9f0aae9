package dev.backend.http;

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
 * The rows of docs/coming-from-gobase.md about the look-ups of HttpBackend.
 */
@Timeout(60)
class GobaseHttpLookupTests {

	private static final Route HASH = Route.hash(HttpFixture.KEY);

	@RegisterExtension
	final HttpFixture http = new HttpFixture();

	@Test
	@Tag("gobase:hb.GetGroup")
	@Tag("gobase:hb.GetGroups")
	void groupsAreThoseWithAnInstance() {
		HttpBackend backend = this.http.start();
		assertThat(backend.groups()).containsOnlyKeys("mail", "pay");
		assertThat(backend.findGroup(" Pay ")).isSameAs(backend.groups().get("pay"));
		assertThat(backend.group("MAIL").name()).isEqualTo("mail");
		assertThat(backend.findGroup("chat")).isNull();
		assertThatExceptionOfType(ServiceNotFoundException.class).isThrownBy(() -> backend.group("chat"))
			.withMessageContaining("'chat'");
		this.http.discover("pay-1", "pay-2");
		await().until(() -> backend.findGroup("mail") == null);
		assertThat(backend.groups()).containsOnlyKeys("pay");
	}

	@Test
	@Tag("gobase:hg.GetServices")
	void servicesOfAGroupAreThoseInEveryState() {
		HttpBackend backend = this.http.start();
		assertThat(backend.group("mail").services()).extracting(HttpService::id)
			.containsExactlyInAnyOrder("mail-1", "mail-2");
		assertThat(backend.services()).hasSize(5);
	}

	@Test
	@Tag("gobase:hb.GetService")
	@Tag("gobase:hg.GetService")
	void aServiceIsFoundByItsIdInEveryState() {
		HttpBackend backend = this.http.start();
		HttpService down = backend.getService("mail", " Mail-2 ");
		assertThat(down.id()).isEqualTo("mail-2");
		await().until(() -> down.state() == HttpState.DOWN);
		assertThat(backend.findService("MAIL", "mail-2")).isSameAs(down);
		assertThat(backend.group("mail").getService("MAIL-2")).isSameAs(down);
		assertThat(backend.findService("pay", "mail-2")).isNull();
		assertThat(backend.findService("chat", "mail-2")).isNull();
		assertThat(backend.group("pay").findService("mail-2")).isNull();
		assertThatExceptionOfType(ServiceNotFoundException.class).isThrownBy(() -> backend.getService("pay", "pay-9"));
		assertThatExceptionOfType(ServiceNotFoundException.class)
			.isThrownBy(() -> backend.group("pay").getService("pay-9"));
	}

	@Test
	@Tag("gobase:hb.GetServiceByHash")
	@Tag("gobase:hg.GetServiceByHash")
	void aKeyLeadsToItsOwnerAmongTheServicesThatAreUp() {
		HttpBackend backend = this.http.start();
		HttpGroup pay = backend.group("pay");
		assertThat(backend.select("Pay", HASH).id()).isEqualTo("pay-3");
		assertThat(backend.find("pay", Route.hash("10086"))).isSameAs(pay.getService("pay-2"));
		assertThat(pay.select(HASH)).isSameAs(pay.find(HASH)).isSameAs(pay.getService("pay-3"));
		assertThat(owners(backend.group("mail"), "")).containsExactly("mail-1");
		assertThat(backend.find("chat", HASH)).isNull();
		assertThatExceptionOfType(ServiceNotFoundException.class).isThrownBy(() -> backend.select("chat", HASH));
	}

	@Test
	@Tag("gobase:hb.GetServiceByTagAndHash")
	@Tag("gobase:hg.GetServiceByTagAndHash")
	void aKeyLeadsToItsOwnerAmongTheServicesWithTheTagThatAreUp() {
		HttpBackend backend = this.http.start();
		HttpGroup pay = backend.group("pay");
		assertThat(backend.select("pay", HASH.tag("EU ")).id()).isEqualTo("pay-2");
		assertThat(backend.find("pay", HASH.tag("us"))).isSameAs(pay.getService("pay-3"));
		assertThat(pay.select(HASH.tag("eu"))).isSameAs(pay.find(HASH.tag("eu"))).isSameAs(pay.getService("pay-2"));
		assertThat(owners(pay, "eu")).containsExactlyInAnyOrder("pay-1", "pay-2");
		assertThat(backend.find("mail", HASH.tag("us"))).isNull();
		assertThatExceptionOfType(ServiceNotFoundException.class).isThrownBy(() -> pay.select(HASH.tag("asia")))
			.withMessageContaining("asia");
	}

	private static List<String> owners(HttpGroup group, String tag) {
		return IntStream.range(0, 200)
			.mapToObj((i) -> Route.hash("key-" + i))
			.map((route) -> group.select(tag.isEmpty() ? route : route.tag(tag)).id())
			.distinct()
			.toList();
	}

}
