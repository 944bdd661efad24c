#!/usr/bin/env python3
"""How many test cases a log tells of: count.py LOG EXITCODE → "passed failed". Knows cmocka, pytest, node:test,
vitest and our own plain line. A suite that failed without naming a case, or ran none, counts one failure."""
import re
import sys


def main():
    text = re.sub(r"\x1b\[[0-9;]*m", "", open(sys.argv[1], encoding="utf-8", errors="replace").read())
    code = int(sys.argv[2])
    passed = failed = 0
    for m in re.finditer(r"^\[  PASSED  \] (\d+) test", text, re.M):
        passed += int(m.group(1))
    for m in re.finditer(r"^\[  FAILED  \] .*?(\d+) test\(s\), listed below", text, re.M):
        failed += int(m.group(1))
    for m in re.finditer(r"^(?:=+ )?((?:\d+ \w+, )*\d+ \w+) in [\d.]+s", text, re.M):
        for n, word in re.findall(r"(\d+) (\w+)", m.group(1)):
            passed += int(n) if word == "passed" else 0
            failed += int(n) if word in ("failed", "error", "errors") else 0
    for m in re.finditer(r"^\S* ?(pass|fail) (\d+)$", text, re.M):
        if m.group(1) == "pass":
            passed += int(m.group(2))
        else:
            failed += int(m.group(2))
    for m in re.finditer(r"^\s+Tests\s+(?:(\d+) failed \| )?(\d+) passed", text, re.M):
        failed += int(m.group(1) or 0)
        passed += int(m.group(2))
    for m in re.finditer(r"^(\d+) passed, (\d+) failed$", text, re.M):
        passed += int(m.group(1))
        failed += int(m.group(2))
    if (code != 0 or passed == 0) and failed == 0:
        failed = 1
    print(passed, failed)


if __name__ == "__main__":
    main()
