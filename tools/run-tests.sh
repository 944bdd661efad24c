#!/bin/bash
# run-tests.sh MODE BUILDDIR — MODE: unit | all | e2e | asan | tsan | soak
# Logs go to build/test-logs; the last line is "N passed, N failed" over all suites.
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
    if [ "${n#* }" != 0 ]; then
        echo "---- $name failed; the end of $log:"
        grep -nE 'FAILED|ERROR|Error:|failed|not ok|✖|AssertionError|runtime error' "$log" | head -n 30
        tail -n 40 "$log"
        echo "----"
    fi
}

# One pg_virtualenv at a time: its cluster has a fixed name.
with_pg() {
    flock build/pg.lock pg_virtualenv -o fsync=on -o max_connections=60 "$@"
}

unit() { meson test -C "$B" --no-rebuild --num-processes 1 --verbose --no-suite pg; }
unit_pg() { with_pg sh -c 'createdb unit && QUN_TEST_PG="dbname=unit" meson test -C "$0" --no-rebuild --num-processes 1 --verbose' "$B"; }
system_sqlite() { /usr/bin/python3 -m pytest -q -p no:cacheprovider tests --engine sqlite; }
system_pg() { with_pg env QUN_NEED_PG=1 /usr/bin/python3 -m pytest -q -p no:cacheprovider tests --engine postgres; }

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
tsan() {
    configure build/tsan -Db_sanitize=thread -Db_lundef=false -Doptimization=1 -Dwerror=false &&
        nice ninja -C build/tsan -j "$jobs" --quiet src/run/test_run src/http/test_http src/identity/test_identity &&
        TSAN_OPTIONS="halt_on_error=1" sh -c \
            'build/tsan/src/run/test_run && build/tsan/src/http/test_http && build/tsan/src/identity/test_identity'
}
house() {
    /usr/bin/python3 tools/layers.py && /usr/bin/python3 tools/sizes.py && tools/lint.sh format && echo "1 passed, 0 failed"
}
web() { npm --prefix web test; }
e2e() {
    local data password code
    data=$(mktemp -d /tmp/qun-e2e-XXXXXX)
    QUN_DATA=$data PORT=18231 QUN_RATE=1000000 "$QUN_BIN" serve >"$data/serve.log" 2>&1 &
    local server=$!
    for _ in $(seq 100); do
        curl -fs http://127.0.0.1:18231/readyz >/dev/null && break
        sleep 0.1
    done
    password=$(grep -oE '[a-z0-9]{4}(-[a-z0-9]{4}){3}' "$data/serve.log" | head -n 1)
    QUN_BASE_URL=http://127.0.0.1:18231 QUN_OWNER_PASSWORD=$password npm --prefix web run --silent e2e
    code=$?
    kill "$server" && wait "$server"
    grep -E 'ERROR|must\(' "$data/serve.log" && code=1
    rm -rf "$data"
    return $code
}
fuzz() { tools/fuzz.sh 15; }

case $mode in
unit)
    suite unit unit
    ;;
asan) suite asan asan ;;
tsan) suite tsan tsan ;;
e2e) suite e2e e2e ;;
soak)
    export QUN_ROUNDS=2000 QUN_KILL_ROUNDS=50
    suite unit unit
    suite system system_sqlite
    suite system-pg system_pg
    suite fuzz tools/fuzz.sh 300
    ;;
all)
    nice ninja -C "$B" -j "$jobs" --quiet || exit 1
    # two at a time: what measures time stands alone in its half
    (
        suite unit unit
        suite unit-pg unit_pg
        suite system system_sqlite
        suite system-pg system_pg
        suite e2e e2e
    ) &
    (
        suite house house
        suite web web
        suite asan asan
        suite tsan tsan
        suite fuzz fuzz
    )
    wait
    ;;
*)
    echo "run-tests.sh: unknown mode $mode" >&2
    exit 2
    ;;
esac
awk '{ p += $1; f += $2 } END { printf "%d passed, %d failed\n", p, f; exit f > 0 }' "$sums"
