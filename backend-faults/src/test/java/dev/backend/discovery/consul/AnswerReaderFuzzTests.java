package dev.backend.discovery.consul;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.backend.discovery.DiscoveredInstance;
import dev.backend.discovery.consul.ServiceContent.Entry;
import tools.jackson.core.JacksonException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Answers of Consul, or of what stands in its place. See CONTRIBUTING.md for how to fuzz.
 */
class AnswerReaderFuzzTests {

	private static final int MAXIMUM = 3;

	private final AnswerReader reader = new AnswerReader(null, MAXIMUM);

	private final AnswerReader tagged = new AnswerReader("eu", MAXIMUM);

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
		assertThat(content.live().size() + content.refused().size()).isLessThanOrEqualTo(MAXIMUM);
		assertThat(content.listed()).isGreaterThanOrEqualTo(content.live().size() + content.surplus());
		for (Entry entry : content.live()) {
			DiscoveredInstance instance = entry.instance();
			assertThat(instance.port()).isBetween(1, 65535);
			assertThat(instance.name()).isNotBlank();
			assertThat(instance.id()).isNotBlank();
			assertThat(instance.address()).isNotBlank();
		}
		content.refused().forEach(AnswerReaderFuzzTests::assertPrintable);
		content.otherKinds().keySet().forEach(AnswerReaderFuzzTests::assertPrintable);
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
			assertPrintable(ConsulFailure.printable(ex.getOriginalMessage()));
		}
	}

	/** So that nobody forges lines of a log. */
	private static void assertPrintable(String text) {
		assertThat(text).doesNotContainPattern("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}\\p{Cs}]");
	}

}
