package dev.backend.discovery.redis;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

import io.lettuce.core.ScoredValue;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.sync.RedisCommands;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import org.springframework.core.io.ClassPathResource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The scripts at their exact bounds: on a real Redis, with {@code TIME} alone replaced,
 * and with the keys and scores that an outside client would write.
 */
class RegistryScriptsTests {

	private static final String LIST = "_{games}_list_";

	private static final String LOCKER = "_{games}_locker_";

	private static final String CHANNEL = "_{games}_channel_";

	private static final double NOW = 1_700_000_000_250.125;

	private static final String CLOCK = """
			local server = redis
			local redis = { call = function(command, ...)
			  if command == 'TIME' then return { '1700000000', '250125' } end
			  return server.call(command, ...)
			end }
			""";

	/** Now in the units of the later layout. */
	private static final double SECONDS = 1_700_000_000.250125;

	/** Less than a second, and what a score in seconds can still hold. */
	private static final double BIT = 0.0001;

	private static final double JUST = 0.125;

	private static RedisServerFixture server;

	private static RedisCommands<String, String> redis;

	private static List<String> published;

	@BeforeAll
	static void startServer() {
		server = RedisServerFixture.started();
		redis = server.client();
		published = server.listen(CHANNEL);
	}

	@AfterAll
	static void stopServer() {
		server.close();
	}

	/** What the test before has published may still be on its way. */
	@BeforeEach
	void empty() {
		redis.flushall();
		redis.publish(CHANNEL, "begin");
		await().pollInterval(Duration.ofMillis(1)).until(() -> published.contains("begin"));
		published.clear();
	}

	@Test
	void readReturnsWhatIsLiveWithBothEndsIncludedTheNewestFirst() {
		redis.zadd("games", NOW - 8000, "oldest");
		redis.zadd("games", NOW - 8000 - JUST, "expired");
		redis.zadd("games", NOW, "newest");
		redis.zadd("games", NOW + JUST, "future");
		redis.zadd("games", NOW - 1, "middle");
		assertThat(read("8000", "10")).isEqualTo(List.of(3L, 0L, 2L, 0L, "", 3L, "newest", "middle", "oldest"));
	}

	@Test
	void readCountsWhatItDoesNotReturn() {
		redis.zadd("games", NOW - 2, "b");
		redis.zadd("games", NOW - 1, "a");
		assertThat(read("8000", "1")).isEqualTo(List.of(2L, 0L, 2L, 0L, "", 1L, "a"));
	}

	@Test
	void readLeavesOutWhatIsTooLongAndShowsHowItBegins() {
		redis.zadd("games", NOW, "x".repeat(21));
		redis.zadd("games", NOW - 1, "y".repeat(20));
		redis.zadd("games", NOW - 2, "z".repeat(150));
		assertThat(readBytes("20", "1000")).isEqualTo(List.of(3L, 0L, 3L, 2L, "z".repeat(100), 1L, "y".repeat(20)));
	}

	@Test
	void readEndsWhereTheBytesOfAllWouldBeTooMany() {
		redis.zadd("games", NOW, "x".repeat(20));
		redis.zadd("games", NOW - 1, "y".repeat(20));
		redis.zadd("games", NOW - 2, "z".repeat(20));
		assertThat(readBytes("20", "59")).isEqualTo(List.of(3L, 0L, 3L, 0L, "", 2L, "x".repeat(20), "y".repeat(20)));
	}

	@Test
	void whenNobodyHasWrittenSinceAHeartbeatWasDueThenItsExpiryProvesNothing() {
		redis.zadd("games", NOW - 5000, "newest");
		redis.zadd("games", NOW - 8000 - JUST, "expired");
		redis.zadd("games", NOW - 9000, "just due when the newest came");
		redis.zadd("games", NOW - 9000 - JUST, "dead");
		assertThat(read("8000", "10"))
			.isEqualTo(List.of(1L, 0L, 0L, 0L, "", 1L, "newest", "expired", "just due when the newest came"));
	}

	@Test
	void whenSomebodyHasWrittenSinceAHeartbeatWasDueThenItsExpiryIsProof() {
		redis.zadd("games", NOW - 4000, "newest");
		redis.zadd("games", NOW - 8000 - JUST, "expired");
		assertThat(read("8000", "10")).isEqualTo(List.of(1L, 0L, 1L, 0L, "", 1L, "newest"));
	}

	@Test
	void whenAWriterHasLookedSinceAnExpiryThenThatIsProof() {
		redis.zadd("games", NOW - 8900, "expired since");
		redis.zadd("games", NOW - 9100, "expired before");
		assertThat(readLooked("1000")).isEqualTo(List.of(0L, 0L, 0L, 0L, "", 0L, "expired since"));
		assertThat(readLooked("0")).isEqualTo(List.of(0L, 0L, 0L, 0L, "", 0L));
		assertThat(readLooked("-1")).isEqualTo(List.of(0L, 0L, 0L, 0L, "", 0L, "expired since", "expired before"));
	}

	@Test
	void readTellsOfMembersWithSecondsAsScores() {
		redis.zadd("games", 1_700_000_000, "other layout");
		redis.zadd("games", NOW, "ours");
		assertThat(read("8000", "10")).isEqualTo(List.of(1L, 1L, 1L, 0L, "", 1L, "ours"));
	}

	@Test
	void whenAMemberIsNewThenRegisterWritesTheSortedListAndTells() {
		redis.zadd("games", NOW - 8000, "b");
		redis.zadd("games", NOW - 8000 - JUST, "expired");
		assertThat(register("c")).isEqualTo(1);
		assertThat(register("B")).isEqualTo(1);
		assertThat(redis.get(LIST)).isEqualTo("B,b,c");
		assertThat(redis.ttl(LIST)).isEqualTo(-1);
		assertThat(redis.zscore("games", "c")).isEqualTo(NOW);
		assertPublished("reg c", "reg B");
	}

	@Test
	void whenAScoreIsStillLiveThenAHeartbeatOnlyMovesIt() {
		redis.zadd("games", NOW - 8000 + JUST, "a");
		assertThat(register("a")).isZero();
		assertThat(redis.zscore("games", "a")).isEqualTo(NOW);
		assertThat(redis.get(LIST)).isNull();
		assertPublished();
	}

	@Test
	void whenAScoreIsExactlyTheExpiryOldThenRegisterTells() {
		redis.zadd("games", NOW - 8000, "a");
		assertThat(register("a")).isEqualTo(1);
		assertPublished("reg a");
	}

	@Test
	void whenAnotherLayoutIsThereThenAFirstRegistrationWritesNothing() {
		redis.zadd("games", 1_700_000_000, "other layout");
		assertThat(run("register", List.of("games", LIST), "1000", "8000", CHANNEL, "1", "a")).isEqualTo(-1L);
		assertThat(redis.zscore("games", "a")).isNull();
		assertThat(register("a")).isEqualTo(1);
	}

	@Test
	void whenALiveMemberLeavesThenDeregisterWritesTheListAndTells() {
		redis.zadd("games", NOW - 8000 + JUST, "a");
		redis.zadd("games", NOW, "b");
		assertThat(deregister("a")).isEqualTo(1);
		assertThat(redis.zscore("games", "a")).isNull();
		assertThat(redis.get(LIST)).isEqualTo("b");
		assertPublished("dereg a");
	}

	@Test
	void whenAnExpiredOrUnknownMemberLeavesThenDeregisterIsSilent() {
		redis.zadd("games", NOW - 8000, "a");
		assertThat(deregister("a")).isZero();
		assertThat(deregister("unknown")).isZero();
		assertThat(redis.exists("games", LIST)).isZero();
		assertPublished();
	}

	@Test
	void whenTheLastMemberLeavesThenTheListIsEmptyNotMissing() {
		redis.zadd("games", NOW, "a");
		redis.zadd("games", NOW, "b");
		assertThat(deregister("a")).isEqualTo(1);
		assertThat(deregister("b")).isEqualTo(1);
		assertThat(redis.get(LIST)).isEmpty();
		assertPublished("dereg a", "dereg b");
	}

	@Test
	void whenTheLockIsFreeThenCheckTakesItForEightSecondsAndDoesNotRenewIt() {
		redis.set(LIST, "");
		assertThat(check("one")).isEqualTo(1);
		assertThat(redis.get(LOCKER)).isEqualTo("one");
		assertThat(redis.pttl(LOCKER)).isBetween(7000L, 8000L);
		redis.pexpire(LOCKER, 5000);
		assertThat(check("one")).isEqualTo(1);
		assertThat(redis.pttl(LOCKER)).isBetween(1L, 5000L);
	}

	@Test
	void lifeOfTheLockIsAnArgument() {
		run("check", List.of("games", LIST, LOCKER), "1000", "20000", CHANNEL, "one", "20000");
		assertThat(redis.pttl(LOCKER)).isBetween(19_000L, 20_000L);
	}

	@Test
	void whenAnotherHoldsTheLockThenCheckDoesNothing() {
		redis.zadd("games", NOW, "a");
		redis.set(LOCKER, "anything at all");
		assertThat(check("one")).isZero();
		assertThat(redis.get(LIST)).isNull();
		assertPublished();
	}

	@Test
	void whenTheListIsRightThenCheckLeavesEverything() {
		redis.zadd("games", NOW - 8000, "b");
		redis.zadd("games", NOW, "a");
		redis.zadd("games", NOW - 8001, "expired");
		redis.set(LIST, "a,b");
		assertThat(check("one")).isEqualTo(1);
		assertThat(redis.zcard("games")).isEqualTo(3);
		assertPublished();
	}

	@Test
	void whenTheListIsWrongThenCheckWritesTellsAndRemovesWhatIsAMillisecondOverTheExpiry() {
		redis.zadd("games", NOW, "a");
		redis.zadd("games", NOW - 8000 - JUST, "expired");
		redis.zadd("games", NOW - 8001, "removed");
		redis.zadd("games", 1, "ancient");
		redis.set(LIST, "a,removed");
		assertThat(check("one")).isEqualTo(2);
		assertThat(redis.get(LIST)).isEqualTo("a");
		assertThat(redis.ttl(LIST)).isEqualTo(-1);
		assertThat(redis.zrange("games", 0, -1)).containsExactly("expired", "a");
		assertPublished("check");
	}

	@Test
	void aMissingListIsNotAnEmptyOne() {
		assertThat(check("one")).isEqualTo(2);
		assertThat(redis.get(LIST)).isEmpty();
		assertThat(check("one")).isEqualTo(1);
		assertPublished("check");
	}

	@Test
	void whenAnotherLayoutIsThereThenCheckDoesNothing() {
		redis.zadd("games", 1_700_000_000, "other layout");
		assertThat(check("one")).isEqualTo(-1);
		assertThat(redis.exists(LIST, LOCKER)).isZero();
		assertPublished();
	}

	@Test
	void checkNeverRemovesAnotherLayoutsMembers() {
		redis.zadd("games", 1_600_000_000, "of a fleet in seconds, long gone");
		redis.set(LIST, "wrong");
		assertThat(check("one")).isEqualTo(2);
		assertThat(redis.zcard("games")).isEqualTo(1);
	}

	@Test
	void expiryIsAnArgument() {
		redis.zadd("games", NOW - 500, "oldest");
		redis.zadd("games", NOW - 501, "removed");
		assertThat(read("500", "10")).isEqualTo(List.of(1L, 0L, 0L, 0L, "", 1L, "oldest", "removed"));
		assertThat(run("check", List.of("games", LIST, LOCKER), "1000", "500", CHANNEL, "one", "8000")).isEqualTo(2L);
		assertThat(redis.zrangeWithScores("games", 0, -1)).containsExactly(ScoredValue.just(NOW - 500, "oldest"));
	}

	@Test
	void laterLayoutReadsSecondsWithTheirFractionAndTellsOfMembersInMilliseconds() {
		redis.zadd("games", SECONDS - 8, "oldest");
		redis.zadd("games", SECONDS - 8 - BIT, "expired");
		redis.zadd("games", SECONDS, "newest");
		redis.zadd("games", SECONDS + BIT, "future");
		redis.zadd("games", NOW, "other layout");
		assertThat(run("read", ScriptOutputType.MULTI, List.of("games"), "1", "8", "10", "8192", "1000000", "-1"))
			.isEqualTo(List.of(2L, 1L, 1L, 0L, "", 2L, "newest", "oldest"));
	}

	@Test
	void laterLayoutRegistersInSecondsWithTheirFractionAndTellsOfANewlyLiveMemberOnly() {
		redis.zadd("games", SECONDS - 8, "b");
		redis.zadd("games", SECONDS - 8 - BIT, "expired");
		assertThat(registerLater("0", "a")).isEqualTo(1L);
		assertThat(redis.zscore("games", "a")).isEqualTo(SECONDS);
		assertThat(registerLater("0", "a")).isEqualTo(0L);
		assertThat(registerLater("0", "b")).isEqualTo(1L);
		assertThat(redis.get("games_list")).isEqualTo("a,b");
		assertThat(run("deregister", List.of("games", "games_list"), "1", "8", CHANNEL, "a")).isEqualTo(1L);
		assertThat(redis.get("games_list")).isEqualTo("b");
		assertPublished("reg a", "reg b", "dereg a");
	}

	@Test
	void laterLayoutRefusesAKeyWithMembersInMilliseconds() {
		redis.zadd("games", NOW, "other layout");
		assertThat(registerLater("1", "a")).isEqualTo(-1L);
		assertThat(checkLater("one")).isEqualTo(-1L);
		assertThat(redis.keys("*")).containsExactly("games");
		assertPublished();
	}

	@Test
	void laterLayoutTakesAMissingListForAnEmptyOne() {
		assertThat(checkLater("one")).isEqualTo(1L);
		assertThat(redis.get("games_list")).isNull();
		assertThat(redis.pttl("games_check")).isBetween(7000L, 8000L);
		assertThat(checkLater("two")).isEqualTo(0L);
		redis.zadd("games", SECONDS, "a");
		assertThat(checkLater("one")).isEqualTo(2L);
		assertThat(redis.get("games_list")).isEqualTo("a");
		assertPublished("check");
	}

	@Test
	void laterLayoutRemovesWhatIsASecondOverTheExpiryAndNothingOfTheOtherLayout() {
		redis.zadd("games", SECONDS - 8, "oldest");
		redis.zadd("games", SECONDS - 8 - BIT, "expired");
		redis.zadd("games", SECONDS - 9 + BIT, "kept");
		redis.zadd("games", SECONDS - 9, "removed");
		redis.zadd("games", 1, "ancient");
		redis.zadd("games", NOW - 100_000, "in milliseconds, gone");
		assertThat(checkLater("one")).isEqualTo(2L);
		assertThat(redis.get("games_list")).isEqualTo("oldest");
		assertThat(redis.zrange("games", 0, -1)).containsExactly("kept", "expired", "oldest", "in milliseconds, gone");
	}

	private Object registerLater(String refuse, String member) {
		return run("register", List.of("games", "games_list"), "1", "8", CHANNEL, refuse, member);
	}

	private Object checkLater(String id) {
		return run("check", List.of("games", "games_list", "games_check"), "1", "8", CHANNEL, id, "8000");
	}

	private Object read(String expiry, String limit) {
		return run("read", ScriptOutputType.MULTI, List.of("games"), "1000", expiry, limit, "8192", "1000000", "-1");
	}

	private Object readLooked(String sinceLooked) {
		return run("read", ScriptOutputType.MULTI, List.of("games"), "1000", "8000", "10", "8192", "1000000",
				sinceLooked);
	}

	private Object readBytes(String ofOne, String ofAll) {
		return run("read", ScriptOutputType.MULTI, List.of("games"), "1000", "8000", "10", ofOne, ofAll, "-1");
	}

	private long register(String member) {
		return (Long) run("register", List.of("games", LIST), "1000", "8000", CHANNEL, "0", member);
	}

	private long deregister(String member) {
		return (Long) run("deregister", List.of("games", LIST), "1000", "8000", CHANNEL, member);
	}

	private long check(String id) {
		return (Long) run("check", List.of("games", LIST, LOCKER), "1000", "8000", CHANNEL, id, "8000");
	}

	private static Object run(String script, List<String> keys, String... arguments) {
		return run(script, ScriptOutputType.INTEGER, keys, arguments);
	}

	private static Object run(String script, ScriptOutputType type, List<String> keys, String... arguments) {
		try {
			String text = new ClassPathResource(script + ".lua", RegistryScripts.class)
				.getContentAsString(StandardCharsets.UTF_8);
			return redis.eval(CLOCK + text, type, keys.toArray(String[]::new), arguments);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/** A message of our own behind the awaited ones shows that there were no more. */
	private static void assertPublished(String... messages) {
		redis.publish(CHANNEL, "end");
		await().until(() -> published.contains("end"));
		assertThat(published.subList(0, published.indexOf("end"))).containsExactly(messages);
	}

}
