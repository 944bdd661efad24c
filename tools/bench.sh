#!/bin/sh
# Measures the program in BUILDDIR: one line per figure, see bench/README.md. bench.sh BUILDDIR [NAME…]
set -eu
cd "$(dirname "$0")/.."
build=${1:?usage: tools/bench.sh BUILDDIR [NAME…]}
shift
mkdir -p "$build/bench"
${CC:-cc} -O2 -o "$build/bench/chatgen" bench/chatgen.c
exec /usr/bin/python3 bench/bench.py "$build" "$@"
