#!/bin/bash
# lint.sh [format] — the house rules a machine can keep: format, layers, sizes, clang-tidy, cppcheck.
# With `format` only the first: quick enough for every test run.
set -u
cd "$(dirname "$0")/.."
code=0
mapfile -t files < <(git ls-files 'src/*.c' 'src/*.h' 'fuzz/*.c')
clang-format --dry-run -Werror "${files[@]}" || code=1
[ "${1:-}" = format ] && exit $code
/usr/bin/python3 tools/layers.py || code=1
/usr/bin/python3 tools/sizes.py || code=1
B=build/tidy
[ -f $B/build.ninja ] || CC=clang meson setup $B -Dwerror=false >/dev/null || exit 1
ninja -C $B --quiet src/db/all_sql.gen.c || true
mapfile -t sources < <(git ls-files 'src/*.c' | grep -vE '_test\.c$|/test(s)?/')
nice xargs -P "$(nproc)" -n 8 clang-tidy -p $B --quiet <<<"${sources[*]}" 2>build/tidy.err || code=1
cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
    --suppress=missingIncludeSystem --suppress=unknownMacro -Isrc "${sources[@]}" || code=1
exit $code
