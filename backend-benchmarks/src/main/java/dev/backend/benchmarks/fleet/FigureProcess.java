package dev.backend.benchmarks.fleet;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

import dev.backend.benchmarks.rpc.ChildProcess;

/**
 * A process that answers each line by one: a word and numbers with their names.
 */
final class FigureProcess implements AutoCloseable {

	private final ChildProcess process;

	FigureProcess(String name, Process process) {
		this.process = new ChildProcess(name, process);
	}

	/** Sends a line and returns the answer. */
	Map<String, Double> ask(String line, String word) throws IOException {
		this.process.tell(line);
		return await(word);
	}

	/** Waits for the answer that begins with a word. */
	Map<String, Double> await(String word) throws IOException {
		Map<String, Double> values = new HashMap<>();
		for (String field : this.process.await(word).split(" ")) {
			int equals = field.indexOf('=');
			if (equals > 0) {
				values.put(field.substring(0, equals), Double.valueOf(field.substring(equals + 1)));
			}
		}
		return values;
	}

	@Override
	public void close() throws IOException {
		this.process.close();
	}

}
