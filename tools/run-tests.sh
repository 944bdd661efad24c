#!/bin/bash
# run-tests.sh MODE BUILDDIR — MODE: unit | all | e2e | asan | tsan | soak
# Logs go to build/test-logs; the last line is "N passed, N failed" over all suites. A suite that cannot run,
# or runs no test, counts as a failure; what a test skips is said with its reason.
set -u
cd "$(dirname "$0")/.."
mode=$1 B=$2
logs=build/test-logs
sums=$logs/sums.$mode
mkdir -p "$logs"
: >"$sums"
jobs=$(nproc)
export QUN_BIN="$PWD/$B/src/app/qun"
export QUN_SHARED_DATA=${QUN_SHARED_DATA:-$PWD/../shared/data}
export NO_COLOR=1

# suite NAME COMMAND…: runs it, keeps its log, says a line, adds to the sum
suite() {
    local name=$1 log=$logs/$1.log start=$SECONDS code
    shift
    "$@" >"$log" 2>&1
    code=$?
    local n
    n=$(tools/count.py "$log" $code)
    echo "$n" >>"$sums"
    printf '%-16s %5s passed %3s failed  %4ss\n' "$name" ${n% *} ${n#* } $((SECONDS - start))
    grep -hE '^SKIPPED |^\[  SKIPPED \] test_' "$log" | sed 's/^/    /' | sort -u | head -n 12
    if [ "${n#* }" != 0 ]; then
        echo "---- $name failed; the end of $log:"
        grep -nE 'FAILED|ERROR|Error:|failed|not ok|✖|AssertionError|runtime error' "$log" | grep -v ' UTC \[' | head -n 30
        grep -vE '^[0-9-]+ [0-9:.]+ UTC \[' "$log" | tail -n 40 # without PostgreSQL's own log
        echo "----"
    fi
}

# A cluster of its own in a temporary folder, with real fsync; several may run side by side.
with_pg() {
    pg_virtualenv -t -o fsync=on -o max_connections=60 "$@"
}

unit() { meson test -C "$B" --no-rebuild --num-processes 1 --verbose --no-suite pg; }
unit_pg() { with_pg sh -c 'createdb unit && QUN_TEST_PG="dbname=unit" meson test -C "$0" --no-rebuild --num-processes 1 --verbose' "$B"; }
pytest=(/usr/bin/python3 -m pytest -q -rs --durations=8 -p no:cacheprovider)
system_sqlite() { "${pytest[@]}" tests --engine sqlite; }
system_pg() { with_pg env QUN_NEED_PG=1 "${pytest[@]}" tests --engine postgres; }
# The program itself under a sanitizer: what talks to it, not what measures or kills it.
talking=(tests/test_api.py tests/test_authz.py tests/test_bad_input.py tests/test_first_run.py tests/test_isolation.py tests/test_life.py)

configure() { # DIR OPTIONS…
    local dir=$1
    shift
    [ -f "$dir/build.ninja" ] || meson setup "$dir" "$@"
}
asan() {
    configure build/asan -Db_sanitize=address,undefined -Db_lundef=false -Doptimization=1 -Dwerror=false &&
        nice ninja -C build/asan -j "$jobs" --quiet &&
        UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 ASAN_OPTIONS=detect_leaks=1 \
            meson test -C build/asan --no-rebuild --num-processes 1 --verbose --timeout-multiplier 6
}
asan_system() {
    QUN_BIN=$PWD/build/asan/src/app/qun QUN_TEST_SLOW=8 "${pytest[@]}" "${talking[@]}" --engine sqlite
}
tsan() {
    configure build/tsan -Db_sanitize=thread -Db_lundef=false -Doptimization=1 -Dwerror=false &&
        nice ninja -C build/tsan -j "$jobs" --quiet src/run/test_run src/http/test_http src/identity/test_identity &&
        TSAN_OPTIONS="halt_on_error=1:suppressions=$PWD/tests/tsan.supp" sh -c \
            'build/tsan/src/run/test_run && build/tsan/src/http/test_http && build/tsan/src/identity/test_identity'
}
tsan_system() {
    nice ninja -C build/tsan -j "$jobs" --quiet src/app/qun &&
        QUN_BIN=$PWD/build/tsan/src/app/qun QUN_TEST_SLOW=10 "${pytest[@]}" "${talking[@]}" --engine sqlite
}
house() {
    tools/lint.sh changed && echo "1 passed, 0 failed"
}
web() { npm --prefix web test; }
e2e() {
    local data port password code
    data=$(mktemp -d /tmp/qun-e2e-XXXXXX)
    QUN_DATA=$data PORT=0 QUN_RATE=1000000 "$QUN_BIN" serve >"$data/serve.log" 2>&1 &
    local server=$!
    for _ in $(seq 100); do
        port=$(sed -nE 's,.*https?://[^ ]*:([0-9]+)/.*,\1,p' "$data/serve.log")
        [ -n "$port" ] && curl -fs "http://127.0.0.1:$port/readyz" >/dev/null && break
        sleep 0.1
    done
    password=$(grep -oE '[a-z0-9]{4}(-[a-z0-9]{4}){3}' "$data/serve.log" | head -n 1)
    QUN_BASE_URL=http://127.0.0.1:$port QUN_OWNER_PASSWORD=$password npm --prefix web run --silent e2e
    code=$?
    kill "$server" && wait "$server" || code=1
    grep -E 'ERROR|must\(' "$data/serve.log" && code=1
    rm -rf "$data"
    return $code
}
# A real server has one first run; the mock has as many as there are screens and languages.
journeys() { npm --prefix web run --silent e2e -- journey states; }
# What waits for time-outs of a quarter of a minute.
slow() { QUN_SLOW_TESTS=1 "$B/src/http/test_http"; }
fuzz() { tools/fuzz.sh 15; }

case $mode in
unit)
    suite unit unit
    ;;
asan)
    suite asan asan
    suite asan-system asan_system
    ;;
tsan)
    suite tsan tsan
    suite tsan-system tsan_system
    ;;
e2e) suite e2e e2e ;;
soak)
    export QUN_ROUNDS=2000 QUN_KILL_ROUNDS=50 QUN_TEST_SEED=${QUN_TEST_SEED:-$RANDOM}
    echo "seed $QUN_TEST_SEED"
    nice ninja -C "$B" -j "$jobs" --quiet || exit 1
    suite unit unit
    suite slow slow
    suite unit-pg unit_pg
    suite system system_sqlite
    suite system-pg system_pg
    suite asan asan
    suite asan-system asan_system
    suite tsan tsan
    suite tsan-system tsan_system
    suite fuzz tools/fuzz.sh 300
    ;;
all)
    nice ninja -C "$B" -j "$jobs" --quiet || exit 1
    # two at a time: what waits for disks and clocks beside what computes; so clocks get some room
    export QUN_TEST_SLOW=3
    (
        suite unit unit
        suite system system_sqlite
        suite unit-pg unit_pg
        suite system-pg system_pg
        suite e2e e2e
    ) &
    (
        suite house house
        suite web web
        suite tsan tsan
        suite asan asan
        suite asan-system asan_system
        suite fuzz fuzz
        suite journeys journeys
    )
    wait
    ;;
*)
    echo "run-tests.sh: unknown mode $mode" >&2
    exit 2
    ;;
esac
awk '{ p += $1; f += $2 } END { printf "%d passed, %d failed\n", p, f; exit f > 0 }' "$sums"
