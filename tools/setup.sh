#!/bin/sh
# Installs the Debian packages of tools/packages.txt that are missing: setup.sh run|test
# As root directly, else through sudo. Nothing is done when all are there.
set -eu
cd "$(dirname "$0")/.."
want=$(awk -v upto="${1:-run}" '
    /^\[/ { section = $0; next }
    /^#/ || !NF { next }
    section == "[run]" || upto == "test" { print $1 }' tools/packages.txt)
command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || want="$want nodejs npm"
missing=
for p in $want; do
    dpkg-query -W -f='${db:Status-Status}\n' "$p" 2>/dev/null | grep -qx installed || missing="$missing $p"
done
[ -n "$missing" ] || exit 0
as=
[ "$(id -u)" = 0 ] || as=sudo
echo "Installing:$missing"
$as apt-get update -qq
# A server that a package starts by itself is not wanted here: the tests start their own.
DEBIAN_FRONTEND=noninteractive $as apt-get install -y -qq --no-install-recommends $missing
