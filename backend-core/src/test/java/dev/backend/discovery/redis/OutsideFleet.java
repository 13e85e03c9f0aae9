package dev.backend.discovery.redis;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import io.lettuce.core.Range;
import io.lettuce.core.api.sync.RedisCommands;

/**
 * A fleet that follows the contract by commands written by hand, as services of another
 * language would: it shares no code with what is tested.
 */
final class OutsideFleet {

	private final RedisCommands<String, String> redis;

	private final String key;

	OutsideFleet(RedisCommands<String, String> redis, String key) {
		this.redis = redis;
		this.key = key;
	}

	static String member(String name, String id, int port) {
		return name + "&" + id + "&127.0.0.1&" + port + "&tcp";
	}

	/** The server's time in milliseconds. */
	double now() {
		List<String> time = this.redis.time();
		return Long.parseLong(time.get(0)) * 1000.0 + Long.parseLong(time.get(1)) / 1000.0;
	}

	/** A heartbeat without a word on the channel. */
	void beat(String member) {
		beat(member, 0);
	}

	/** A heartbeat some milliseconds ago. */
	void beat(String member, long ageMillis) {
		this.redis.zadd(this.key, now() - ageMillis, member);
	}

	/** A first registration: list and message. */
	void register(String member) {
		beat(member);
		writeList();
		tell("reg");
	}

	void deregister(String member) {
		this.redis.zrem(this.key, member);
		writeList();
		tell("dereg " + member);
	}

	void tell(String message) {
		this.redis.publish("_{" + this.key + "}_channel_", message);
	}

	List<String> live() {
		double now = now();
		return this.redis.zrangebyscore(this.key, Range.create(now - 8000, now));
	}

	String list() {
		return String.valueOf(this.redis.get("_{" + this.key + "}_list_"));
	}

	String checker() {
		return String.valueOf(this.redis.get("_{" + this.key + "}_locker_"));
	}

	private void writeList() {
		List<String> live = new ArrayList<>(live());
		Collections.sort(live);
		this.redis.set("_{" + this.key + "}_list_", String.join(",", live));
	}

}
