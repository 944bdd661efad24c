#!/usr/bin/env python3
"""Web files into the program: embed.py OUT.c OUT.S FOLDER URL_PREFIX. Each file is stored plain and, where
it pays, gzipped; names with a hash in them are cached for ever. An absent folder gives an empty table."""
import gzip
import hashlib
import os
import re
import sys

TYPES = {"html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8",
         "svg": "image/svg+xml", "png": "image/png", "ico": "image/x-icon", "json": "application/json",
         "webmanifest": "application/manifest+json", "txt": "text/plain; charset=utf-8", "woff2": "font/woff2"}


def main():
    out_c, out_s, folder, prefix = sys.argv[1:5]
    work = out_s + ".d"
    os.makedirs(work, exist_ok=True)
    rows, asm = [], ['.section .rodata', '']
    paths = []
    for at, _, names in os.walk(folder):
        paths += [os.path.join(at, n) for n in names if not n.startswith(".")]
    seen = "".join(f"{p} {os.stat(p).st_size} {os.stat(p).st_mtime_ns}\n" for p in sorted(paths) + [__file__])
    stamp = os.path.join(work, "seen")
    if os.path.exists(out_c) and os.path.exists(out_s) and os.path.exists(stamp) and open(stamp).read() == seen:
        return  # nothing is written, so nothing is compiled again
    for i, path in enumerate(sorted(paths)):
        data = open(path, "rb").read()
        url = prefix + os.path.relpath(path, folder).replace(os.sep, "/")
        kind = TYPES.get(path.rsplit(".", 1)[-1], "application/octet-stream")
        packed = gzip.compress(data, 9, mtime=0)
        pays = len(packed) < len(data) * 9 // 10 and not url.endswith(".html")
        parts = [("p", data)] + ([("z", packed)] if pays else [])
        for letter, content in parts:
            file = os.path.join(work, f"{i}{letter}")
            with open(file, "wb") as f:
                f.write(content)
            name = f"console_asset_{i}{letter}"
            asm += [f".global {name}", ".balign 16", f"{name}:", f'.incbin "{os.path.abspath(file)}"', ".byte 0"]
        etag = hashlib.sha256(data).hexdigest()[:20]
        hashed = "true" if re.search(r"-[\w-]{8,}\.\w+$", url) and "/assets/" in url else "false"
        zip_ref = f"console_asset_{i}z" if pays else "NULL"
        rows.append((i, pays, f'    {{"{url}", "{kind}", console_asset_{i}p, {zip_ref}, {len(data)}, '
                     f'{len(packed) if pays else 0}, "{etag}", {hashed}}},'))
    with open(stamp, "w", encoding="utf-8") as f:
        f.write(seen)
    with open(out_s, "w", encoding="utf-8") as f:
        f.write("\n".join(asm) + '\n.section .note.GNU-stack,"",@progbits\n')
    with open(out_c, "w", encoding="utf-8") as f:
        f.write('#include "app/app.h"\n\n')
        for i, pays, _ in rows:
            f.write(f"extern const uint8_t console_asset_{i}p[];\n")
            if pays:
                f.write(f"extern const uint8_t console_asset_{i}z[];\n")
        f.write("const Asset console_assets[] = {\n" + "\n".join(r for _, _, r in rows) +
                "\n    {.path = NULL},\n};\nconst int n_console_assets = " + str(len(rows)) + ";\n")


if __name__ == "__main__":
    main()
