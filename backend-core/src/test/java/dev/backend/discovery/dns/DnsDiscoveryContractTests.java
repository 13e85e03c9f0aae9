package dev.backend.discovery.dns;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.DiscoveryContract;
import dev.backend.discovery.DiscoveryLoop;
import dev.backend.discovery.DiscoveryReads;
import dev.backend.discovery.DiscoverySnapshot;
import dev.backend.discovery.DiscoveryStatus;
import dev.backend.discovery.InstanceRules;
import dev.backend.discovery.ServiceDiscovery;
import dev.backend.discovery.SourceView;
import dev.backend.test.NameServer;
import dev.backend.test.NameServer.Answer;
import dev.backend.test.NameServer.Cut;
import dev.backend.test.NameServer.Entry;
import dev.backend.test.SlowTest;
import org.jspecify.annotations.Nullable;

/**
 * The contract of all sources, kept by DNS.
 */
@SlowTest
class DnsDiscoveryContractTests extends DiscoveryContract {

	private static final String HOST = "game.example";

	@Override
	protected Registry registry() {
		return new Zone();
	}

	private static final class Zone implements Registry {

		private final NameServer server = new NameServer();

		private final AtomicReference<@Nullable Error> error = new AtomicReference<>();

		private List<String> listed = List.of();

		private boolean hostile;

		@Override
		public ServiceDiscovery open(InstanceRules rules) {
			DnsDiscoverySettings settings = DnsDiscoverySettings.defaults(List.of(DnsService.of("game", HOST, 7001)))
				.withNameServers(List.of(this.server.address()))
				.withTimings(Duration.ofMillis(50), Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(1))
				.withRules(rules);
			return new ShortIds(new DnsServiceDiscovery(settings, () -> watch(settings)));
		}

		private DnsWatch watch(DnsDiscoverySettings settings) {
			DnsClient client = new DnsClient(settings);
			return DnsWatch.start(settings, new DiscoveryLoop("test-dns"), (service) -> ask(client, service),
					client::close);
		}

		private CompletableFuture<DnsAnswer> ask(DnsClient client, DnsService service) {
			Error thrown = this.error.getAndSet(null);
			if (thrown != null) {
				throw thrown;
			}
			return client.ask(service);
		}

		@Override
		public void list(String... ids) {
			this.listed = List.of(ids);
			this.server.answer(HOST, NameServer.A, answer());
		}

		private Answer answer() {
			List<Entry> entries = new ArrayList<>();
			this.listed.forEach((id) -> entries.add(Entry.address(HOST, 0, "127.0.0." + (int) id.charAt(0))));
			if (this.hostile) {
				entries.add(Entry.address(HOST, 0, "0.0.0.0"));
			}
			return Answer.of(entries);
		}

		@Override
		public void fail() {
			this.server.silent(true);
		}

		@Override
		public void answerInPart() {
			this.server.answer(HOST, NameServer.A, answer().cut(Cut.ALWAYS));
		}

		@Override
		public void recover() {
			this.server.answer(HOST, NameServer.A, answer());
			this.server.silent(false);
		}

		@Override
		public void addHostile() {
			this.hostile = true;
			list(this.listed.toArray(new String[0]));
		}

		@Override
		public boolean throwError() {
			this.error.set(new NoClassDefFoundError("forced"));
			return true;
		}

		@Override
		public void close() {
			this.server.close();
		}

	}

	/** The contract has ids of its own. */
	private record ShortIds(ServiceDiscovery discovery) implements ServiceDiscovery {

		@Override
		public Subscription subscribe(DiscoveryListener listener) {
			return this.discovery.subscribe((snapshot) -> listener
				.onSnapshot(new DiscoverySnapshot(snapshot.views().stream().map(ShortIds::shortened).toList())));
		}

		private static SourceView shortened(SourceView view) {
			return new SourceView(view.source(), view.instances().stream().map(ShortIds::shortened).toList(),
					view.readAt(), view.readAtByName(), view.absence(), view.confirmationDelay());
		}

		private static DiscoveredInstance shortened(DiscoveredInstance instance) {
			String id = Character.toString(Integer.parseInt(Arrays.asList(instance.id().split("-")).get(4)));
			return new DiscoveredInstance(instance.name(), id, instance.scheme(), instance.address(), instance.port(),
					List.of(), Map.of());
		}

		@Override
		public Duration confirmationDelay() {
			return this.discovery.confirmationDelay();
		}

		@Override
		public DiscoveryStatus status() {
			return this.discovery.status();
		}

		@Override
		public DiscoveryReads reads() {
			return this.discovery.reads();
		}

		@Override
		public void close() {
			this.discovery.close();
		}

	}

}
