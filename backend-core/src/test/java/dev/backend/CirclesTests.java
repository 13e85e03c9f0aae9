package dev.backend;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Classes that know each other in a circle can only be understood together, so that the
 * largest such circle is bounded. Nested classes count as part of the outer one.
 */
class CirclesTests {

	private static final int LARGEST = 9;

	@Test
	void whenClassesKnowEachOtherInACircleThenTheyAreFew() {
		JavaClasses classes = new ClassFileImporter().withImportOption(new DoNotIncludeTests())
			.withImportOption(new ArchitectureTests.DoNotIncludeTestSupport())
			.importPackages("dev.backend");
		assertThat(circles(dependencies(classes))).isNotEmpty()
			.allSatisfy((circle) -> assertThat(circle).hasSizeLessThanOrEqualTo(LARGEST));
	}

	@Test
	void whenThereIsACircleThenItIsFound() {
		Map<String, Set<String>> dependencies = Map.of("a", Set.of("b"), "b", Set.of("c", "d"), "c", Set.of("a"), "d",
				Set.of("e"), "e", Set.of());
		assertThat(circles(dependencies)).containsExactly(Set.of("a", "b", "c"));
	}

	private static Map<String, Set<String>> dependencies(JavaClasses classes) {
		Map<String, Set<String>> dependencies = new TreeMap<>();
		for (JavaClass type : classes) {
			Set<String> targets = dependencies.computeIfAbsent(outermost(type), (name) -> new TreeSet<>());
			type.getDirectDependenciesFromSelf()
				.stream()
				.map((dependency) -> outermost(dependency.getTargetClass()))
				.filter((target) -> target.startsWith("dev.backend."))
				.forEach(targets::add);
		}
		return dependencies;
	}

	private static String outermost(JavaClass type) {
		return type.getBaseComponentType().getName().replaceFirst("\\$.*", "");
	}

	/** The strongly connected components: who is reached both ways. */
	private static Collection<Set<String>> circles(Map<String, Set<String>> dependencies) {
		Map<String, Set<String>> reached = new HashMap<>();
		dependencies.keySet().forEach((name) -> reached.put(name, reach(name, dependencies)));
		List<Set<String>> circles = new ArrayList<>();
		Set<String> seen = new HashSet<>();
		for (String name : dependencies.keySet()) {
			if (seen.add(name) && reached.getOrDefault(name, Set.of()).contains(name)) {
				Set<String> circle = new TreeSet<>(reached.get(name));
				circle.removeIf((other) -> !reached.getOrDefault(other, Set.of()).contains(name));
				seen.addAll(circle);
				if (circle.size() > 1) {
					circles.add(circle);
				}
			}
		}
		return circles;
	}

	private static Set<String> reach(String start, Map<String, Set<String>> dependencies) {
		Set<String> reached = new HashSet<>();
		Deque<String> next = new ArrayDeque<>(dependencies.get(start));
		while (!next.isEmpty()) {
			String name = next.pop();
			if (reached.add(name)) {
				next.addAll(dependencies.getOrDefault(name, Set.of()));
			}
		}
		return reached;
	}

}
