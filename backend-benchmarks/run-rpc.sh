#!/bin/sh
# Builds what the RPC harness needs and runs it. Arguments are the harness's own, see --help.
# MAVEN_ARGUMENTS (such as -o) go to Maven; JAVA_HOME, if set, is the JVM that is measured.
set -e
cd "$(dirname "$0")/.."

selected=""
for argument in "$@"; do
	case $argument in
		--contenders=*) selected=${argument#*=} ;;
		--before=*) revision=${argument#*=} ;;
	esac
done
if [ -n "${revision+given}" ]; then
	selected="backend,$selected"
	revision=$(git rev-parse --verify "$revision^{commit}")
	set -- "$@" "--before=$revision" # The last one counts.
fi

# Of the other contenders only those that were asked for: they have many libraries.
modules=backend-benchmarks
for pom in backend-benchmarks/contenders/*/pom.xml; do
	module=$(dirname "$pom")
	case $selected in
		"" | *"$(basename "$module")"*) modules="$modules,$module" ;;
	esac
done
mvn -q $MAVEN_ARGUMENTS -Prpc -am -pl "$modules" process-classes

# The engine, the contender and the libraries of the earlier revision, in today's harness.
if [ -n "${revision+given}" ]; then
	checkout=$(mktemp -d)
	trap 'rm -rf "$checkout"' EXIT
	trap 'exit 1' HUP INT TERM
	git archive "$revision" | tar -x -C "$checkout"
	mvn -q $MAVEN_ARGUMENTS -f "$checkout/pom.xml" -Prpc -am -pl backend-benchmarks process-classes
	before=backend-benchmarks/target/rpc-before/target
	rm -rf "$before"
	mkdir -p "$before/classes/dev/backend/benchmarks/rpc"
	cp -R "$checkout/backend-core/target/classes/." "$before/classes"
	cp -R "$checkout/backend-benchmarks/target/classes/dev/backend/benchmarks/rpc/backend" \
		"$before/classes/dev/backend/benchmarks/rpc"
	{
		echo "$PWD/backend-benchmarks/target/classes"
		cat "$checkout"/backend-benchmarks/target/*.classpath | tr ':' '\n' | grep '\.jar$'
	} | paste -s -d : - >"$before/runtime.classpath"
	rm -rf "$checkout"
fi
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" -cp backend-benchmarks/target/classes \
	dev.backend.benchmarks.rpc.RpcBenchmark "$@"
