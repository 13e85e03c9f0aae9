package dev.backend.discovery.consul;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.FailureText;
import dev.backend.discovery.InstanceRules;
import dev.backend.discovery.InstanceTable;
import tools.jackson.core.JacksonException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Answers of Consul, or of what stands in its place. See CONTRIBUTING.md for how to fuzz.
 */
class AnswerReaderFuzzTests {

	private static final InstanceRules RULES = InstanceRules.defaults().withMaximumInstances(3);

	private final AnswerReader reader = new AnswerReader(null, RULES);

	private final AnswerReader tagged = new AnswerReader("eu", RULES);

	@FuzzTest(maxDuration = "3m")
	void answers(byte[] json) {
		unlessRefused(() -> assertThat(this.reader.text(json)).isNotNull());
		unlessRefused(() -> assertThat(this.reader.list(json)).isTrue());
		unlessRefused(
				() -> assertThat(this.reader.names(json).listed()).containsAll(this.reader.names(json).carrying()));
		unlessRefused(() -> assertContent(this.reader.service("game", json)));
		unlessRefused(() -> assertContent(this.tagged.service("game", json)));
	}

	private static void assertContent(ServiceContent content) {
		InstanceTable table = new InstanceTable("consul", RULES);
		table.update("game", content.entries(), content.others());
		assertThat(table.instances()).hasSizeLessThanOrEqualTo(RULES.maximumInstances());
		for (DiscoveredInstance instance : table.instances()) {
			assertThat(instance.port()).isBetween(1, 65535);
			assertThat(instance.name()).isNotBlank();
			assertThat(instance.id()).isNotBlank();
			assertThat(instance.address()).isNotBlank();
		}
		content.otherKinds().forEach(AnswerReaderFuzzTests::assertPrintable);
		content.shared().forEach(AnswerReaderFuzzTests::assertPrintable);
	}

	private static void unlessRefused(Runnable read) {
		try {
			read.run();
		}
		catch (ConsulFailure ex) {
			assertPrintable(String.valueOf(ex.getMessage()));
		}
		catch (JacksonException ex) {
			assertPrintable(FailureText.printable(ex.getOriginalMessage()));
		}
	}

	/** So that nobody forges lines of a log. */
	private static void assertPrintable(String text) {
		assertThat(text).doesNotContainPattern("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}]");
	}

}
