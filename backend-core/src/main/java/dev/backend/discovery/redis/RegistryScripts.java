package dev.backend.discovery.redis;

import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.core.io.ClassPathResource;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.data.redis.core.script.RedisScript;

/**
 * The four operations of the registry on one key, each one script that Redis runs whole
 * and on its own clock. Calls block until Redis answers or the connection's time-out is
 * over; they throw what Spring Data Redis throws. Thread-safe.
 */
final class RegistryScripts {

	private static final Logger logger = LoggerFactory.getLogger(RegistryScripts.class);

	/** What stands before the members in the answer to a read. */
	private static final int HEADER = 6;

	private final RedisScript<List<?>> read = script("read", listType());

	private final RedisScript<Long> register = script("register", Long.class);

	private final RedisScript<Long> deregister = script("deregister", Long.class);

	private final RedisScript<Long> check = script("check", Long.class);

	private final StringRedisTemplate redis;

	private final RegistryLayout layout;

	private final RegistryKeys keys;

	private final String unitsPerSecond;

	private final String expiry;

	private final String lockMillis;

	private final String memberBytes;

	private final String totalBytes;

	RegistryScripts(RedisConnectionFactory factory, RedisRegistrySettings settings) {
		this.redis = new StringRedisTemplate(factory);
		this.layout = settings.layout();
		this.keys = this.layout.keys(settings.key());
		this.unitsPerSecond = this.layout.unitsPerSecond();
		Duration expiry = settings.timings().expiry();
		this.expiry = this.layout.units(expiry);
		this.lockMillis = Long.toString(expiry.toMillis());
		this.memberBytes = Integer.toString(settings.limits().memberBytes());
		this.totalBytes = Integer.toString(settings.limits().totalBytes());
	}

	/**
	 * Reads the live members.
	 * @param limit the most members to return
	 * @param sinceLooked how long ago a writer has looked for expired members, if one
	 * ever has
	 * @return the answer; nothing that is not complete
	 */
	LiveMembers read(int limit, @Nullable Duration sinceLooked) {
		List<?> answer = this.redis.execute(this.read, this.keys.forReading(), this.unitsPerSecond, this.expiry,
				Integer.toString(limit), this.memberBytes, this.totalBytes,
				(sinceLooked != null) ? this.layout.units(sinceLooked) : "-1");
		if (answer == null || answer.size() < HEADER || !(answer.get(0) instanceof Long live)
				|| !(answer.get(1) instanceof Long foreign) || !(answer.get(2) instanceof Long fresh)
				|| !(answer.get(3) instanceof Long tooLong) || !(answer.get(5) instanceof Long returned)
				|| returned > answer.size() - HEADER) {
			throw RedisFailure.refused("incomplete answer to a read");
		}
		List<String> members = answer.stream().skip(HEADER).map(String::valueOf).toList();
		return new LiveMembers(live, foreign, fresh, tooLong, String.valueOf(answer.get(4)),
				members.subList(0, returned.intValue()), members.subList(returned.intValue(), members.size()));
	}

	/**
	 * Reads no member: fails as a read would, and costs the same whatever the key holds.
	 * @return the answer, without members
	 */
	LiveMembers probe() {
		return read(0, null);
	}

	/**
	 * Registers a member or refreshes its heartbeat.
	 * @param member the member's text
	 * @param refuseForeign whether to write nothing on a key that another layout uses
	 * @return whether it was written
	 */
	boolean register(String member, boolean refuseForeign) {
		return execute(this.register, this.keys.forWriting(), this.unitsPerSecond, this.expiry, this.keys.channel(),
				refuseForeign ? "1" : "0", member) >= 0;
	}

	void deregister(String member) {
		execute(this.deregister, this.keys.forWriting(), this.unitsPerSecond, this.expiry, this.keys.channel(), member);
	}

	CheckResult check(String checkerId) {
		long result = execute(this.check, this.keys.forChecking(), this.unitsPerSecond, this.expiry,
				this.keys.channel(), checkerId, this.lockMillis);
		return switch ((int) result) {
			case 0 -> CheckResult.STANDBY;
			case 1 -> CheckResult.UNCHANGED;
			case 2 -> CheckResult.CHANGED;
			default -> CheckResult.FOREIGN;
		};
	}

	/**
	 * Returns whether a checker of the other layout is at work on the key. Its lock may
	 * lie in another Cluster slot, so no script can look. A user who may not ask is told
	 * no: the members' scores tell as well.
	 */
	boolean foreignCheckerAtWork() {
		try {
			return Boolean.TRUE.equals(this.redis.hasKey(this.keys.foreignLock()));
		}
		catch (RuntimeException ex) {
			if (RedisFailure.of(ex).mayBeTheConnection()) {
				throw ex;
			}
			logger.debug("{}: cannot look for {}", source(), this.keys.foreignLock(), ex);
			return false;
		}
	}

	private String source() {
		return RedisRegistrySettings.source(this.keys.registry());
	}

	private long execute(RedisScript<Long> script, List<String> keys, Object... arguments) {
		Long result = this.redis.execute(script, keys, arguments);
		if (result == null) {
			throw RedisFailure.refused("no answer to a script");
		}
		return result;
	}

	private static <T extends @Nullable Object> RedisScript<T> script(String name, Class<T> resultType) {
		return RedisScript.of(new ClassPathResource(name + ".lua", RegistryScripts.class), resultType);
	}

	@SuppressWarnings("unchecked")
	private static Class<List<?>> listType() {
		return (Class<List<?>>) (Class<?>) List.class;
	}

	/**
	 * The answer to a read.
	 *
	 * @param live the number of live members, also of those that were not returned
	 * @param foreign the number of live members of a fleet of the other layout
	 * @param fresh the number of live members whose heartbeat is not overdue
	 * @param tooLong the number of live members that were left out for their length, of
	 * those that were looked at
	 * @param beginning how one of these begins, or nothing
	 * @param members the live members, the newest heartbeat first
	 * @param unproven members whose expiry proves nothing, since nobody has written
	 */
	record LiveMembers(long live, long foreign, long fresh, long tooLong, String beginning, List<String> members,
			List<String> unproven) {

		/** How many live members are neither here nor too long: there are too many. */
		long omitted() {
			return Math.max(0, this.live - this.members.size() - this.tooLong);
		}

	}

	/** What a check found. */
	enum CheckResult {

		/** Another one is the key's checker. */
		STANDBY,

		/** We are the checker, and the list was right. */
		UNCHANGED,

		/** We are the checker, and told of a change. */
		CHANGED,

		/** Another layout uses the key: nothing was done. */
		FOREIGN

	}

}
