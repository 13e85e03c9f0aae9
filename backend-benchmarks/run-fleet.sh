#!/bin/sh
# Builds what the benchmark of a fleet needs and runs it. Arguments are its own, see --help.
# MAVEN_ARGUMENTS (such as -o) go to Maven; JAVA_HOME, if set, is the JVM that is measured.
set -e
cd "$(dirname "$0")/.."

revision=""
for argument in "$@"; do
	case $argument in
		--before=*) revision=$(git rev-parse --verify "${argument#*=}^{commit}") ;;
	esac
done
mvn -q $MAVEN_ARGUMENTS -Prpc -am \
	-pl backend-benchmarks,backend-benchmarks/contenders/lettuce,backend-benchmarks/fleet process-classes

# The library of the earlier revision, in today's application.
if [ -n "$revision" ]; then
	set -- "$@" "--before=$revision" # The last one counts.
	checkout=$(mktemp -d)
	trap 'rm -rf "$checkout"' EXIT
	trap 'exit 1' HUP INT TERM
	git archive "$revision" | tar -x -C "$checkout"
	mvn -q $MAVEN_ARGUMENTS -f "$checkout/pom.xml" -am -pl backend-autoconfigure process-classes
	before=backend-benchmarks/target/fleet-before/target
	rm -rf "$before"
	mkdir -p "$before"
	cp -R backend-benchmarks/fleet/target/classes "$before/classes"
	cp -R "$checkout/backend-core/target/classes" "$before/core"
	cp -R "$checkout/backend-autoconfigure/target/classes" "$before/autoconfigure"
	sed -e "s#$PWD/backend-core/target/classes#$PWD/$before/core#" \
		-e "s#$PWD/backend-autoconfigure/target/classes#$PWD/$before/autoconfigure#" \
		backend-benchmarks/fleet/target/runtime.classpath >"$before/runtime.classpath"
	rm -rf "$checkout"
fi
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -cp backend-benchmarks/target/classes \
	dev.backend.benchmarks.fleet.FleetBenchmark "$@"
