package dev.backend.sample.gateway;

import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.openqa.selenium.By;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;

import org.springframework.boot.test.web.server.LocalServerPort;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a user sees on the page, in a real browser.
 */
@EnabledIf("dev.backend.sample.gateway.Chromium#available")
class ChromiumPageTests extends AbstractSampleTests {

	private static Chromium chromium;

	@LocalServerPort
	private int port;

	@BeforeAll
	static void startBrowser() {
		chromium = Chromium.started();
	}

	@AfterAll
	static void stopBrowser() {
		chromium.close();
	}

	@BeforeEach
	void loadPage() {
		chromium.driver().get("http://127.0.0.1:" + this.port + "/");
		assertShown("game-1 READY", "game-2 READY", "game-3 READY", "pay-1 UP", "pay-2 UP");
	}

	@Test
	void whenOwnerIsStoppedOnThePageThenKeyMovesAndReturnsWhenItIsStarted() {
		RouteController.Target before = route("user-1");
		assertOwnerShown(before.id());
		click("button[aria-label='Stop " + before.id() + "']");
		await().untilAsserted(() -> assertThat(rows()).contains(before.id() + " NOT LISTED"));
		assertOwnerShown(before.next().get(0));
		click("button[aria-label='Start " + before.id() + "']");
		await().untilAsserted(() -> assertThat(rows()).contains(before.id() + " READY"));
		assertOwnerShown(before.id());
	}

	@Test
	void whenMessageIsSentThenTheOwnerOfTheKeyIsShownWithItsReply() {
		String owner = route("user-1").id();
		click("#send button[type=submit]");
		await().untilAsserted(
				() -> assertThat(texts("#replies li")).singleElement().asString().contains(owner).contains("Hello"));
	}

	@Test
	void thePageLoadsWithoutAnError() {
		// Reading empties the log, which has what other tests have stopped and asked for.
		log();
		loadPage();
		assertThat(log()).isEmpty();
	}

	private List<String> log() {
		return chromium.driver()
			.manage()
			.logs()
			.get(LogType.BROWSER)
			.getAll()
			.stream()
			.map(LogEntry::getMessage)
			.toList();
	}

	private void assertShown(String... rows) {
		await().untilAsserted(() -> assertThat(rows()).containsExactly(rows));
	}

	private void assertOwnerShown(String id) {
		await().untilAsserted(() -> assertThat(texts("#routes dd:first-of-type > span")).containsExactly(id));
	}

	/**
	 * Returns the id and state of each row, read at once: rows are made anew with each
	 * change.
	 */
	private List<String> rows() {
		List<String> texts = texts("#services td:first-child, #services .state");
		return IntStream.range(0, texts.size() / 2)
			.mapToObj((i) -> texts.get(2 * i) + " " + texts.get(2 * i + 1))
			.toList();
	}

	private List<String> texts(String selector) {
		Object texts = chromium.driver()
			.executeScript("return [...document.querySelectorAll(arguments[0])].map((found) => found.textContent)",
					selector);
		return ((List<?>) Objects.requireNonNull(texts)).stream().map(String::valueOf).toList();
	}

	/** What a change has replaced meanwhile is looked up again. */
	private void click(String selector) {
		await().ignoreException(StaleElementReferenceException.class).until(() -> {
			chromium.driver().findElement(By.cssSelector(selector)).click();
			return true;
		});
	}

}
