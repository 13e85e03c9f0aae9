package dev.backend.discovery.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.FailureText;
import dev.backend.discovery.InstanceCounts;
import dev.backend.discovery.InstanceEntry;
import dev.backend.discovery.InstanceRules;
import dev.backend.discovery.InstanceTable;
import dev.backend.discovery.LeftOut;
import dev.backend.discovery.dns.DnsService.Records;
import dev.backend.test.NameServer;
import dev.backend.test.NameServer.Answer;
import dev.backend.test.NameServer.Cut;
import dev.backend.test.NameServer.Entry;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * {@link DnsClient} with a name server that answers well and badly.
 */
@Timeout(60)
class DnsClientTests {

	private static final String HOST = "game.example";

	private static final DnsService GAME = DnsService.of("game", HOST, 7001);

	private static final DnsService SRV = DnsService.srv("game", "_game._tcp.example");

	private final NameServer server = new NameServer();

	private final DnsClient client = client(Duration.ofSeconds(20), this.server);

	@AfterEach
	void close() {
		this.client.close();
		this.server.close();
	}

	private static DnsClient client(Duration timeout, NameServer... servers) {
		List<InetSocketAddress> addresses = Stream.of(servers).map(NameServer::address).toList();
		return new DnsClient(DnsDiscoverySettings.defaults(List.of(GAME))
			.withNameServers(addresses)
			.withTimings(Duration.ofSeconds(1), Duration.ofSeconds(30), timeout, Duration.ofSeconds(30)));
	}

	private DnsAnswer ask(DnsService service) {
		return ask(this.client, service);
	}

	private static DnsAnswer ask(DnsClient client, DnsService service) {
		return client.ask(service).orTimeout(40, TimeUnit.SECONDS).join();
	}

	private void assertFails(DnsService service, String reason) {
		assertFails(this.client, service, reason);
	}

	private static void assertFails(DnsClient client, DnsService service, String reason) {
		assertThatExceptionOfType(CompletionException.class).isThrownBy(() -> ask(client, service))
			.satisfies((ex) -> assertThat(ex.getCause()).isInstanceOf(IOException.class))
			.satisfies((ex) -> assertThat(FailureText.of(Objects.requireNonNull(ex.getCause()))).contains(reason));
	}

	private static List<String> instances(DnsAnswer answer) {
		return answer.entries()
			.stream()
			.map(InstanceEntry::instance)
			.filter(Objects::nonNull)
			.map((instance) -> "%s at %s:%d".formatted(instance.id(), instance.address(), instance.port()))
			.toList();
	}

	/** What the core makes of an answer. */
	private static InstanceCounts counts(DnsAnswer answer) {
		InstanceTable table = new InstanceTable("dns", InstanceRules.defaults());
		table.update("game", answer.entries(), InstanceCounts.NONE);
		return table.counts();
	}

	@Test
	void anAddressIsAnInstanceAndTheShortestTimeToLiveCounts() {
		this.server.answer(HOST, NameServer.A,
				Answer.of(Entry.address(HOST, 30, "10.0.0.6"), Entry.address("GAME.example", 5, "10.0.0.5"),
						Entry.address(HOST, 30, "10.0.0.6"), Entry.address("other.example", 1, "10.0.0.7")));
		DnsAnswer answer = ask(GAME);
		assertThat(instances(answer)).containsExactly("game-10-0-0-5 at 10.0.0.5:7001",
				"game-10-0-0-6 at 10.0.0.6:7001");
		assertThat(answer.timeToLive()).isEqualTo(5);
		assertThat(answer.entries().get(0).instance())
			.isEqualTo(new DiscoveredInstance("game", "game-10-0-0-5", "tcp", "10.0.0.5", 7001, List.of(), Map.of()));
		assertThat(this.server.questions()).containsExactly(HOST + " A UDP");
	}

	@Test
	void addressesOfBothKindsAreInstancesAndOneThatFailsFailsBoth() {
		DnsService both = new DnsService("game", HOST, Records.A_AND_AAAA, "tcp", 7001);
		this.server.addresses(HOST, 20, "10.0.0.5");
		this.server.answer(HOST, NameServer.AAAA, Answer.of().withNegative(true, 3));
		assertThat(ask(both).timeToLive()).isEqualTo(20);
		this.server.answer(HOST, NameServer.AAAA, Answer.of(Entry.address(HOST, 7, "2001:db8::5")));
		DnsAnswer answer = ask(both);
		assertThat(instances(answer)).containsExactly("game-10-0-0-5 at 10.0.0.5:7001",
				"game-2001-db8-0-0-0-0-0-5 at 2001:db8::5:7001");
		assertThat(answer.timeToLive()).isEqualTo(7);
		this.server.answer(HOST, NameServer.AAAA, Answer.code(NameServer.SERVER_FAILURE));
		assertFails(both, "AAAA record of game.example from 127.0.0.1:");
	}

	@Test
	void aNameThatDoesNotExistOrHasNoAddressIsReadAsEmpty() {
		this.server.answer(HOST, NameServer.A, Answer.NONE.withNegative(true, 4));
		assertThat(ask(GAME)).isEqualTo(new DnsAnswer(List.of(), 4));
		this.server.answer(HOST, NameServer.A, Answer.of().withNegative(true, 6));
		assertThat(ask(GAME)).isEqualTo(new DnsAnswer(List.of(), 6));
		this.server.answer(HOST, NameServer.A, Answer.of().withNegative(false, 0));
		assertThat(ask(GAME)).isEqualTo(new DnsAnswer(List.of(), 0));
	}

	@Test
	void anAliasIsFollowedWithinTheAnswer() {
		this.server.answer(HOST, NameServer.A, Answer.of(Entry.alias(HOST, 60, "b.example"),
				Entry.alias("b.example", 9, "c.example"), Entry.address("c.example", 60, "10.0.0.5")));
		assertThat(instances(ask(GAME))).hasSize(1);
		assertThat(ask(GAME).timeToLive()).isEqualTo(9);
		this.server.answer(HOST, NameServer.A, Answer.of(Entry.alias(HOST, 60, "b.example")).withNegative(true, 3));
		assertThat(ask(GAME)).isEqualTo(new DnsAnswer(List.of(), 3));
	}

	@Test
	void anAnswerThatLeadsElsewhereOrInACircleIsNone() {
		this.server.answer(HOST, NameServer.A, Answer.of(Entry.alias(HOST, 60, "b.example")));
		assertFails(GAME, "an alias or a referral without what it leads to");
		this.server.answer(HOST, NameServer.A, Answer.of().referring());
		assertFails(GAME, "an alias or a referral without what it leads to");
		this.server.answer(HOST, NameServer.A,
				Answer.of(Entry.alias(HOST, 60, "b.example"), Entry.alias("b.example", 60, HOST)));
		assertFails(GAME, "more than 8 aliases");
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 2, 4, 5, 15 })
	void anErrorIsNoAnswer(int code) {
		this.server.answer(HOST, NameServer.A, Answer.code(code));
		assertFails(GAME, "(" + code + ")");
		assertThat(this.server.questions()).as("asked three times").hasSize(3);
	}

	@Test
	void whenANameServerFailsThenTheNextIsAsked() {
		try (NameServer second = new NameServer();
				DnsClient both = client(Duration.ofSeconds(2), this.server, second)) {
			second.addresses(HOST, 5, "10.0.0.5");
			this.server.answer(HOST, NameServer.A, Answer.code(NameServer.SERVER_FAILURE));
			assertThat(instances(ask(both, GAME))).hasSize(1);
			this.server.silent(true);
			assertThat(instances(ask(both, GAME))).hasSize(1);
		}
	}

	@Test
	void silenceIsNoAnswer() {
		this.server.silent(true);
		try (DnsClient hasty = client(Duration.ofMillis(400), this.server)) {
			assertFails(hasty, GAME, "no answer for 100ms");
		}
	}

	@Test
	void anAnswerThatIsCutIsReadOverTcp() {
		this.server.answer(HOST, NameServer.A,
				Answer.of(Entry.address(HOST, 5, "10.0.0.5"), Entry.address(HOST, 5, "10.0.0.6")).cut(Cut.DATAGRAM));
		assertThat(instances(ask(GAME))).hasSize(2);
		assertThat(this.server.questions()).containsExactly(HOST + " A UDP", HOST + " A TCP");
	}

	@Test
	void whenTcpGivesNoWholeAnswerThenThereIsNone() {
		Answer two = Answer.of(Entry.address(HOST, 5, "10.0.0.5"), Entry.address(HOST, 5, "10.0.0.6"));
		this.server.answer(HOST, NameServer.A, two.cut(Cut.ALWAYS));
		assertFails(GAME, "an answer that is cut, also over TCP");
		this.server.answer(HOST, NameServer.A, two.cut(Cut.ALWAYS_SILENT_OVER_TCP));
		try (DnsClient hasty = client(Duration.ofMillis(800), this.server)) {
			assertFails(hasty, GAME, "A record of game.example from");
		}
	}

	@Test
	void aMessageThatEndsTooEarlyIsNoAnswer() {
		this.server.answer(HOST, NameServer.A, Answer.of(Entry.address(HOST, 5, "10.0.0.5")).missing(1));
		assertFails(GAME, "an answer that is not whole");
	}

	@Test
	void thousandsOfAddressesAreReadInTheOrderOfTheirIds() {
		List<Entry> entries = new ArrayList<>();
		for (int i = 0; i < 1500; i++) {
			entries.add(Entry.address(HOST, 5, "10.1.%d.%d".formatted(i / 250, i % 250)));
		}
		Collections.shuffle(entries);
		this.server.answer(HOST, NameServer.A, Answer.of(entries));
		DnsAnswer first = ask(GAME);
		assertThat(instances(first)).hasSize(1500).isSorted();
		Collections.shuffle(entries);
		this.server.answer(HOST, NameServer.A, Answer.of(entries));
		assertThat(instances(ask(GAME))).isEqualTo(instances(first));
	}

	@Test
	void anAddressThatNoHostHasAndARecordOfAWrongLengthCostThemselvesAlone() {
		this.server.answer(HOST, NameServer.A,
				Answer.of(Entry.address(HOST, 5, "0.0.0.0"), Entry.address(HOST, 5, "224.0.0.1"),
						Entry.address(HOST, 5, "10.0.0.5"), new Entry(HOST, NameServer.A, 5, new byte[3]),
						new Entry(HOST, NameServer.A, 5, new byte[0])));
		InstanceCounts counts = counts(ask(GAME));
		assertThat(counts.taken()).isEqualTo(1);
		assertThat(counts.leftOut()).containsEntry(LeftOut.MALFORMED, 2).containsEntry(LeftOut.UNREADABLE, 1);
	}

	@Test
	void theTargetsOfTheLowestPriorityAreInstances() {
		String name = SRV.host();
		this.server.answer(name, NameServer.SRV,
				Answer.of(Entry.service(name, 30, 10, 50, 7002, "pod-2.example"),
						Entry.service(name, 30, 10, 1, 7001, "Pod-1.example"),
						Entry.service(name, 30, 10, 1, 7003, "pod-1.example"),
						Entry.service(name, 30, 20, 1, 7001, "spare.example"),
						Entry.service(name, 30, 20, 1, 7001, "pod-1.example")));
		DnsAnswer answer = ask(SRV);
		assertThat(instances(answer)).containsExactly("pod-1.example:7001 at pod-1.example:7001",
				"pod-1.example:7003 at pod-1.example:7003", "pod-2.example:7002 at pod-2.example:7002");
		assertThat(counts(answer).leftOut()).containsOnly(Map.entry(LeftOut.NOT_WANTED, 1));
		assertThat(answer.timeToLive()).isEqualTo(30);
	}

	@Test
	void aTargetThatIsNoHostNameAndOneThatCannotBeReadCostThemselvesAlone() {
		String name = SRV.host();
		this.server.answer(name, NameServer.SRV,
				Answer.of(Entry.service(name, 30, 0, 0, 7001, "pod-1.example"),
						Entry.service(name, 30, 0, 0, 7001, "evil/path?x=.example"),
						Entry.service(name, 30, 0, 0, 7001, "new\nline.example"),
						Entry.service(name, 30, 0, 0, 7001, "ümlaut\u202e.example"),
						Entry.service(name, 30, 0, 0, 0, "pod-2.example"), Entry.service(name, 30, 0, 0, 7001, "."),
						new Entry(name, NameServer.SRV, 30, new byte[5])));
		DnsAnswer answer = ask(SRV);
		InstanceCounts counts = counts(answer);
		assertThat(counts.taken()).as(counts.toString()).isEqualTo(1);
		assertThat(counts.leftOut()).containsEntry(LeftOut.NOT_WANTED, 1)
			.containsEntry(LeftOut.UNREADABLE, 1)
			.containsEntry(LeftOut.MALFORMED, 4);
	}

	@Test
	void whenItIsClosedMeanwhileThenNothingIsLeaked() {
		this.server.addresses(HOST, 5, "10.0.0.5");
		for (int i = 0; i < 20; i++) {
			try (DnsClient closing = client(Duration.ofSeconds(1), this.server)) {
				closing.ask(GAME);
			}
		}
		assertThat(instances(ask(GAME))).hasSize(1);
	}

}
