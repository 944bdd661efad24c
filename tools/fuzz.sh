#!/bin/bash
# fuzz.sh SECONDS — builds the libFuzzer targets with clang, replays their corpora, runs each for a while.
# New findings stay in build/fuzz-found; the corpora in the tree are not touched.
set -u
cd "$(dirname "$0")/.."
seconds=${1:-15}
B=build/fuzz
[ -f $B/build.ninja ] || CC=clang meson setup $B -Dfuzz=true -Dtests=disabled -Dwerror=false -Doptimization=1 \
    -Db_sanitize=address,undefined -Db_lundef=false -Dc_args=-fsanitize=fuzzer-no-link || exit 1
names=$(ls fuzz/fuzz_*.c | sed -nE 's,fuzz/fuzz_(.*)\.c,\1,p' | grep -v '^support$')
targets=$(for n in $names; do echo fuzz/fuzz_$n; done)
nice ninja -C $B -j "$(nproc)" --quiet $targets || exit 1
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
passed=0 failed=0
for n in $names; do
    work=build/fuzz-found/$n
    mkdir -p "$work"
    [ -d "fuzz/corpus/$n" ] || { echo "no corpus for $n"; failed=$((failed + 1)); continue; }
    if $B/fuzz/fuzz_$n -runs=0 fuzz/corpus/$n >"$work.replay" 2>&1 &&
        $B/fuzz/fuzz_$n -max_total_time="$seconds" -max_len=8192 -timeout=20 -rss_limit_mb=2048 \
            -artifact_prefix="$work/" "$work" fuzz/corpus/$n >"$work.log" 2>&1; then
        passed=$((passed + 1))
        tail -n 1 "$work.log"
    else
        failed=$((failed + 1))
        echo "FAILED $n"
        tail -n 40 "$work.replay" "$work.log"
    fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
