package dev.backend;

import java.time.Clock;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import org.jspecify.annotations.NullMarked;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

/**
 * The one-way flow: discovery, snapshot, group, ring, service, codec, dispatcher, the
 * user's handler.
 */
@AnalyzeClasses(packages = "dev.backend",
		importOptions = { DoNotIncludeTests.class, ArchitectureTests.DoNotIncludeTestSupport.class })
class ArchitectureTests {

	/** It is on the class path of the tests, and no part of the engine. */
	static final class DoNotIncludeTestSupport implements ImportOption {

		@Override
		public boolean includes(Location location) {
			return !location.contains("backend-test-support");
		}

	}

	/**
	 * From the ground up. A package knows those of lower floors, and so there is no
	 * cycle.
	 */
	private static final List<Set<String>> FLOORS = List.of(Set.of("dev.backend.settings", "dev.backend.logging"),
			Set.of("dev.backend", "dev.backend.execution"),
			Set.of("dev.backend.codec", "dev.backend.routing", "dev.backend.transport", "dev.backend.discovery"),
			Set.of("dev.backend.fleet", "dev.backend.discovery.redis", "dev.backend.discovery.consul",
					"dev.backend.discovery.cloud", "dev.backend.discovery.dns", "dev.backend.discovery.guard"),
			Set.of("dev.backend.tcp", "dev.backend.http"));

	/** Immutable, or made to be shared. */
	private static final List<String> SHAREABLE = List.of("org.slf4j.Logger", "java.lang.invoke.VarHandle",
			"java.lang.String", "java.time.Duration", "java.util.regex.Pattern", "java.util.Set", "java.util.List",
			"java.util.Map", "java.lang.Object");

	@ArchTest
	static final ArchRule packagesKnowOnlyThoseBelow = classes().should(knowOnlyPackagesBelow());

	/** So that each can be used without what the other one needs. */
	@ArchTest
	static final ArchRule onlyAdaptersOfRegistriesKnowSpring = noClasses().that()
		.resideOutsideOfPackages("dev.backend.discovery.redis", "dev.backend.discovery.cloud")
		.should()
		.dependOnClassesThat()
		.resideInAPackage("org.springframework..");

	@ArchTest
	static final ArchRule onlyTheRedisRegistryKnowsItsClients = noClasses().that()
		.resideOutsideOfPackage("dev.backend.discovery.redis")
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage("org.springframework.data..", "io.lettuce..");

	@ArchTest
	static final ArchRule onlyTheSpringCloudSourceKnowsSpringCloud = noClasses().that()
		.resideOutsideOfPackage("dev.backend.discovery.cloud")
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage("org.springframework.cloud..", "com.netflix..");

	/** So that whoever does not use them needs no Jackson on the class path. */
	@ArchTest
	static final ArchRule onlyTheJsonCodecConsulAndTheSnapshotFileKnowJackson = noClasses().that()
		.doNotHaveFullyQualifiedName("dev.backend.codec.JsonCodec")
		.and()
		.resideOutsideOfPackage("dev.backend.discovery.consul")
		.and()
		.haveNameNotMatching("dev\\.backend\\.discovery\\.guard\\.SnapshotFile(\\$.*)?")
		.should()
		.dependOnClassesThat()
		.resideInAPackage("tools.jackson..")
		.orShould()
		.dependOnClassesThat()
		.haveFullyQualifiedName("dev.backend.codec.JsonCodec");

	/** The address asks Netty what an IP address looks like, and nothing else. */
	@ArchTest
	static final ArchRule routingAndFleetKnowNoNetwork = noClasses().that()
		.resideInAnyPackage("dev.backend", "dev.backend.routing..", "dev.backend.fleet..", "dev.backend.discovery")
		.and()
		.doNotHaveFullyQualifiedName("dev.backend.HostAddress")
		.should()
		.dependOnClassesThat()
		.resideInAnyPackage("io.netty..", "reactor..");

	/** It releases what a response brings that was given up. */
	@ArchTest
	static final ArchRule onlyTheSingleUseClientIsMade = noClasses().that()
		.doNotHaveFullyQualifiedName("dev.backend.transport.SingleUseHttpClient")
		.should()
		.callMethodWhere(target(name("create")).and(target(owner(name("reactor.netty.http.client.HttpClient")))));

	/**
	 * A clock that is set must end no connection and no wait. The age of a file, which
	 * outlives the process, has no other measure.
	 */
	@ArchTest
	static final ArchRule onlyTheSnapshotFileKnowsTheTimeOfDay = noClasses().that()
		.doNotHaveFullyQualifiedName("dev.backend.discovery.guard.SnapshotFile")
		.should()
		.callMethod(System.class, "currentTimeMillis")
		.orShould()
		.callConstructor(Date.class)
		.orShould()
		.callMethodWhere(target(name("now")).and(target(owner(resideInAPackage("java.time..")))))
		.orShould()
		.dependOnClassesThat()
		.areAssignableTo(Clock.class);

	/**
	 * One factory of named threads, so that whoever owns a thread knows it again; but for
	 * the one that waits for them.
	 */
	@ArchTest
	static final ArchRule threadsAreMadeInOnePlace = noClasses().that()
		.resideOutsideOfPackage("dev.backend.execution")
		.and()
		.doNotHaveFullyQualifiedName("dev.backend.fleet.FleetRun")
		.should()
		.callConstructorWhere(target(owner(name("java.lang.Thread"))));

	@ArchTest
	static final ArchRule staticFieldsAreConstant = fields().that()
		.areStatic()
		.and()
		.areDeclaredInClassesThat()
		.resideInAPackage("dev.backend..")
		.should(beConstant());

	@ArchTest
	static final ArchRule everyPackageIsNullMarked = classes().should(resideInANullMarkedPackage());

	private static ArchCondition<JavaClass> knowOnlyPackagesBelow() {
		return new ArchCondition<>("know only packages of lower floors") {
			@Override
			public void check(JavaClass type, ConditionEvents events) {
				int floor = floor(type);
				if (floor < 0) {
					events.add(SimpleConditionEvent.violated(type, type.getName() + " is on no floor"));
				}
				type.getDirectDependenciesFromSelf()
					.stream()
					.filter((dependency) -> isOurs(dependency.getTargetClass()))
					.filter((dependency) -> !dependency.getTargetClass().getPackage().equals(type.getPackage()))
					.filter((dependency) -> floor(dependency.getTargetClass()) >= floor)
					.forEach((dependency) -> events
						.add(SimpleConditionEvent.violated(dependency, dependency.getDescription())));
			}
		};
	}

	private static boolean isOurs(JavaClass type) {
		return (type.getPackageName() + ".").startsWith("dev.backend.");
	}

	private static int floor(JavaClass type) {
		return IntStream.range(0, FLOORS.size())
			.filter((floor) -> FLOORS.get(floor).contains(type.getPackageName()))
			.findFirst()
			.orElse(-1);
	}

	private static ArchCondition<JavaField> beConstant() {
		return new ArchCondition<>("be final and of a type that does not change") {
			@Override
			public void check(JavaField field, ConditionEvents events) {
				boolean constant = field.getModifiers().contains(JavaModifier.FINAL) && unchanging(field.getRawType());
				if (!constant && !field.getModifiers().contains(JavaModifier.SYNTHETIC)) {
					events.add(SimpleConditionEvent.violated(field,
							"%s: static %s".formatted(field.getFullName(), field.getRawType().getName())));
				}
			}
		};
	}

	/** Arrays are tables here: written when the class is loaded. */
	private static boolean unchanging(JavaClass type) {
		return type.isPrimitive() || type.isEnum() || type.isRecord() || type.isArray()
				|| SHAREABLE.contains(type.getName())
				|| type.getFields()
					.stream()
					.filter((field) -> !field.getModifiers().contains(JavaModifier.STATIC))
					.allMatch((field) -> field.getModifiers().contains(JavaModifier.FINAL));
	}

	private static ArchCondition<JavaClass> resideInANullMarkedPackage() {
		return new ArchCondition<>("reside in a package that is @NullMarked") {

			private Set<String> unmarked = Set.of();

			@Override
			public void init(Collection<JavaClass> all) {
				this.unmarked = all.stream()
					.map(JavaClass::getPackage)
					.distinct()
					.filter((candidate) -> !candidate.isAnnotatedWith(NullMarked.class))
					.map((candidate) -> candidate.getName())
					.collect(Collectors.toSet());
			}

			@Override
			public void check(JavaClass type, ConditionEvents events) {
				if (this.unmarked.contains(type.getPackageName())) {
					events.add(SimpleConditionEvent.violated(type, type.getName() + " is in an unmarked package"));
				}
			}
		};
	}

}
