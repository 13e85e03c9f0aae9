package dev.backend.benchmarks.fleet.instances;

/**
 * An entry of the registry.
 *
 * @param id the id of the instance
 * @param text the member of the sorted set
 */
record Member(String id, String text) {

	static Member of(String group, String id, String address, int port) {
		return new Member(id, "%s&%s&%s&%d&tcp".formatted(group, id, address, port));
	}

}
