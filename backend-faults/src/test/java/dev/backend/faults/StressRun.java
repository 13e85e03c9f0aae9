package dev.backend.faults;

import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;

import org.openjdk.jcstress.Options;
import org.openjdk.jcstress.infra.Status;
import org.openjdk.jcstress.infra.TestInfo;
import org.openjdk.jcstress.infra.collectors.DiskWriteCollector;
import org.openjdk.jcstress.infra.collectors.TestResult;
import org.openjdk.jcstress.infra.runners.ForkedTestConfig;
import org.openjdk.jcstress.infra.runners.Runner;
import org.openjdk.jcstress.infra.runners.TestConfig;
import org.openjdk.jcstress.infra.runners.TestList;
import org.openjdk.jcstress.os.AffinityMode;
import org.openjdk.jcstress.os.NodeType;
import org.openjdk.jcstress.os.SchedulingClass;
import org.openjdk.jcstress.vm.CompileMode;

/**
 * Runs all jcstress tests in this JVM, each until it has so many samples. The main class
 * of jcstress itself takes longer to find out what the JVM supports, and to start one for
 * each test and set of flags, than the build has time. The results are written as it
 * writes them.
 */
final class StressRun {

	private StressRun() {
	}

	/**
	 * Runs the tests.
	 * @param arguments the file for the results; the least number of samples of each
	 * test; then options of jcstress
	 */
	public static void main(String[] arguments) throws Exception {
		long samples = Long.parseLong(arguments[1]);
		Options options = new Options(List.of(arguments).subList(2, arguments.length).toArray(String[]::new));
		if (!options.parse()) {
			System.exit(1);
		}
		DiskWriteCollector results = new DiskWriteCollector(arguments[0]);
		for (String name : new TreeSet<>(TestList.tests())) {
			if (Pattern.compile(options.getTestFilter()).matcher(name).find()) {
				run(TestList.getInfo(name), options, samples, results);
			}
		}
		results.close();
		// Also if a test hangs.
		System.exit(0);
	}

	private static void run(TestInfo test, Options options, long samples, DiskWriteCollector results) {
		TestConfig config = new TestConfig(options, test, 0, List.of(), CompileMode.UNIFIED,
				new SchedulingClass(AffinityMode.NONE, test.threads(), NodeType.PACKAGE));
		long seen = 0;
		TestResult result;
		do {
			result = run(config);
			results.add(result);
			seen += result.getTotalCount();
		}
		while (seen < samples && result.status() == Status.NORMAL);
		System.out.printf("%,14d samples of %s%n", seen, test.name());
	}

	private static TestResult run(TestConfig config) {
		TestResult result;
		try {
			Object runner = Class.forName(config.generatedRunnerName)
				.getConstructor(ForkedTestConfig.class)
				.newInstance(new ForkedTestConfig(config));
			result = ((Runner<?>) runner).run();
		}
		catch (Throwable ex) {
			result = new TestResult(Status.TEST_ERROR);
			result.addMessages(ex);
		}
		result.setConfig(config);
		return result;
	}

}
