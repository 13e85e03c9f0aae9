import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;

import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * Prints how many tests have passed, failed and were skipped by the reports of Surefire below the current folder, and
 * names those that failed on the standard error. It counts the test cases: the totals of a report leave out the failure
 * of a whole class, which Surefire calls a flake.
 */
class TestCounts {

	private int passed;

	private int failed;

	private int skipped;

	public static void main(String[] arguments) throws Exception {
		TestCounts counts = new TestCounts();
		for (Path report : reports()) {
			counts.count(report);
		}
		System.out.println(counts.passed + " " + counts.failed + " " + counts.skipped);
	}

	private static List<Path> reports() throws IOException {
		try (Stream<Path> files = Files.walk(Path.of("."))) {
			return files.filter((file) -> file.getParent() != null && file.getParent().endsWith("target/surefire-reports"))
				.filter((file) -> file.getFileName().toString().matches("TEST-.*\\.xml"))
				.sorted()
				.toList();
		}
	}

	private void count(Path report) {
		Element suite;
		try {
			DocumentBuilder builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
			builder.setErrorHandler(null);
			suite = builder.parse(report.toFile()).getDocumentElement();
		}
		catch (Exception ex) {
			fail(report + " cannot be read: " + ex.getMessage());
			return;
		}
		for (Node node = suite.getFirstChild(); node != null; node = node.getNextSibling()) {
			if (node instanceof Element test && test.getTagName().equals("testcase")) {
				if (has(test, "failure") || has(test, "error")) {
					fail(test.getAttribute("classname") + " " + test.getAttribute("name"));
				}
				else if (has(test, "skipped")) {
					this.skipped++;
				}
				else {
					this.passed++;
				}
			}
		}
	}

	private static boolean has(Element test, String child) {
		return test.getElementsByTagName(child).getLength() > 0;
	}

	private void fail(String what) {
		this.failed++;
		System.err.println("FAILED: " + what);
	}

}
