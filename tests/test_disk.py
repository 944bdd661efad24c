"""A full disk and a disk that fails: nothing is acknowledged that is not kept, reading goes on, and when the
trouble is over writing does too, without help."""
import os
import shutil
import subprocess
import threading
import time

import pytest

import qun


FIRST = 1000  # facts with such an n are the test's; joining the group is one with n = 1


def facts(server, group):
    return [r[0] for r in server.db.rows(f"SELECT n FROM fact WHERE group_id = {group['id']} AND n >= {FIRST}")]


class Place:
    """A server with a group and a member to write for."""
    def __init__(self, server):
        self.server = server
        self.owner = server.owner()
        self.group = qun.new_group(self.owner, "Disk")
        self.member = qun.new_member(self.owner, "Writer", self.group)
        self.n, self.acked = FIRST, set()

    def write(self, key=None):
        self.n += 1
        head = {"Idempotency-Key": key} if key else None
        r = self.owner.post("/api/v1/facts", {"kind": "order", "group_id": self.group["id"], "member_id": self.member["id"], "n": self.n}, headers=head)
        if r.status == 201:
            self.acked.add(self.n)
        else:
            assert r.status in (503, 507) and r.code in ("unavailable", "disk_full", "uncertain"), r
        return r

    def big_write(self):
        """One that needs space: a member with a long name and label."""
        return self.owner.post("/api/v1/members", {"name": "x" * 90})

    def reads_go_on(self):
        for path in ("/api/v1/groups", "/api/v1/members", "/api/v1/me", f"/api/v1/groups/{self.group['id']}/report", "/readyz"):
            assert self.owner.get(path).status == 200, path

    def nothing_was_lost(self):
        there = facts(self.server, self.group)
        assert self.acked <= set(there) and len(there) == len(set(there))


@pytest.fixture
def small_disk(folders):
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    folder = folders()
    p = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m,mode=700", "tmpfs", folder], capture_output=True, text=True)
    if p.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {p.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def fill(folder, leave=0):
    """Takes all the space there is, but for so many bytes."""
    with open(os.path.join(folder, "filler"), "ab", buffering=0) as f:
        size = 1 << 20
        while size:
            try:
                f.write(b"x" * size)
            except OSError:
                size //= 2
        f.truncate(f.tell() - leave)
    assert shutil.disk_usage(folder).free < leave + 8192


def test_full_disk(fresh, small_disk):
    s = fresh(folder=small_disk).start()
    p = Place(s)
    for _ in range(20):
        assert p.write().status == 201
    fill(small_disk)
    if s.engine == "postgres":
        # the rows are elsewhere; what needs the folder is refused, the rest goes on
        assert p.write().status == 201
        r = p.owner.upload("x.csv", b"time,sender,text\n" * 50000)
        assert r.status == 507 and r.code == "disk_full", r
    else:
        refusals = []
        deadline = time.monotonic() + 60
        while len(refusals) < 20 and time.monotonic() < deadline:
            r = p.big_write() if len(refusals) % 2 else p.write()
            if r.status != 201:
                assert r.status in (503, 507), r
                refusals.append(r)
        assert len(refusals) == 20, "the full disk was never noticed"
        assert any(r.status == 507 for r in refusals), refusals[0]
        assert "Retry-After" in refusals[0].headers or refusals[0].status == 507
    p.reads_go_on()
    p.nothing_was_lost()
    os.unlink(os.path.join(small_disk, "filler"))
    deadline = time.monotonic() + 10
    while p.write().status != 201:
        assert time.monotonic() < deadline, "writing does not go on after space was made"
        time.sleep(0.1)
    assert p.owner.upload("x.csv", b"time,sender,text\n2024-01-01T00:00:00Z,a,b\n").status == 201
    p.nothing_was_lost()
    assert s.db.is_whole()
    s.kill()
    s.start()
    p.nothing_was_lost()
    p.reads_go_on()


def test_full_disk_in_the_middle_of_an_import(fresh, small_disk):
    s = fresh(folder=small_disk).start()
    if s.engine == "postgres":
        pytest.skip("the rows are not on this disk")
    owner = s.owner()
    data = b"time,sender,text\n" + b"".join(b"2024-01-%02dT%02d:%02d:%02dZ,p%d,%s\n" % (
        i // 86400 + 1, i // 3600 % 24, i // 60 % 60, i % 60, i % 500, b"long words " * 10) for i in range(0, 30000))
    up = owner.upload("big.csv", data)
    assert up.status == 201, up
    fill(small_disk, leave=3 << 20)
    run = owner.wait_import(owner.want("POST", "/api/v1/imports", {"upload_id": up.json["id"], "group_name": "Big"})["id"])
    assert run["state"] == "failed" and run["error"]["code"] in ("disk_full", "unavailable"), run
    assert s.db.rows(f"SELECT COUNT(*) FROM fact WHERE group_id = {run['group_id']}") == [(run["n_imported"],)], run
    assert s.db.is_whole()
    assert owner.get("/api/v1/groups").status == 200


@pytest.fixture(scope="module")
def shim(folders):
    out = os.path.join(folders(), "shim_fsync.so")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", out, os.path.join(qun.ROOT, "tests", "shim_fsync.c"), "-ldl"], check=True)
    return out


@pytest.fixture
def sick_disk(fresh, folders, shim):
    """A server whose syncs fail while the switch file exists."""
    if "asan" in qun.BIN or "tsan" in qun.BIN:
        pytest.skip("a sanitizer must be the first library of a process")
    switch = os.path.join(folders(), "sick")
    s = fresh(LD_PRELOAD=shim, SHIM_FSYNC=switch).start()
    if s.engine == "postgres":
        pytest.skip("PostgreSQL syncs its own files")
    return Place(s), switch


def turn(switch, on):
    if on:
        open(switch, "w").close()
    else:
        os.unlink(switch)


def test_failing_fsync_is_never_acknowledged(sick_disk):
    p, switch = sick_disk
    for _ in range(5):
        assert p.write().status == 201
    turn(switch, True)
    refused = [p.write(key=f"sick-{i}") for i in range(10)]
    assert all(r.status == 503 for r in refused), refused
    p.reads_go_on()
    p.nothing_was_lost()
    turn(switch, False)
    deadline = time.monotonic() + 10
    while p.write().status != 201:
        assert time.monotonic() < deadline, "writing does not go on by itself"
        time.sleep(0.1)
    p.nothing_was_lost()
    assert p.server.db.is_whole()


def test_power_lost_right_after_a_failed_fsync(sick_disk):
    """The refused write may have reached the disk: asked again under its key it is there once."""
    p, switch = sick_disk
    s = p.server
    for _ in range(5):
        assert p.write().status == 201
    turn(switch, True)
    assert p.write(key="perhaps").status == 503
    n = p.n
    s.kill()
    turn(switch, False)
    s.start()
    p.nothing_was_lost()
    assert s.db.is_whole()
    r = p.owner.post("/api/v1/facts", {"kind": "order", "group_id": p.group["id"], "member_id": p.member["id"], "n": n}, headers={"Idempotency-Key": "perhaps"})
    assert r.status == 201
    assert facts(s, p.group).count(n) == 1


def test_failing_fsync_under_concurrent_writers(sick_disk):
    p, switch = sick_disk
    s = p.server
    acked, refused, lock, stop = set(), set(), threading.Lock(), threading.Event()

    def run(base):
        c = qun.Client(s)
        c.cookie, c.csrf = p.owner.cookie, p.owner.csrf
        n = base
        while not stop.is_set():
            n += 1
            r = c.post("/api/v1/facts", {"kind": "order", "group_id": p.group["id"], "member_id": p.member["id"], "n": n})
            with lock:
                (acked if r.status == 201 else refused).add(n)
            assert r.status in (201, 503, 507), r
    threads = [threading.Thread(target=run, args=(i * 100000,)) for i in range(1, 7)]
    for t in threads:
        t.start()
    for on in (True, False, True, False):
        time.sleep(0.4)
        turn(switch, on)
    time.sleep(0.4)
    stop.set()
    for t in threads:
        t.join()
    there = facts(s, p.group)
    assert acked and refused
    assert acked <= set(there) and len(there) == len(set(there))
    assert not refused & set(there), "refused while the server lived on, and yet done"
    assert s.db.is_whole()
