"""Tests that take `server` or `fresh` run the real program on every engine. PostgreSQL comes from a
pg_virtualenv around the whole run; QUN_NEED_PG=1 makes its absence a failure instead of a skip."""
import os
import shutil
import tempfile

import pytest

import qun


def pytest_addoption(parser):
    parser.addoption("--engine", choices=[*qun.ENGINES, "all"], default="all", help="run on this engine only")


def pytest_generate_tests(metafunc):
    if "engine" in metafunc.fixturenames:
        one = metafunc.config.getoption("--engine")
        engines = getattr(metafunc.module, "ENGINES", qun.ENGINES)
        metafunc.parametrize("engine", [e for e in engines if one in ("all", e)], indirect=True, scope="module")


def pytest_collection_modifyitems(config, items):
    """When the engines run apart: what needs none runs with SQLite, what is for one alone with that one."""
    one = config.getoption("--engine")

    def wanted(item):
        if "engine" not in item.fixturenames:
            return one != "postgres"
        return one == "all" or one in getattr(item.module, "ENGINES", qun.ENGINES)
    rest = [i for i in items if not wanted(i)]
    items[:] = [i for i in items if wanted(i)]
    config.hook.pytest_deselected(items=rest)


@pytest.fixture(scope="session")
def postgres_there():
    return qun.postgres_is_there()


@pytest.fixture(scope="module")
def engine(request, postgres_there):
    if not os.path.exists(qun.BIN):
        pytest.fail(f"{qun.BIN} is not built; QUN_BIN names another one")
    if request.param == "postgres" and not postgres_there:
        if os.environ.get("QUN_NEED_PG"):
            pytest.fail("PostgreSQL is not there: run inside pg_virtualenv")
        pytest.skip("PostgreSQL is not there: run inside pg_virtualenv")
    return request.param


@pytest.fixture(scope="module")
def folders():
    """A maker of short-named folders (a socket's path is at most 107 bytes), removed at the end."""
    made = []

    def make():
        made.append(tempfile.mkdtemp(prefix="qun-"))
        return made[-1]
    yield make
    for f in made:
        shutil.rmtree(f, ignore_errors=True)


@pytest.fixture(scope="module")
def server(engine, folders):
    """One server for the tests of a module."""
    s = qun.Server(engine, folders())
    try:
        yield s.start()
    finally:
        s.close()


@pytest.fixture
def fresh(engine, folders):
    """A maker of servers that a test has for itself, not started yet."""
    made = []

    def make(folder=None, **env):
        made.append(qun.Server(engine, folder or folders(), env))
        return made[-1]
    yield make
    for s in made:
        s.close()


@pytest.fixture(autouse=True)
def no_alarms(request):
    """A sanitizer's report or a failed must() fails the test during which it came."""
    yield
    for name in ("server",):
        if name in request.fixturenames:
            said = request.getfixturevalue(name).said()
            assert not qun.ALARMS.search(said), said[-8000:]


@pytest.fixture
def shared_data():
    """Real data that is not part of the tree; QUN_SHARED_DATA names its folder."""
    if not os.path.isdir(qun.DATA):
        pytest.skip(f"real data is not there: {qun.DATA} (QUN_SHARED_DATA)")
    return qun.DATA
