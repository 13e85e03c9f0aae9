#!/bin/sh
# Builds what the RPC harness needs and runs it. Arguments are the harness's own, see --help.
# MAVEN_ARGUMENTS (such as -o) go to Maven; JAVA_HOME, if set, is the JVM that is measured.
set -e
cd "$(dirname "$0")/.."
contenders=""
for module in backend-benchmarks/contenders/*/pom.xml; do
	contenders="$contenders,$(dirname "$module")"
done
mvn -q $MAVEN_ARGUMENTS -Prpc -am -pl "backend-benchmarks$contenders" process-classes
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -cp backend-benchmarks/target/classes \
	dev.backend.benchmarks.rpc.RpcBenchmark "$@"
