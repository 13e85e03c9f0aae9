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
 * says on the standard error which have failed, and why. It counts the test cases: the totals of a report leave out the failure
 * of a whole class, which Surefire calls a flake.
 */
class TestCounts {

	/** As many characters of a failure are printed. */
	private static final int LONGEST_REASON = 4000;

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
				Element failure = failure(test);
				if (failure != null) {
					fail(test.getAttribute("classname") + " " + test.getAttribute("name") + reason(failure));
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

	private static Element failure(Element test) {
		for (String kind : List.of("failure", "error")) {
			if (has(test, kind)) {
				return (Element) test.getElementsByTagName(kind).item(0);
			}
		}
		return null;
	}

	/** The text of a failure, which is where its message stands in full, as far as it helps. */
	private static String reason(Element failure) {
		String text = failure.getTextContent().strip();
		return (text.length() > LONGEST_REASON) ? "\n" + text.substring(0, LONGEST_REASON) + " …" : "\n" + text;
	}

	private static boolean has(Element test, String child) {
		return test.getElementsByTagName(child).getLength() > 0;
	}

	private void fail(String what) {
		this.failed++;
		System.err.println("FAILED: " + what);
	}

}
