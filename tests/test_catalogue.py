"""sqlgen's catalogue of tables: what a backup carries, in every shape a table ever had, and what sqlgen
refuses, by name, because a restore would lose it."""
import os
import sqlite3
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
import sqlgen  # noqa: E402

PERSON = "CREATE TABLE person (\n    id i64 NOT NULL PRIMARY KEY,\n    name text\n);\n"


def catalogue(*migrations):
    conn, found = sqlite3.connect(":memory:"), sqlgen.Catalogue()
    for number, text in enumerate(migrations, 1):
        conn.executescript(sqlgen.for_engine(text, "sqlite"))
        found.after(f"{number:04}_test.sql", conn, number, text)
    return found


def shapes(found):
    return sorted((t.name, t.since, t.until, [c[0] for c in t.columns]) for t in found.closed + list(found.open.values()))


def test_a_column_added_makes_a_second_shape():
    found = catalogue(PERSON, "ALTER TABLE person ADD COLUMN age i64 NOT NULL DEFAULT 0;\n", "CREATE INDEX x ON person (age);\n")
    assert shapes(found) == [("person", 1, 2, ["id", "name"]), ("person", 2, None, ["id", "name", "age"])]
    assert found.open["person"].columns == [("id", "i", False, 1), ("name", "t", True, 0), ("age", "i", False, 0)]


def test_tables_dropped_and_renamed():
    found = catalogue(PERSON, "ALTER TABLE person RENAME TO human;\n", "DROP TABLE human;\n")
    assert shapes(found) == [("human", 2, 3, ["id", "name"]), ("person", 1, 2, ["id", "name"])]


def test_transient_tables_are_left_out():
    found = catalogue("-- transient: for a minute\n-- and why\n" + PERSON, "-- transient\nALTER TABLE person RENAME TO human;\n")
    assert shapes(found) == []


def test_a_sequence_of_its_table_is_known():
    act = "CREATE TABLE act (\n    seq i64 NOT NULL PRIMARY KEY\n);\n-- only: postgres\nCREATE SEQUENCE act_seq_next;\n-- end\n"
    assert catalogue(act).open["act"].sequence
    assert not catalogue(PERSON).open["person"].sequence


@pytest.mark.parametrize("migrations, words", [
    (["-- only: sqlite\n" + PERSON + "-- end\n"], ["person", "one engine only"]),
    (["-- only: postgres\n" + PERSON + "-- end\n"], ["person", "one engine only"]),
    ([PERSON + "INSERT INTO person VALUES (1, 'x');\n"], ["person", "has rows"]),
    (["-- transient\n" + PERSON, "ALTER TABLE person RENAME TO human;\n"], ["person is transient", "human"]),
    ([PERSON + "-- transient\nCREATE INDEX x ON person (name);\n"], ["stands above"]),
    ([PERSON + "-- only: postgres\nCREATE SEQUENCE numbers;\n-- end\n"], ["numbers", "<table>_seq_next"]),
    ([PERSON + "-- only: postgres\nCREATE SEQUENCE ghost_seq_next;\n-- end\n"], ["ghost_seq_next", "no table ghost"]),
    (["CREATE TABLE late (\n    name text,\n    id i64 NOT NULL PRIMARY KEY\n);\n"], ["late", "primary key come first"]),
    (["-- only: sqlite\nCREATE TABLE odd (id INT PRIMARY KEY, at NUMERIC);\n-- end\n"
      "-- only: postgres\nCREATE TABLE odd (id BIGINT PRIMARY KEY, at BIGINT);\n-- end\n"], ["odd.id", "'INT'"]),
])
def test_what_a_restore_would_lose_is_refused_by_name(migrations, words):
    with pytest.raises(SystemExit) as stop:
        catalogue(*migrations)
    for word in words:
        assert word in str(stop.value)
