#!/bin/sh
# Builds the console into web/dist when something under web/ is newer; packages by the lock file.
set -eu
cd "$(dirname "$0")/../web"
mkdir -p ../build
stamp=dist/.built
if [ -f "$stamp" ] && [ -z "$(find . -path ./node_modules -prune -o -path ./dist -prune -o -path ./test-results -prune -o -type f -newer "$stamp" -print | head -n 1)" ]; then
    exit 0
fi
if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    echo "Fetching web packages"
    npm ci --no-audit --no-fund --loglevel=error
fi
echo "Building the console"
npm run --silent build >../build/web.log 2>&1 || { cat ../build/web.log; exit 1; }
touch "$stamp"
