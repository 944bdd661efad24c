"""What the operator owns can be taken away whole and brought back: backup, restore on either engine, the
doctor's look, and the chain of the audit log."""
import gzip
import json
import os
import threading
import time

import qun

EXPORT = "time,sender,text\n" + "".join(f"2024-03-{1 + i // 40:02}T{8 + i % 10:02}:{i % 60:02}:00Z,人{i % 23},话 {i} <b>\"'\n" for i in range(900))


def furnish(server):
    owner = server.owner()
    _, run = owner.import_bytes("words.csv", EXPORT.encode(), "Kept 群")
    assert run["n_imported"] == 900
    owner.want("POST", "/api/v1/spaces", {"name": "Second", "zone": "Asia/Tokyo", "lang": "zh"})
    qun.new_member(owner, "By hand", {"id": run["group_id"]})
    return owner, run["group_id"]


def content(path):
    """Rows and checksums; the head holds the time of the backup."""
    with gzip.open(path, "rt", encoding="utf-8") as f:
        head, *rest = f.read().splitlines()
    assert json.loads(head)["qun_backup"] == 1
    return rest


def all_of(owner):
    """What the API says of everything."""
    lists = {name: owner.walk("/api/v1/" + name, None if name == "roles" else 200) for name in ("communities", "groups", "members", "staff", "roles", "keys", "imports")}
    for rows in lists.values():
        for row in rows:
            for key in ("last_seen_at", "life", "needs_me"):
                row.pop(key, None)
    return lists


def report(owner, group):
    r = owner.want("GET", f"/api/v1/groups/{group}/report?as_of=2024-04-01T00:00:00Z")
    r.pop("generated_at")
    return r


def test_backup_and_restore_give_the_same_checksums(engine, folders):
    """On the same engine and over to the other: row for row, to the byte; the restored server says the same."""
    ways = [("sqlite", "sqlite")] if engine == "sqlite" else [("postgres", "postgres"), ("postgres", "sqlite"), ("sqlite", "postgres")]
    for here, there in ways:
        s, t = qun.Server(here, folders()), qun.Server(there, folders())
        try:
            move_house(s.start(), t, os.path.join(folders(), "a.jsonl.gz"))
        finally:
            s.close()
            t.close()


def move_house(s, t, file):
    owner, group = furnish(s)
    said, numbers = all_of(owner), report(owner, group)
    s.run("backup", file)
    assert os.stat(file).st_mode & 0o077 == 0
    t.run("restore", file)
    again = os.path.join(t.folder, "again.jsonl.gz")
    t.run("backup", again)
    assert content(again) == content(file)
    t.start()
    t.owner_password = qun.OWNER_PASSWORD
    restored = t.owner()
    assert all_of(restored) == said and report(restored, group) == numbers
    assert restored.want("GET", "/api/v1/audit/verify")["ok"] is True
    assert qun.new_group(restored, "Life goes on")["id"]


def test_backup_while_people_write_is_one_instant(fresh, folders):
    """Facts are numbered without holes by one writer each: every backup holds a prefix of each."""
    s = fresh().start()
    owner, group = furnish(s)
    members = [qun.new_member(owner, f"Writer {i}", {"id": group}) for i in range(3)]
    stop, folder = threading.Event(), folders()

    def write(i):
        c = qun.Client(s)
        c.cookie, c.csrf = owner.cookie, owner.csrf
        n = 1000
        while not stop.is_set():
            n += 1
            c.want("POST", "/api/v1/facts", {"kind": "vote", "group_id": group, "member_id": members[i]["id"], "n": n}, status=201)
    threads = [threading.Thread(target=write, args=(i,)) for i in range(3)]
    for t in threads:
        t.start()
    files = [os.path.join(folder, f"{i}.gz") for i in range(4)]
    for f in files:
        s.run("backup", f)
    stop.set()
    for t in threads:
        t.join()
    last = 0
    for f in files:
        columns, per = None, {m["id"]: [] for m in members}
        for line in content(f):
            row = json.loads(line)
            if isinstance(row, dict):
                columns = row["columns"] if row.get("table") == "fact" else None
            elif columns:
                row = dict(zip(columns, row))
                if str(row["member_id"]) in per and row["n"] > 1000:
                    per[str(row["member_id"])].append(row["n"])
        for numbers in per.values():
            assert sorted(numbers) == list(range(1001, 1001 + len(numbers))), "a hole: not one instant"
        total = sum(map(len, per.values()))
        assert total >= last
        last = total
    assert last > 0


def test_a_damaged_backup_changes_nothing(fresh, folders):
    s = fresh().start()
    furnish(s)
    file, bad = (os.path.join(folders(), n) for n in ("a.gz", "bad.gz"))
    s.run("backup", file)
    with open(file, "rb") as f:
        whole = f.read()
    text = gzip.decompress(whole)
    for what, data in (("cut", whole[:len(whole) // 2]), ("bytes after a flip", whole[:200] + bytes([whole[200] ^ 1]) + whole[201:]),
                       ("a word changed", gzip.compress(text.replace("话 5 ".encode(), "话 6 ".encode(), 1))),
                       ("a row lost", gzip.compress(b"\n".join(x for i, x in enumerate(text.split(b"\n")) if i != 30))), ("nothing", b""),
                       ("another file", b"hello"), ("a newer program's", gzip.compress(text.replace(b'"number":', b'"number":9', 1)))):
        with open(bad, "wb") as f:
            f.write(data)
        t = qun.Server(s.engine, folders())
        try:
            p = t.run("restore", bad, check=False)
            assert p.returncode == 1 and p.err.startswith("qun: "), f"{what}: {p.returncode} {p.err}"
            assert t.run("restore", file, check=False).returncode == 0, f"{what}: the refused one left something behind"
        finally:
            t.close()


def test_restore_keeps_what_is_there(fresh, folders):
    s = fresh().start()
    owner, _ = furnish(s)
    file = os.path.join(folders(), "a.gz")
    s.run("backup", file)
    in_use, taken = ("[locked]", "[already_exists]") if s.engine == "sqlite" else ("[wrong_state]", "[wrong_state]")
    p = s.run("restore", file, "--force", check=False)
    assert p.returncode == 1 and in_use in p.err, "a folder in use"
    qun.new_group(owner, "After the backup")
    s.stop()
    p = s.run("restore", file, check=False)
    assert p.returncode == 1 and taken in p.err
    if s.engine == "sqlite":
        s.run("restore", file, "--force")
        assert any(".before-" in n for n in os.listdir(s.folder))
        s.start()
        assert "After the backup" not in [g["name"] for g in s.owner().walk("/api/v1/groups")]
    else:
        assert s.run("restore", file, "--force", check=False).returncode == 1


def test_doctor_finds_nothing_and_finds_damage(fresh):
    s = fresh().start()
    furnish(s)
    s.run("backup")
    found = json.loads(s.run("doctor", "--json", check=False).out)
    bad = [row for row in walk(found) if row.get("state") in ("bad", "problem", "error")]
    assert not bad, bad
    s.stop()
    if s.engine == "sqlite":
        with open(s.db.path, "r+b") as f:
            f.seek(4096 * 20)
            f.write(b"\xde\xad\xbe\xef" * 2048)
    else:
        qun.psql(s.db.db, "UPDATE audit SET action = 'nothing.happened' WHERE link = 1")
    p = s.run("doctor", "--full", "--json", check=False)
    assert p.returncode == 1, p.out


def walk(x):
    if isinstance(x, dict):
        yield x
        for v in x.values():
            yield from walk(v)
    elif isinstance(x, list):
        for v in x:
            yield from walk(v)


def test_a_changed_audit_row_is_found(fresh):
    s = fresh().start()
    owner = s.owner()
    for i in range(5):
        qun.new_group(owner, f"Audited {i}")
    end = time.monotonic() + 40 * qun.SLOW
    while (check := owner.want("GET", "/api/v1/audit/verify"))["n"] < 5:
        assert check["ok"] and time.monotonic() < end
        time.sleep(11)  # sealed every ten seconds; verify may be asked six times a minute
    rows = owner.walk("/api/v1/audit")
    assert any(r["action"] == "group.create" and r["actor"]["name"] for r in rows)
    space = owner.me["space"]["id"]
    s.stop()
    sql = f"UPDATE audit SET action = 'nothing.happened' WHERE space_id = {space} AND link = 3"
    if s.engine == "sqlite":
        db = qun.sqlite3.connect(s.db.path)
        with db:
            db.execute(sql)
        db.close()
    else:
        qun.psql(s.db.db, sql)
    s.start()
    check = s.owner().want("GET", "/api/v1/audit/verify")
    assert check["ok"] is False and check["first_bad_seq"] > 0
