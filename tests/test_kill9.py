"""SIGKILL at a random instant under load: whatever was acknowledged is there, once; the next start is quick
and needs no help. QUN_KILL_ROUNDS says how often (10), QUN_TEST_SEED which instants."""
import http.client
import os
import random
import subprocess
import threading
import time

import pytest

import qun

ROUNDS = int(os.environ.get("QUN_KILL_ROUNDS") or 10)
SEED = int(os.environ.get("QUN_TEST_SEED") or 1)
WRITERS = 8
READY_S = 1.0
FIRST = 1000  # facts with such an n are the test's; joining the group is one with n = 1


class Writers:
    """Clients that write facts, each with a number of its own in `n` and the key "w-n"."""
    def __init__(self, server, owner, group, member):
        self.server, self.owner, self.group, self.member = server, owner, group, member
        self.lock = threading.Lock()
        self.next_n, self.acked, self.open = FIRST, {}, set()

    def body(self, n):
        return {"kind": "order", "group_id": self.group["id"], "member_id": self.member["id"], "n": n}

    def client(self):
        c = qun.Client(self.server, timeout=10)
        c.cookie, c.csrf = self.owner.cookie, self.owner.csrf
        return c

    def write(self, c, n):
        r = c.post("/api/v1/facts", self.body(n), headers={"Idempotency-Key": f"w-{n}"})
        with self.lock:
            if r.status == 201:
                assert self.acked.setdefault(n, r.json["seq"]) == r.json["seq"], "another answer to the same key"
                self.open.discard(n)
            else:
                assert r.status == 503, r
        return r

    def run(self):
        c = self.client()
        try:
            while True:
                with self.lock:
                    self.next_n += 1
                    n = self.next_n
                    self.open.add(n)
                self.write(c, n)
        except (OSError, http.client.HTTPException):
            c.close()  # killed

    def load(self, seconds, kill):
        threads = [threading.Thread(target=self.run) for _ in range(WRITERS)]
        for t in threads:
            t.start()
        time.sleep(seconds)
        kill()
        for t in threads:
            t.join()

    def check(self, told):
        rows = self.server.db.rows(f"SELECT n, seq FROM fact WHERE group_id = {self.group['id']} AND n >= {FIRST}")
        numbers = [n for n, _ in rows]
        assert len(numbers) == len(set(numbers)), f"{told}: done twice: {sorted(n for n in set(numbers) if numbers.count(n) > 1)}"
        there = dict(rows)
        lost = [n for n in self.acked if n not in there]
        assert not lost, f"{told}: acknowledged and lost: {lost}"
        assert all(there[n] == seq for n, seq in self.acked.items()), told
        extra = set(there) - set(self.acked) - self.open
        assert not extra, f"{told}: nobody asked for {extra}"


def test_acknowledged_writes_survive(fresh):
    s = fresh().start()
    owner = s.owner()
    g = qun.new_group(owner, "Killed")
    w = Writers(s, owner, g, qun.new_member(owner, "Writer", g))
    rng = random.Random(SEED)
    for i in range(ROUNDS):
        before = len(w.acked)
        w.load(rng.uniform(0.05, 0.6), s.kill)
        s.start()
        told = f"round {i}, {len(w.acked)} acknowledged, {len(w.open)} open"
        assert len(w.acked) > before or i == 0, told
        assert s.starts_s[-1] <= READY_S * qun.SLOW, f"{told}: ready after {s.starts_s[-1]:.2f} s"
        w.check(told)
        assert s.db.is_whole(), told
        # what was left open is asked again under its key, and is then done once
        c = w.client()
        for n in sorted(w.open):
            assert w.write(c, n).status == 201, told
        assert not w.open
        w.check(told)
        assert c.get("/api/v1/audit/verify").json["ok"] if i == 0 else True
    assert owner.get("/api/v1/me").status == 200, "sessions outlive a crash"
    print(f"{len(w.acked)} writes, {ROUNDS} kills, slowest start {max(s.starts_s):.2f} s")


def test_an_import_goes_on_where_it_was(engine, fresh, folders):
    """Killed in the middle, several times: it begins again by itself and ends with the exact count."""
    n = 60000 if engine == "sqlite" else 9000
    path = os.path.join(folders(), "long.csv")
    with open(path, "w", encoding="utf-8") as f:
        f.write("time,sender,text\n")
        for i in range(n):
            t = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1700000000 + i // 3))
            f.write(f"{t},p{i % 97},said {i % 1000} times\n" if i % 50 else f"{t},p1,the same words\n")
    rng = random.Random(SEED)
    s = fresh().start()
    owner = s.owner()
    with open(path, "rb") as f:
        up = owner.upload("long.csv", f.read())
    run = owner.want("POST", "/api/v1/imports", {"upload_id": up.json["id"], "group_name": "Long"}, status=202)
    kills = 0
    while True:
        end = time.monotonic() + rng.uniform(0.05, 0.5 if engine == "sqlite" else 1.5)
        state = run["state"]
        while time.monotonic() < end and state in ("queued", "running"):
            state = owner.want("GET", f"/api/v1/imports/{run['id']}")["state"]
            time.sleep(0.01)
        if state not in ("queued", "running") or kills == 4:
            break
        s.kill()
        kills += 1
        s.start()
        assert s.db.is_whole()
    last = owner.wait_import(run["id"])
    assert kills >= 1, "the import was over before it could be killed: make the file longer"
    assert last["state"] == "done", last
    assert last["n_read"] == last["n_imported"] + last["n_duplicate"] + last["n_skipped"] == n
    assert s.db.rows(f"SELECT COUNT(*) FROM fact WHERE group_id = {last['group_id']}") == [(n,)]
    members = owner.walk(f"/api/v1/members?group={last['group_id']}", 200)
    assert len(members) == 97 and sum(m["n_messages"] for m in members) == n
    again = owner.wait_import(owner.want("POST", "/api/v1/imports", {"upload_id": owner.upload("long.csv", open(path, "rb").read()).json["id"],
                                                                    "group_id": last["group_id"]})["id"])
    assert (again["n_imported"], again["n_duplicate"]) == (0, n)


def test_killed_while_starting(fresh):
    """The first start ever, killed at any point: the next one makes a whole installation of it."""
    rng = random.Random(SEED)
    for _ in range(max(3, ROUNDS // 2)):
        s = fresh()
        p = subprocess.Popen([qun.BIN, "serve"], env=s.env(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(rng.uniform(0.0, 0.25))
        p.kill()
        p.wait()
        s.start()
        assert s.db.is_whole()
        if s.password:
            assert s.client().login("owner", s.password).status == 201
        else:
            # the owner was made and the password told to nobody: the command line gives a new one
            _, password = s.run("user", "reset").out.split()
            assert s.client().login("owner", password).status == 201


@pytest.mark.parametrize("what", ["server", "client"])
def test_killed_commands_leave_the_folder_usable(fresh, folders, what):
    s = fresh()
    path = os.path.join(folders(), "x.csv")
    with open(path, "w", encoding="utf-8") as f:
        f.write("time,sender,text\n" + "".join(f"2024-01-01T{i // 3600:02}:{i // 60 % 60:02}:{i % 60:02}Z,a,{i}\n" for i in range(8000)))
    s.run("init")
    if what == "server":
        s.start()
    p = subprocess.Popen([qun.BIN, "import", path, "--group", "G"], env=s.env(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.3)
    p.kill()
    p.wait()
    assert "imported" in s.run("import", path, "--group", "G").out
    deadline = time.monotonic() + 60
    while s.db.rows("SELECT COUNT(*) FROM fact") != [(8000,)]:
        assert time.monotonic() < deadline
        time.sleep(0.1)
