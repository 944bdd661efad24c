#!/bin/bash
# lint.sh [format|changed] — the house rules a machine can keep: format, layers, sizes, clang-tidy, cppcheck.
# `format`: the first alone. `changed`: clang-tidy reads only what differs from the last commit that was not a
# merge of its own, that is from HEAD~1, and what is not committed; everything else in full.
set -u
cd "$(dirname "$0")/.."
mode=${1:-all}
code=0
mapfile -t files < <(git ls-files 'src/*.c' 'src/*.h' 'fuzz/*.c' 'tests/*.c')
clang-format --dry-run -Werror "${files[@]}" || code=1
[ "$mode" = format ] && exit $code
/usr/bin/python3 tools/layers.py || code=1
/usr/bin/python3 tools/sizes.py || code=1

# generated headers come first: both tools read them
B=build/tidy
[ -f $B/build.ninja ] || CC=clang meson setup $B -Dwerror=false >/dev/null || exit 1
# shellcheck disable=SC2046 # names without blanks
nice ninja -C $B --quiet $(ninja -C $B -t targets all | grep -oE '^src/db/[a-z_]+\.gen\.h' | sort -u) || exit 1
mapfile -t sources < <(git ls-files 'src/*.c' | grep -vE '_test\.c$|/tests?/|fixture\.c$')
read_by_tidy=("${sources[@]}")
if [ "$mode" = changed ]; then
    mapfile -t read_by_tidy < <({ git diff --name-only HEAD~1 -- 2>/dev/null || git ls-files; } |
        grep -Fx -f <(printf '%s\n' "${sources[@]}"))
fi
if [ ${#read_by_tidy[@]} -gt 0 ]; then
    printf '%s\n' "${read_by_tidy[@]}" | nice xargs -P "$(nproc)" -n 4 clang-tidy -p $B --quiet 2>build/tidy.err || code=1
fi

# Off: internalAstError, missingReturn (this cppcheck does not follow GNU C and noreturn; gcc does);
# shiftTooManyBitsSigned, invalidPointerCast (gcc's arithmetic shift and our field tables are meant);
# autoVariables (a context borrows an object of the frame and gives it back before the end).
nice cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
    --suppress=missingIncludeSystem --suppress=unknownMacro --suppress=internalAstError --suppress=missingReturn \
    --suppress=shiftTooManyBitsSigned --suppress=invalidPointerCast --suppress=autoVariables \
    -Isrc -I$B/src/db "${sources[@]}" || code=1
[ $code = 0 ] && echo "lint: ${#sources[@]} sources, ${#read_by_tidy[@]} read by clang-tidy: clean"
exit $code
