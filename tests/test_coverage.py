"""docs/coverage.md tells the truth: every test it names exists, every row that is done names one."""
import os
import re

import pytest

import qun

PAGE = os.path.join(qun.ROOT, "docs", "coverage.md")
NAMED = re.compile(r"`([^`]+?)::([^`]+)`")


def rows():
    with open(PAGE, encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            if line.startswith("| ") and not line.startswith(("| row", "| promise")):
                yield number, [c.strip() for c in line.strip().strip("|").split(" | ")]


def exists(path, name):
    """A function of Python or C, or the title of a test of the console."""
    full = os.path.join(qun.ROOT, path)
    if not os.path.isfile(full):
        return f"there is no {path}"
    with open(full, encoding="utf-8") as f:
        text = f.read()
    if path.endswith(".py"):
        found = re.search(rf"^def {re.escape(name)}\(", text, re.M)
    elif path.endswith(".c"):
        found = re.search(rf"^static void {re.escape(name)}\(void \*\*", text, re.M) and re.search(rf"cmocka_unit_test\w*\(\s*{re.escape(name)}\b", text)
    else:
        found = re.search(rf"\b(?:test|it)\(\s*(['\"`]){re.escape(name)}\1", text)
    return None if found else f"{path} has no {name}"


def test_every_named_test_exists():
    named = [(number, *m) for number, cells in rows() for m in NAMED.findall(" ".join(cells))]
    assert len(named) > 40
    bad = [f"line {number}: {why}" for number, path, name in named if (why := exists(path, name))]
    assert not bad, "\n".join(bad)


def test_every_row_has_a_state_and_tests():
    seen = set()
    for number, cells in rows():
        if not re.fullmatch(r"[RMFE]\d{2,3}", cells[0]):
            assert NAMED.search(cells[-1]), f"line {number}: a promise without a test"
            continue
        assert cells[0] not in seen, f"line {number}: {cells[0]} is there twice"
        seen.add(cells[0])
        assert cells[1] in ("done", "part"), f"line {number}: {cells[1]}"
        assert NAMED.search(cells[3]), f"line {number}: {cells[0]} names no test"
        assert (cells[1] == "part") == (len(cells) > 4 and cells[4] != ""), f"line {number}: part says what is missing, done does not"
    assert {"R042", "R043", "R118", "R293", "R298", "R299", "R300", "R301", "R322", "R325", "R371", "R374", "R380"} <= seen


@pytest.mark.parametrize("path, name", [("tests/test_coverage.py", "test_that_is_not_there"), ("tests/no_such_file.py", "test_x"),
                                        ("src/base/base_test.c", "test_arena"), ("web/e2e/states.spec.mjs", "no such title")])
def test_the_check_can_fail(path, name):
    assert exists(path, name)
