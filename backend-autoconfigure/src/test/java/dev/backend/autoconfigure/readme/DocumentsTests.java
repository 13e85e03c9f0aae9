package dev.backend.autoconfigure.readme;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import dev.backend.autoconfigure.tcp.TcpBackendAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import org.springframework.beans.factory.config.YamlPropertiesFactoryBean;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.util.ClassUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * All that README.md and the documents in docs show is compiled or bound, all their links
 * lead somewhere, and all tests that they name are there.
 */
class DocumentsTests {

	private static final Path REPOSITORY = Path.of("..");

	private static final String METADATA = "META-INF/spring-configuration-metadata.json";

	/** What is not of the application that reads the document. */
	private static final Set<String> CHECKED = Set.of("backend", "spring", "management", "server", "logging");

	/** What has no metadata, but a condition. */
	private static final Set<String> UNDESCRIBED = Set
		.of("spring.cloud.consul.discovery.catalog-services-watch.enabled");

	private static final Pattern LINK = Pattern.compile("\\]\\(([^)\\s]+)\\)");

	private static final Pattern HEADING = Pattern.compile("^#+ (.*)$", Pattern.MULTILINE);

	/** A line of .ci/run: Boot, Netty, Reactor, a weight, and tests if not all. */
	private static final Pattern OTHER_BOOT = Pattern.compile("^  \"([\\d.]+) (\\S+) (\\S+) \\d+ ?(\\S*)\"$",
			Pattern.MULTILINE);

	private static final Pattern DEPENDENCY = Pattern.compile("<dependency>.*?</dependency>", Pattern.DOTALL);

	private static final Pattern TEST = Pattern.compile("`(\\w+Tests)\\b");

	private static final Set<String> TESTS = tests();

	private static final Set<String> SOURCES = sources();

	private static final Map<String, JsonNode> PROPERTIES = metadata("properties");

	static List<Path> documents() throws IOException {
		try (Stream<Path> docs = Files.list(REPOSITORY.resolve("docs"))) {
			return Stream.concat(Stream.of("README.md", "CONTRIBUTING.md").map(REPOSITORY::resolve), docs)
				.filter((file) -> file.toString().endsWith(".md"))
				.sorted()
				.toList();
		}
	}

	@ParameterizedTest
	@MethodSource("documents")
	void everyJavaBlockStandsInACompiledSource(Path document) {
		assertThat(markdown(document).blocks("java")).allMatch(
				(block) -> SOURCES.stream().anyMatch((source) -> source.contains(Markdown.code(block))),
				"a source with this block");
	}

	@ParameterizedTest
	@MethodSource("documents")
	void everyYamlAndPropertiesBlockHasKnownPropertiesOnly(Path document) throws IOException {
		for (Properties block : properties(markdown(document))) {
			// Not stringPropertyNames(): the values of some are numbers.
			assertThat(block.keySet().stream().map(String::valueOf)).isNotEmpty()
				.filteredOn((name) -> CHECKED.contains(name.split("\\.")[0]))
				.allMatch(DocumentsTests::known, "a known property");
		}
	}

	@ParameterizedTest
	@MethodSource("documents")
	void everyYamlAndPropertiesBlockBinds(Path document) throws IOException {
		for (Properties block : properties(markdown(document))) {
			block.replaceAll((name, value) -> String.valueOf(value).replace("${echo.port}", "7001"));
			Binder binder = new Binder(new MapConfigurationPropertySource(block));
			beans().forEach((prefix, type) -> binder.bind(prefix, Bindable.of(type)));
		}
	}

	@ParameterizedTest
	@MethodSource("documents")
	void everyLinkLeadsSomewhere(Path document) throws IOException {
		for (String link : LINK.matcher(markdown(document).text()).results().map((match) -> match.group(1)).toList()) {
			if (link.contains("://")) {
				continue;
			}
			String[] parts = link.split("#", 2);
			Path target = parts[0].isEmpty() ? document : document.resolveSibling(parts[0]);
			assertThat(target.normalize()).as(link).exists();
			if (parts.length > 1) {
				assertThat(anchors(markdown(target))).as(link).contains(parts[1]);
			}
		}
	}

	@ParameterizedTest
	@MethodSource("documents")
	void everyTestThatIsNamedIsThere(Path document) {
		assertThat(TEST.matcher(markdown(document).text()).results().map((match) -> match.group(1))).isSubsetOf(TESTS);
	}

	@Test
	void theReadmeLinksEveryDocument() throws IOException {
		String readme = Markdown.readme().text();
		assertThat(documents()).filteredOn((document) -> document.startsWith(REPOSITORY.resolve("docs")))
			.allSatisfy((document) -> assertThat(readme).contains("(docs/" + document.getFileName() + ")"));
	}

	/** What other tests run applications with is shown as it is. */
	@ParameterizedTest
	@CsvSource({
			"discovery.md, yaml, backend-autoconfigure/src/test/resources/dev/backend/autoconfigure/discovery/application-sources.yml",
			"lifecycle.md, yaml, backend-autoconfigure/src/test/resources/dev/backend/autoconfigure/readme/application-tls.yml",
			"fleets.md, yaml, backend-autoconfigure/src/test/resources/dev/backend/autoconfigure/guide/fleets.yml",
			"getting-started.md, yaml, backend-getting-started/redis/src/main/resources/application.yml",
			"getting-started.md, yaml, backend-getting-started/consul/src/main/resources/application.yml",
			"getting-started.md, text, backend-getting-started/redis/src/test/resources/log.txt",
			"getting-started.md, text, backend-getting-started/consul/src/test/resources/log.txt" })
	void theBlocksOfOtherTestsAreShown(String document, String language, Path file) {
		assertThat(Markdown.of("docs/" + document).blocks(language)).contains(Markdown.read(REPOSITORY.resolve(file)));
	}

	@Test
	void gettingStartedRegistersWhatItsTestRegisters() {
		String service = Markdown
			.read(REPOSITORY.resolve("backend-getting-started/consul/src/test/resources/service.json"))
			.strip();
		assertThat(Markdown.of("docs/getting-started.md").blocks("sh")).anyMatch((block) -> block.contains(service));
	}

	/** What .ci/run runs, and no more, stands in the table of versions. */
	@Test
	void gettingStartedSaysOnWhichVersionsWhatIsRun() {
		String pom = Markdown.read(REPOSITORY.resolve("pom.xml"));
		List<String> rows = new ArrayList<>();
		rows.add(row(property(pom, "spring-boot.version"), property(pom, "reactor-bom.version"),
				property(pom, "netty.version"), "all tests, on Java 17 and 25"));
		OTHER_BOOT.matcher(Markdown.read(REPOSITORY.resolve(".ci/run")))
			.results()
			.map((run) -> row(run.group(1), run.group(3), run.group(2),
					(run.group(4).isEmpty() ? "all tests of `backend-autoconfigure` and " : "")
							+ "the two projects of this page, on Java 17"))
			.forEach(rows::add);
		assertThat(rows).hasSizeGreaterThan(1);
		assertThat(Markdown.of("docs/getting-started.md").text().lines().filter((line) -> line.matches("\\| \\d.*")))
			.containsExactlyElementsOf(rows);
	}

	private static String property(String pom, String name) {
		String start = "<" + name + ">";
		int from = pom.indexOf(start) + start.length();
		return pom.substring(from, pom.indexOf("<", from));
	}

	private static String row(String boot, String reactor, String netty, String what) {
		return "| %s | %s | %s | %s |".formatted(boot, reactor, netty.replace(".Final", ""), what);
	}

	/** And nothing else, but for what is for tests. */
	@Test
	void gettingStartedShowsTheDependenciesOfItsProjects() {
		assertThat(artifacts(String.join("", Markdown.of("docs/getting-started.md").blocks("xml"))))
			.containsAll(gettingStartedArtifacts("redis"))
			.containsAll(gettingStartedArtifacts("consul"));
		assertThat(artifacts(String.join("", Markdown.readme().blocks("xml"))))
			.containsExactlyElementsOf(gettingStartedArtifacts("redis"));
	}

	private static List<String> gettingStartedArtifacts(String project) {
		String pom = Markdown.read(REPOSITORY.resolve("backend-getting-started/" + project + "/pom.xml"));
		return artifacts(pom.substring(pom.indexOf("<dependencies>"), pom.indexOf("<build>")));
	}

	/** The artifacts of all dependencies that are not for tests. */
	private static List<String> artifacts(String xml) {
		return DEPENDENCY.matcher(xml)
			.results()
			.map(MatchResult::group)
			.filter((dependency) -> !dependency.contains("<scope>test</scope>"))
			.map((dependency) -> dependency.replaceAll("(?s).*<artifactId>(.*)</artifactId>.*", "$1"))
			.toList();
	}

	private static Markdown markdown(Path document) {
		return new Markdown(Markdown.read(document));
	}

	private static List<String> anchors(Markdown document) {
		String text = Pattern.compile("^```.*?^```$", Pattern.MULTILINE | Pattern.DOTALL)
			.matcher(document.text())
			.replaceAll("");
		return HEADING.matcher(text)
			.results()
			.map((match) -> match.group(1).toLowerCase(Locale.ROOT).replaceAll("[^\\w\\- ]", "").replace(' ', '-'))
			.toList();
	}

	private static List<Properties> properties(Markdown document) throws IOException {
		List<Properties> found = document.blocks("yaml")
			.stream()
			.map(DocumentsTests::yaml)
			.collect(Collectors.toList());
		for (String block : document.blocks("properties")) {
			Properties properties = new Properties();
			properties.load(new StringReader(block));
			found.add(properties);
		}
		return found;
	}

	private static Properties yaml(String block) {
		YamlPropertiesFactoryBean factory = new YamlPropertiesFactoryBean();
		factory.setResources(new ByteArrayResource(block.getBytes(StandardCharsets.UTF_8)));
		Properties properties = factory.getObject();
		return (properties != null) ? properties : new Properties();
	}

	/**
	 * Whether a property, or a map or list that it is an entry of, is in the metadata.
	 */
	private static boolean known(String name) {
		if (PROPERTIES.containsKey(name) || UNDESCRIBED.contains(name)) {
			return true;
		}
		return PROPERTIES.values()
			.stream()
			.filter((property) -> property.path("type").asString("").matches("java\\.util\\.(Map|List|Set)<.*"))
			.map((property) -> property.path("name").asString())
			.anyMatch((parent) -> name.startsWith(parent + ".") || name.startsWith(parent + "["));
	}

	/** The classes that our properties are bound to, by their prefix. */
	private static Map<String, Class<?>> beans() {
		Map<String, Class<?>> beans = new TreeMap<>();
		metadata("groups").forEach((prefix, group) -> {
			Class<?> type = ClassUtils.resolveClassName(group.path("type").asString(), null);
			if (prefix.startsWith("backend.")
					&& AnnotatedElementUtils.isAnnotated(type, ConfigurationProperties.class)) {
				beans.put(prefix, type);
			}
		});
		assertThat(beans).hasSizeGreaterThan(5);
		return beans;
	}

	private static Map<String, JsonNode> metadata(String part) {
		Map<String, JsonNode> found = new TreeMap<>();
		try {
			for (URL url : Collections
				.list(TcpBackendAutoConfiguration.class.getClassLoader().getResources(METADATA))) {
				JsonNode root;
				try (InputStream input = url.openStream()) {
					root = JsonMapper.shared().readTree(input);
				}
				StreamSupport.stream(root.path(part).spliterator(), false)
					.filter((node) -> !part.equals("groups")
							|| node.path("type").asString("").startsWith("dev.backend."))
					.forEach((node) -> found.put(node.path("name").asString(), node));
			}
		}
		catch (IOException ex) {
			throw new IllegalStateException(ex);
		}
		return found;
	}

	private static Set<String> tests() {
		try (Stream<Path> modules = Files.list(REPOSITORY)) {
			return modules.map((module) -> module.resolve("src/test/java"))
				.filter(Files::isDirectory)
				.flatMap(DocumentsTests::files)
				.map((file) -> file.getFileName().toString())
				.filter((name) -> name.endsWith("Tests.java"))
				.map((name) -> name.substring(0, name.length() - ".java".length()))
				.collect(Collectors.toSet());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static Stream<Path> files(Path folder) {
		try (Stream<Path> files = Files.walk(folder)) {
			return files.toList().stream();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static Set<String> sources() {
		Set<String> found = new TreeSet<>();
		for (String folder : List.of("backend-autoconfigure/src/test/java", "backend-core/src/test/java",
				"backend-sample-app/src/main/java", "backend-getting-started/redis/src/main/java")) {
			files(REPOSITORY.resolve(folder)).filter((file) -> file.toString().endsWith(".java"))
				.filter((file) -> !file.endsWith("DocumentsTests.java"))
				.forEach((file) -> found.add(Markdown.code(Markdown.read(file))));
		}
		return found;
	}

}
