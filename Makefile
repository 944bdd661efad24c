# make run    installs what is missing, builds, serves      make test   everything CI runs
# make check  the fast inner loop                            make lint   style, layers, sizes, analysers
# make asan · tsan · fuzz · soak · bench                     PORT, QUN_DATA, QUN_DB override
SHELL := /bin/sh
B := build/release
JOBS ?= $(shell nproc)
export PORT ?= 8080
export QUN_DATA ?= $(CURDIR)/data

.PHONY: run build web check test lint asan tsan fuzz soak bench e2e clean setup setup-test
setup:
	@tools/setup.sh run
setup-test:
	@tools/setup.sh test

# the console: rebuilt only when something under web/ is newer than what was built
web: setup
	@tools/web.sh

build: setup web
	@test -f $(B)/build.ninja || meson setup $(B) --buildtype=debugoptimized >build/setup.log 2>&1 || { cat build/setup.log; exit 1; }
	@ninja -C $(B) -j $(JOBS) --quiet src/app/qun

run: build
	@exec $(B)/src/app/qun serve

check: build
	@ninja -C $(B) -j $(JOBS) --quiet
	@tools/run-tests.sh unit $(B)

test: setup-test build
	@tools/run-tests.sh all $(B)

lint: setup-test
	@tools/lint.sh

asan: setup-test web
	@tools/run-tests.sh asan build/asan

tsan: setup-test web
	@tools/run-tests.sh tsan build/tsan

fuzz: setup-test
	@tools/fuzz.sh 15

soak: setup-test build
	@tools/run-tests.sh soak $(B)

bench: setup-test build
	@tools/bench.sh $(B)

e2e: setup-test build
	@tools/run-tests.sh e2e $(B)

clean:
	rm -rf build web/dist
