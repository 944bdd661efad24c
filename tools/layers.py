#!/usr/bin/env python3
"""Checks every #include against LAYERS: arrows run one way, and only db sees the engines' headers."""
import os
import re
import sys

ONLY = {"sqlite3.h": {"db"}, "libpq-fe.h": {"db"}, "microhttpd.h": {"http"}, "pthread.h": {"base", "db", "run", "http", "identity", "channel"}}


def main():
    level, found = {}, []
    n = 0
    for line in open("LAYERS", encoding="utf-8"):
        line = line.split("#")[0].split()
        if line:
            n += 1
            for room in line:
                level[room] = n
    for folder, _, files in os.walk("src"):
        for name in files:
            if not name.endswith((".c", ".h")):
                continue
            path = os.path.join(folder, name)
            room = path.split(os.sep)[1]
            test = name.endswith("_test.c") or "/test" in folder
            for number, text in enumerate(open(path, encoding="utf-8"), 1):
                m = re.match(r'\s*#\s*include\s*"(\w+)/', text)
                if m and m.group(1) in level and m.group(1) != room and not test:
                    if room not in level:
                        found.append(f"{path}:{number}: room {room} is not in LAYERS")
                    elif level[m.group(1)] >= level[room]:
                        found.append(f"{path}:{number}: {room} may not see {m.group(1)}")
                m = re.match(r"\s*#\s*include\s*<([\w./-]+)>", text)
                if m and m.group(1) in ONLY and room not in ONLY[m.group(1)] and not test:
                    found.append(f"{path}:{number}: {room} may not see <{m.group(1)}>")
    print("\n".join(found) if found else "layers: every arrow runs down")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
