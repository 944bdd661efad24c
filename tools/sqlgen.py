#!/usr/bin/env python3
"""Turns migrations and .sql files into C: one typed function per named statement.

Migrations (migrations/NNNN_<context>_<what>.sql) are written once, with the types i64, text, blob and
real; each CREATE TABLE becomes STRICT, WITHOUT ROWID on SQLite and plain on PostgreSQL. A block between
"-- only: sqlite" or "-- only: postgres" and "-- end" is for that engine alone.

Statements:
    -- name: member_by_id :one (space_id i64, id i64) -> (id i64, name text, left_us i64?)
    SELECT id, name, left_us FROM member WHERE space_id = :space_id AND id = :id;
kinds: exec (nothing back) · count (rows changed) · one (ERR_NOT_FOUND when none) · many (a list on the
arena) · each (a callback per row, strings valid only inside it). `?` after a type: 0 or a NULL Str is NULL.
A body that truly differs is given after "-- sqlite:" and "-- postgres:" lines.

Every statement is prepared here against the migrated schema; a wrong one fails the build by its name.
"""
import hashlib
import os
import re
import sqlite3
import sys

TYPES = {"i64": ("int64_t", "i"), "text": ("Str", "t"), "blob": ("Str", "b"), "real": ("double", "r")}
PG_TYPES = {"i64": "BIGINT", "text": 'TEXT COLLATE "C"', "blob": "BYTEA", "real": "DOUBLE PRECISION"}
LITE_TYPES = {"i64": "INTEGER", "text": "TEXT", "blob": "BLOB", "real": "REAL"}


def die(where, what):
    sys.exit(f"sqlgen: {where}: {what}")


def only(text, engine):
    def keep(m):
        return m.group(2) if m.group(1) == engine else ""
    return re.sub(r"^-- only: (\w+)\n(.*?)^-- end\n", keep, text, flags=re.S | re.M)


def for_engine(text, engine):
    names = LITE_TYPES if engine == "sqlite" else PG_TYPES
    text = only(text, engine)
    text = re.sub(r"--[^\n]*", "", text)
    text = re.sub(r"\b(i64|text|blob|real)\b(?!\s*\()", lambda m: names[m.group(1)], text)
    if engine == "sqlite":
        text = re.sub(r"(CREATE TABLE.*?\n\));", r"\1 STRICT, WITHOUT ROWID;", text, flags=re.S)
    return re.sub(r"\n\s*\n+", "\n", text).strip() + "\n"


def c_string(s):
    out = []
    for line in s.split("\n"):
        esc = line.replace("\\", "\\\\").replace('"', '\\"')
        out.append(f'"{esc}\\n"')
    return "\n    ".join(out)


class Column:
    def __init__(self, where, text):
        m = re.fullmatch(r"\s*(\w+)\s+(i64|text|blob|real)(\?)?\s*", text)
        if not m:
            die(where, f"bad column '{text}'")
        self.name, self.type, self.null = m.group(1), m.group(2), bool(m.group(3))


class Statement:
    def __init__(self, path, head, body, line):
        self.where = f"{path}:{line}"
        m = re.fullmatch(r"(\w+)\s+:(exec|count|one|many|each)\s*(?:\(([^)]*)\))?(?:\s*->\s*\(([^)]*)\))?", head)
        if not m:
            die(self.where, f"bad header '{head}'")
        self.name, self.kind = m.group(1), m.group(2)
        self.params = [Column(self.where, c) for c in (m.group(3) or "").split(",") if c.strip()]
        self.cols = [Column(self.where, c) for c in (m.group(4) or "").split(",") if c.strip()]
        if (self.kind in ("one", "many", "each")) != bool(self.cols):
            die(self.where, f"{self.name}: kind {self.kind} and its columns do not fit")
        both = re.search(r"-- sqlite:\n(.*?)-- postgres:\n(.*)", body, flags=re.S)
        self.bodies = {"sqlite": both.group(1), "postgres": both.group(2)} if both else \
            {"sqlite": body, "postgres": body}
        self.camel = "Sql" + "".join(p.capitalize() for p in self.name.split("_"))

    def text(self, engine):
        sql = re.sub(r"--[^\n]*", "", self.bodies[engine])
        sql = re.sub(r"\s+", " ", sql).strip().rstrip(";")
        index = {p.name: i + 1 for i, p in enumerate(self.params)}
        used = set()

        def number(m):
            if m.group(1) not in index:
                die(self.where, f"{self.name}: no parameter :{m.group(1)}")
            used.add(m.group(1))
            return ("?" if engine == "sqlite" else "$") + str(index[m.group(1)])
        sql = re.sub(r"(?<![:\w]):([a-z]\w*)", number, sql)
        for p in self.params:
            if p.name not in used:
                die(self.where, f"{self.name}: parameter {p.name} is never used ({engine})")
        return sql

    def check(self, conn):
        sql = self.text("sqlite")
        try:
            rows = conn.execute("EXPLAIN " + sql, [None] * len(self.params)).fetchall()
        except sqlite3.Error as e:
            die(self.where, f"{self.name}: {e}")
        widths = {r[3] for r in rows if r[1] == "ResultRow"}
        if self.cols and widths != {len(self.cols)}:
            die(self.where, f"{self.name}: returns {sorted(widths)} columns, header says {len(self.cols)}")
        if not self.cols and widths:
            die(self.where, f"{self.name}: returns columns, header says none")


def read_statements(path):
    out, head, body, line = [], None, [], 0
    for number, text in enumerate(open(path, encoding="utf-8"), 1):
        m = re.match(r"-- name:\s*(.*)", text)
        if m:
            if head:
                out.append(Statement(path, head, "".join(body), line))
            head, body, line = m.group(1).strip(), [], number
        elif head and re.match(r"--   ", text) and not body:
            head += " " + text[2:].strip()
        elif head:
            body.append(text)
    if head:
        out.append(Statement(path, head, "".join(body), line))
    return out


def struct(name, cols):
    lines = [f"    {TYPES[c.type][0]} {c.name};" for c in cols]
    return f"typedef struct {name} {{\n" + "\n".join(lines) + f"\n}} {name};\n"


def signature(s):
    args = ["Db *db"]
    if s.kind in ("one", "many"):
        args.append("Arena *a")
    if s.params:
        args.append(f"const {s.camel}In *in")
    if s.kind == "count":
        args.append("int64_t *ret_n")
    if s.kind == "one":
        args.append(f"{s.camel}Row *ret")
    if s.kind == "many":
        args.append(f"{s.camel}Rows *ret")
    if s.kind == "each":
        args.append(f"Err (*fn)(void *arg, const {s.camel}Row *row), void *arg")
    return f"MUST_USE Err sql_{s.name}({', '.join(args)})"


def header(statements, source):
    out = [f"/* Made by sqlgen from {source}; change that file. */\n#pragma once\n\n#include \"db/db.h\"\n"]
    for s in statements:
        if s.params:
            out.append(struct(s.camel + "In", s.params))
        if s.cols:
            out.append(struct(s.camel + "Row", s.cols))
        if s.kind == "many":
            out.append(f"typedef struct {s.camel}Rows {{\n    {s.camel}Row *v;\n    size_t n;\n}} {s.camel}Rows;\n")
        out.append(signature(s) + ";\n")
    out.append("".join(f"extern const DbStmt sql_stmt_{s.name};\n" for s in statements))
    return "\n".join(out)


def bind(p):
    letter = TYPES[p.type][1]
    v = f"in->{p.name}"
    if letter == "i":
        return f"{{.type = 'i', .i = {v}" + (f", .null = {v} == 0" if p.null else "") + "}"
    if letter == "r":
        return f"{{.type = 'r', .r = {v}}}"
    return f"{{.type = '{letter}', .s = {v}" + (f", .null = {v}.p == NULL" if p.null else "") + "}"


def load(s, keep):
    out = []
    for i, c in enumerate(s.cols):
        get = f"db_col(&c, {i})"
        if c.type == "i64":
            out.append(f"row->{c.name} = {get}.i;")
        elif c.type == "real":
            out.append(f"row->{c.name} = {get}.r;")
        elif keep:
            out.append(f"row->{c.name} = sql_keep(a, {get});")
        else:
            out.append(f"row->{c.name} = {get}.s;")
    return "\n        ".join(out)


def function(s):
    params = "NULL"
    pre = ""
    if s.params:
        pre = "    const DbVal params[] = {\n" + "".join(f"        {bind(p)},\n" for p in s.params) + "    };\n"
        params = "params"
    st = f"&sql_stmt_{s.name}"
    sig = signature(s).replace("MUST_USE ", "")
    if s.kind in ("exec", "count"):
        ret = "ret_n" if s.kind == "count" else "NULL"
        return f"{sig}\n{{\n{pre}    return db_exec(db, {st}, {params}, {ret});\n}}\n"
    start = f"    DbCursor c;\n    bool more;\n    TRY(db_query(db, {st}, {params}, &c));\n    Err e;\n"
    if s.kind == "one":
        return (f"{sig}\n{{\n{pre}{start}    e = db_next(&c, &more);\n    if (e == OK && !more) e = ERR_NOT_FOUND;\n"
                f"    if (e == OK) {{\n        {s.camel}Row *row = ret;\n        {load(s, True)}\n    }}\n"
                f"    db_cursor_done(&c);\n    return e;\n}}\n")
    if s.kind == "many":
        return (f"{sig}\n{{\n{pre}{start}    VEC({s.camel}Row) rows = {{0}};\n"
                f"    while ((e = db_next(&c, &more)) == OK && more) {{\n        {s.camel}Row *row = vec_add(a, &rows);\n"
                f"        {load(s, True)}\n    }}\n    db_cursor_done(&c);\n"
                f"    if (e == OK) *ret = ({s.camel}Rows){{rows.v, rows.n}};\n    return e;\n}}\n")
    return (f"{sig}\n{{\n{pre}{start}    {s.camel}Row value, *row = &value;\n"
            f"    while ((e = db_next(&c, &more)) == OK && more) {{\n        {load(s, False)}\n"
            f"        e = fn(arg, row);\n        if (e != OK) break;\n    }}\n    db_cursor_done(&c);\n    return e;\n}}\n")


def source(statements, header_name, base):
    out = [f'#include "{header_name}"\n\n#include "base/vec.h"\n',
           "static inline Str UNUSED sql_keep(Arena *a, DbVal v)\n{\n"
           "    return v.null ? (Str){NULL, 0} : str_keep(a, v.s);\n}\n"]
    for i, s in enumerate(statements):
        types = "".join(TYPES[p.type][1] for p in s.params)
        cols = "".join(TYPES[c.type][1] for c in s.cols)
        out.append(f"const DbStmt sql_stmt_{s.name} = {{\n    .name = \"{s.name}\",\n"
                   f"    .sqlite = {c_string(s.text('sqlite'))},\n    .postgres = {c_string(s.text('postgres'))},\n"
                   f"    .param_types = \"{types}\",\n    .col_types = \"{cols}\",\n    .stream = {'true' if s.kind == 'each' else 'false'},\n"
                   f"    .index = {base + i},\n}};\n")
        out.append(function(s))
    return "\n".join(out)


def main(argv):
    out_dir, root = argv[1], argv[2]
    migrations = sorted(a for a in argv[3:] if "/migrations/" in a or a.startswith("migrations/"))
    files = [a for a in argv[3:] if a not in migrations]
    conn = sqlite3.connect(":memory:")
    rows, seen = [], {}
    for path in migrations:
        text = open(path, encoding="utf-8").read()
        name = os.path.basename(path)[:-4]
        number = int(name[:4])
        if number in seen:
            die(path, f"number {number} is taken by {seen[number]}")
        seen[number] = name
        lite = for_engine(text, "sqlite")
        try:
            conn.executescript(lite)
        except sqlite3.Error as e:
            die(path, e)
        digest = hashlib.sha256(text.encode()).hexdigest()
        rows.append(f"    {{{number}, \"{name}\", \"{digest}\",\n    {c_string(lite)},\n"
                    f"    {c_string(for_engine(text, 'postgres'))}}},\n")
    total, names = [], {}
    for path in sorted(files):
        statements = read_statements(path)
        for s in statements:
            if s.name in names:
                die(s.where, f"{s.name} is named twice (also {names[s.name]})")
            names[s.name] = s.where
            s.check(conn)
        stem = os.path.basename(path)[:-4]
        rel = os.path.relpath(path, root)
        with open(os.path.join(out_dir, stem + "_sql.gen.h"), "w", encoding="utf-8") as f:
            f.write(header(statements, rel))
        with open(os.path.join(out_dir, stem + "_sql.gen.c"), "w", encoding="utf-8") as f:
            f.write(source(statements, stem + "_sql.gen.h", len(total)))
        total += statements
    with open(os.path.join(out_dir, "all_sql.gen.c"), "w", encoding="utf-8") as f:
        f.write('#include "db/migrate.h"\n\nconst Migration all_migrations[] = {\n' + "".join(rows) + "};\n"
                "const int n_all_migrations = (int)N_OF(all_migrations);\n\n" +
                "".join(f"extern const DbStmt sql_stmt_{s.name};\n" for s in total) +
                "const DbStmt *const all_statements[] = {\n" +
                "".join(f"    &sql_stmt_{s.name},\n" for s in total) + "};\n"
                "const int n_all_statements = (int)N_OF(all_statements);\n")


if __name__ == "__main__":
    main(sys.argv)
