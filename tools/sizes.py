#!/usr/bin/env python3
"""Size ratchets: files, headers, functions and folders stay small. Warns early, fails late."""
import os
import re
import sys

LIMITS = {"c": (400, 800), "h": (200, 250), "function": (50, 80), "folder": (14, 14)}


def functions(lines):
    """(name, first line, length) of each function: a brace alone in column 0 opens, one closes."""
    start, name = None, None
    for i, text in enumerate(lines):
        if text.rstrip() == "{" and i and not lines[i - 1].startswith(("#", "}")):
            start = i
            j = i - 1
            while j > 0 and not re.match(r"\w", lines[j]):
                j -= 1
            m = re.search(r"(\w+)\(", lines[j])
            name = m.group(1) if m else "?"
        elif text.startswith("}") and start is not None:
            yield name, start, i - start + 1
            start = None


def main():
    warn, bad = [], []

    def check(kind, what, n):
        low, high = LIMITS[kind]
        (bad if n > high else warn if n > low else []).append(f"{what}: {n} (limit {high})")
    for top in ("src",):
        for folder, _, files in os.walk(top):
            code = [f for f in files if f.endswith((".c", ".h", ".sql"))]
            if folder not in ("src/base", "src/kernel"):  # flat boxes of small tools, each with its header
                check("folder", folder + "/", len(code))
            for name in code:
                path = os.path.join(folder, name)
                lines = open(path, encoding="utf-8").read().split("\n")
                if name.endswith(".c"):
                    check("c", path, len(lines) if not name.endswith("_test.c") else len(lines) // 2)
                    for fn, at, n in functions(lines):
                        check("function", f"{path}:{at} {fn}", n)
                elif name.endswith(".h"):
                    check("h", path, len(lines))
    for text in warn:
        print("watch", text)
    for text in bad:
        print("TOO BIG", text)
    print(f"sizes: {len(warn)} to watch, {len(bad)} too big")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
