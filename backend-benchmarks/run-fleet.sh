#!/bin/sh
# Builds what the benchmark of a fleet needs and runs it. Arguments are its own, see --help.
# MAVEN_ARGUMENTS (such as -o) go to Maven; JAVA_HOME, if set, is the JVM that is measured.
set -e
cd "$(dirname "$0")/.."
mvn -q $MAVEN_ARGUMENTS -Prpc -am \
	-pl backend-benchmarks,backend-benchmarks/contenders/lettuce,backend-benchmarks/fleet process-classes
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -cp backend-benchmarks/target/classes \
	dev.backend.benchmarks.fleet.FleetBenchmark "$@"
