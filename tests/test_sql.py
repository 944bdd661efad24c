"""Every statement against the migrated schema of PostgreSQL: it is prepared with the parameter types that
the program binds, and its columns must have the types that the program reads. (sqlgen checks the same on
SQLite when the program is built.)"""
import glob
import os
import subprocess
import sys

import pytest

import qun

sys.path.insert(0, os.path.join(qun.ROOT, "tools"))
import sqlgen  # noqa: E402

ENGINES = ["postgres"]
BOUND = {"i64": "bigint", "text": "text", "blob": "bytea", "real": "double precision"}


@pytest.fixture(scope="module")
def database(engine, folders):
    s = qun.Server(engine, folders())
    s.run("init")
    yield s.db
    s.db.drop()


def statements():
    files = sorted(glob.glob(os.path.join(qun.ROOT, "src", "**", "*.sql"), recursive=True))
    return [s for f in files if "/past/" not in f for s in sqlgen.read_statements(f)]


def describe(db, all_statements):
    """name → its columns' types, or what PostgreSQL says against it."""
    lines = []
    for s in all_statements:
        types = f"({', '.join(BOUND[p.type] for p in s.params)})" if s.params else ""
        args = f"({', '.join('NULL' for _ in s.params)})" if s.params else ""
        lines += [f"\\echo @@ {s.name}", f"PREPARE {s.name} {types} AS {s.text('postgres')};", f"EXECUTE {s.name} {args} \\gdesc"]
    p = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-F", "\t", "-d", db], input="\n".join(lines) + "\n", text=True,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    found = {}
    for part in p.stdout.split("@@ ")[1:]:
        name, *rows = part.strip().split("\n")
        found[name] = [r.split("\t")[-1] for r in rows if "\t" in r] if not any("ERROR" in r for r in rows) else " ".join(rows)
    return found


def test_statements_fit_postgres(database):
    every = statements()
    assert len(every) > 50
    found = describe(database.db, every)
    bad = []
    for s in every:
        wanted = [BOUND[c.type] for c in s.cols]
        if found[s.name] != wanted:
            bad.append(f"{s.where} {s.name}: the program reads {wanted}, PostgreSQL has {found[s.name]}")
    assert not bad, "\n".join(bad)


def test_the_check_can_fail(database):
    wrong = sqlgen.Statement("here", "narrow :many -> (n i64)", "SELECT CASE WHEN true THEN 1 ELSE 0 END", 1)
    missing = sqlgen.Statement("here", "missing :many -> (n i64)", "SELECT no_such FROM space", 1)
    found = describe(database.db, [wrong, missing])
    assert found["narrow"] == ["integer"] and "no_such" in found["missing"]
