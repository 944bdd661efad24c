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
A body that truly differs is given after "-- sqlite:" and "-- postgres:" lines. INDEXED BY is for SQLite, which
has no statistics and takes any equality on a leading column for ten rows, a whole space too; PostgreSQL's
text goes without it.

Every statement is prepared here against the migrated schema; a wrong one fails the build by its name.

The catalogue (all_tables in db/dump.h) comes from asking the migrated database after every migration,
never from reading its text: so each shape that a table ever had is known, and an old backup can be
loaded. Backups leave out what "-- transient" stands above (CREATE TABLE, or ALTER TABLE … RENAME TO).
"""
import hashlib
import os
import re
import sqlite3
import sys

TYPES = {"i64": ("int64_t", "i"), "text": ("Str", "t"), "blob": ("Str", "b"), "real": ("double", "r")}
PG_TYPES = {"i64": "BIGINT", "text": 'TEXT COLLATE "C"', "blob": "BYTEA", "real": "DOUBLE PRECISION"}
LITE_TYPES = {"i64": "INTEGER", "text": "TEXT", "blob": "BLOB", "real": "REAL"}
LETTERS = {"INTEGER": "i", "TEXT": "t", "BLOB": "b", "REAL": "r"}
# a cell of a backup's row, a JSON array, as PostgreSQL reads it
PG_CELL = {"i": "(r ->> {})::bigint", "t": "r ->> {}", "b": "decode(r ->> {}, 'base64')",
           "r": "(r ->> {})::double precision"}
# between the named statements and the catalogue's: migrate.c, check.c
HAND_MADE_SLOTS = 8


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
        if engine == "postgres":
            sql = re.sub(r"\bINDEXED BY \w+", "", sql)
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


class Table:
    """One shape of one table, true for schemas since <= n < until."""
    def __init__(self, name, columns, sequence, since):
        self.name, self.columns, self.sequence, self.since, self.until = name, columns, sequence, since, None

    def same(self, other):
        return (self.columns, self.sequence) == (other.columns, other.sequence)

    def sql(self):
        names = ", ".join(f'"{c[0]}"' for c in self.columns)
        keys = [c for c in sorted(self.columns, key=lambda c: c[3]) if c[3]]
        cells = ", ".join(PG_CELL[c[1]].format(i) for i, c in enumerate(self.columns))
        marks = [", ".join(f"{sign}{i + 1}" for i in range(len(self.columns))) for sign in "?$"]
        rows = f'SELECT {names} FROM "{self.name}" ORDER BY ' + ", ".join(f'"{c[0]}"' for c in keys)
        add = f'INSERT INTO "{self.name}" ({names}) VALUES ({{}})'
        many = f'INSERT INTO "{self.name}" ({names}) SELECT {cells} FROM jsonb_array_elements($1::jsonb) AS a (r)'
        past = (f"SELECT setval('{self.name}_seq_next', GREATEST(COALESCE(MAX(seq), 1), 1), "
                f'COALESCE(MAX(seq), 0) >= 1) FROM "{self.name}"')
        letters = "".join(c[1] for c in self.columns)
        out = [("rows", rows, rows, "", letters), ("add", add.format(marks[0]), add.format(marks[1]), letters, ""),
               ("add_many", None, many, "t", "")]
        return out + ([("seq_past", None, past, "", "i")] if self.sequence else [])

    def check(self, conn):
        for kind, lite, _, params, _ in self.sql():
            name = f"{self.name}_{self.since}_{kind}"
            if len(name) > 60 or len(params) > 40:
                die(self.name, "its name is too long or it has more than 40 columns: raise both engines' limits first")
            if lite:
                conn.execute("EXPLAIN " + lite, [None] * len(params))

    def c(self, slot):
        label = f"table_{self.name}_{self.since}"
        out, refs = [], {}
        for kind, lite, pg, params, cols in self.sql():
            refs[kind] = f"&{label}_{kind}"
            out.append(f"static const DbStmt {label}_{kind} = {{\n    .name = \"{self.name}_{self.since}_{kind}\",\n"
                       + (f"    .sqlite = {c_string(lite)},\n" if lite else "") +
                       f"    .postgres = {c_string(pg)},\n    .param_types = \"{params}\",\n"
                       f"    .col_types = \"{cols}\",\n    .stream = {'true' if kind == 'rows' else 'false'},\n"
                       f"    .index = {slot},\n}};\n")
            slot += 1
        cols = "".join(f"    {{\"{n}\", '{t}', {'true' if null else 'false'}, {key}}},\n" for n, t, null, key in self.columns)
        out.append(f"static const DbColumn {label}_columns[] = {{\n{cols}}};\n")
        row = (f"    {{\"{self.name}\", {self.since}, {self.until or 'INT_MAX'}, {len(self.columns)}, {label}_columns,\n"
               f"     {refs['rows']}, {refs['add']}, {refs['add_many']}, {refs.get('seq_past', 'NULL')}}},\n")
        return "\n".join(out), row, slot


class Catalogue:
    """Every shape of every table that a backup carries, by asking the database after each migration."""
    def __init__(self):
        self.open, self.closed, self.transient, self.postgres, self.sequences = {}, [], set(), set(), set()

    def read_marks(self, path, text, pg):
        marks = re.findall(r"^-- transient\b[^\n]*\n(?:--[^\n]*\n)*(?:CREATE (?:VIRTUAL )?TABLE|"
                           r"ALTER TABLE \w+ RENAME TO)\s+(\w+)", text, flags=re.M)
        if len(marks) != len(re.findall(r"^-- transient\b", text, flags=re.M)):
            die(path, "-- transient stands above CREATE TABLE or ALTER TABLE … RENAME TO only")
        self.transient |= set(marks)
        for old, new in re.findall(r"ALTER TABLE (\w+) RENAME TO (\w+)", pg):
            if old in self.transient and new not in self.transient:
                die(path, f"{old} is transient: say -- transient above its renaming to {new} too")
        for verb, name, new in re.findall(r"^\s*(CREATE TABLE|DROP TABLE|ALTER TABLE)\s+(?:IF (?:NOT )?EXISTS\s+)?"
                                          r"(\w+)(?: RENAME TO (\w+))?", pg, flags=re.M):
            if verb == "DROP TABLE" or new:
                self.postgres.discard(name)
            if verb == "CREATE TABLE" or new:
                self.postgres.add(new or name)
        for name in re.findall(r"CREATE SEQUENCE\s+(\w+)", pg):
            if not name.endswith("_seq_next"):
                die(path, f"sequence {name}: a restore sets only sequences named <table>_seq_next, for its column seq")
            self.sequences.add(name[:-len("_seq_next")])

    def shape(self, path, conn, name, number):
        columns = []
        for _, column, kind, notnull, _, key in conn.execute(f'PRAGMA table_info("{name}")').fetchall():
            if kind not in LETTERS:
                die(path, f"{name}.{column}: type '{kind}' is none of {', '.join(TYPES)}")
            columns.append((column, LETTERS[kind], not notnull and not key, key))
        if not any(c[3] for c in columns):
            die(path, f"{name} has no primary key: a backup could not put its rows in order")
        if conn.execute(f'SELECT 1 FROM "{name}"').fetchone():
            die(path, f"{name} has rows after the migrations: the program adds rows, for a restore begins empty")
        return Table(name, columns, name in self.sequences, number)

    def after(self, path, conn, number, text):
        self.read_marks(path, text, for_engine(text, "postgres"))
        found = {n: kind for n, kind in conn.execute("SELECT name, type FROM pragma_table_list WHERE schema = 'main'")
                 if not n.startswith("sqlite_")}
        for name in [n for n, kind in found.items() if kind == "table"]:
            keys = [bool(c[5]) for c in conn.execute(f'PRAGMA table_info("{name}")')]
            if keys != sorted(keys, reverse=True):
                die(path, f"{name}: columns of the primary key come first: else SQLite 3.40's quick_check sees NULLs "
                          "in the others")
        for name in sorted(set(found) ^ self.postgres):
            if name not in self.transient and found.get(name) != "shadow":
                die(path, f"{name} is a table on one engine only: say -- transient above it, or make it on both")
        now = {n: self.shape(path, conn, n, number) for n, kind in found.items()
               if kind == "table" and n not in self.transient}
        for name in self.sequences - set(now):
            die(path, f"sequence {name}_seq_next has no table {name} that a backup carries")
        for name, table in list(self.open.items()):
            if name not in now or not table.same(now[name]):
                table.until = number
                self.closed.append(self.open.pop(name))
        for name, table in now.items():
            if name not in self.open:
                table.check(conn)
                self.open[name] = table
        self.transient &= set(found)

    def c(self, slot):
        bodies, rows = [], []
        for table in sorted(self.closed + list(self.open.values()), key=lambda t: (t.name, t.since)):
            body, row, slot = table.c(slot)
            bodies.append(body)
            rows.append(row)
        return ("\n" + "\n".join(bodies) + "\nconst DbTable all_tables[] = {\n" + "".join(rows) +
                "};\nconst int n_all_tables = (int)N_OF(all_tables);\n")


def main(argv):
    out_dir, root = argv[1], argv[2]
    migrations = sorted(a for a in argv[3:] if "/migrations/" in a or a.startswith("migrations/"))
    files = [a for a in argv[3:] if a not in migrations]
    conn = sqlite3.connect(":memory:")
    rows, seen, catalogue = [], {}, Catalogue()
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
        catalogue.after(path, conn, number, text)
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
        f.write('#include "db/migrate.h"\n\n#include <limits.h>\n\n#include "db/dump.h"\n\nconst Migration all_migrations[] = {\n' + "".join(rows) + "};\n"
                "const int n_all_migrations = (int)N_OF(all_migrations);\n\n" +
                "".join(f"extern const DbStmt sql_stmt_{s.name};\n" for s in total) +
                "const DbStmt *const all_statements[] = {\n" +
                "".join(f"    &sql_stmt_{s.name},\n" for s in total) + "};\n"
                "const int n_all_statements = (int)N_OF(all_statements);\n" +
                catalogue.c(len(total) + HAND_MADE_SLOTS))


if __name__ == "__main__":
    main(sys.argv)
