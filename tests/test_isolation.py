"""Two tenants in one installation: whatever one of them asks, nothing of the other is in the answer."""
import json
import re

import pytest

import qun

EXPORT = "time,sender,text\n2024-01-02T03:04:05Z,{0} Ann,{0} hello\n2024-01-02T03:05:05Z,{0} Bob,{0} words\nnot a time,{0} Eve,{0} broken\n"


def furnish(server, owner, mark):
    """Everything a space can hold, each with the mark in its name."""
    g = owner.want("POST", "/api/v1/groups", {"community_name": mark + " community", "name": mark + " group", "carrier": "wechat"}, status=201)
    qun.new_member(owner, mark + " member", g)
    up = owner.upload(mark + ".csv", EXPORT.format(mark).encode()).json
    run = owner.want("POST", "/api/v1/imports", {"upload_id": up["id"], "group_id": g["id"]})
    run = owner.wait_import(run["id"])
    assert run["state"] == "done" and run["n_imported"] == 2 and run["n_skipped"] == 1
    owner.want("POST", "/api/v1/roles", {"key": mark.lower(), "name": mark + " role", "grants": {"group": "read"}})
    owner.want("POST", "/api/v1/staff", {"login": mark.lower(), "name": mark + " staff", "role": mark.lower()})
    owner.want("POST", "/api/v1/keys", {"name": mark + " key", "role": mark.lower()})
    return {"group": g["id"], "community": g["community_id"], "run": run["id"],
            "member": owner.walk(f"/api/v1/members?group={g['id']}")[0]["id"]}


@pytest.fixture(scope="module")
def two(server):
    """Callers of Alpha, who are not owners of the installation, and the furniture of both."""
    owner = server.owner()
    spaces = {}
    for mark in ("Alpha", "Omega"):
        s = owner.want("POST", "/api/v1/spaces", {"name": mark + " space", "zone": "UTC", "lang": "en"}, status=201)
        owner.switch(s["id"])
        spaces[mark] = {**furnish(server, owner, mark), "space": s["id"], "code": s["code"]}
        spaces[mark]["creator"] = server.staff(owner, mark.lower() + "-boss", "creator")
        spaces[mark]["key"] = server.key(spaces[mark]["creator"], "creator", mark + " program")
    return spaces


def paths(server, ids):
    """Every GET of the API's description, with the ids of a space."""
    doc = server.client().want("GET", "/api/openapi.json")
    own = {"groups": ids["group"], "communities": ids["community"], "members": ids["member"], "imports": ids["run"]}
    for path, ops in doc["paths"].items():
        if "get" in ops and path.startswith("/api/v1/") and path not in ("/api/v1/stream", "/api/v1/spaces"):
            yield re.sub(r"/(\w+)/\{id\}", lambda m: f"/{m.group(1)}/{own[m.group(1)]}", path)


def test_no_answer_holds_anything_of_the_other(server, two):
    seen = 0
    for mine, other in (("Alpha", "Omega"), ("Omega", "Alpha")):
        foreign = [other.lower(), two[other]["space"], two[other]["code"], two[other]["group"], two[other]["run"]]
        for path in paths(server, two[mine]):
            for who in ("creator", "key"):
                r = two[mine][who].get(path)
                assert r.status == 200 or (who == "key" and r.status == 403), f"{path}: {r!r}"
                text = r.text.lower()
                assert not any(f.lower() in text for f in foreign), f"{who} of {mine} asks {path}: {text[:2000]}"
                seen += mine.lower() in text
    assert seen > 30, "the marks are really in the answers"


def test_search_and_filters_do_not_reach_over(two):
    c = two["Alpha"]["creator"]
    o = two["Omega"]
    for path in ("/api/v1/groups?q=Omega", "/api/v1/members?q=Omega", f"/api/v1/members?group={o['group']}", f"/api/v1/groups?community={o['community']}",
                 f"/api/v1/audit?actor={o['creator'].staff_id}"):
        r = c.get(path)
        assert r.status == 404 or r.json["items"] == [], f"{path}: {r!r}"


def test_cursors_carry_nothing_over(two):
    """A cursor of one space is at most a position in the other."""
    a, o = two["Alpha"]["creator"], two["Omega"]["creator"]
    for path in ("/api/v1/members?limit=1", "/api/v1/audit?limit=1", "/api/v1/staff?limit=1", "/api/v1/imports?limit=1"):
        cursor = o.want("GET", path)["next_cursor"]
        if cursor:
            r = a.get(f"{path}&cursor={cursor}")
            assert r.status in (200, 400, 404) and "omega" not in r.text.lower(), path


def test_the_same_names_are_free_in_each(two):
    for mark in ("Alpha", "Omega"):
        c = two[mark]["creator"]
        c.want("POST", "/api/v1/communities", {"name": "The same name"}, status=201)
        c.want("POST", "/api/v1/roles", {"key": "same", "name": "Same", "grants": {}}, status=201)


def test_streams_hear_their_own_space_only(server, two):
    s = qun.Stream(two["Alpha"]["creator"], "/api/v1/stream?topics=import")
    for mark in ("Omega", "Alpha"):
        c = two[mark]["creator"]
        _, run = c.import_bytes(mark + "2.csv", EXPORT.format(mark + "2").encode(), mark + " second")
        assert run["state"] == "done"
    events = s.events(lambda e: json.loads(e["data"])["group_name"] == "Alpha second" and json.loads(e["data"])["state"] == "done")
    s.close()
    assert all("Omega" not in e["data"] for e in events)
    replay = qun.Stream(two["Alpha"]["creator"], "/api/v1/stream?topics=import", last_event_id="0")
    events = replay.events(lambda e: json.loads(e["data"])["group_name"] == "Alpha second" and json.loads(e["data"])["state"] == "done")
    replay.close()
    assert len(events) >= 2 and all("Omega" not in e["data"] for e in events)


def test_idempotency_keys_are_per_space(two):
    head = {"Idempotency-Key": "one-key-in-two-spaces"}
    ids = {two[m]["creator"].want("POST", "/api/v1/members", {"name": "Same body"}, headers=head, status=201)["id"] for m in ("Alpha", "Omega")}
    assert len(ids) == 2


def test_a_token_of_one_space_names_it(two):
    for mark in ("Alpha", "Omega"):
        assert two[mark]["code"] in two[mark]["creator"].cookie.split("_")[0] or two[mark]["creator"].cookie.startswith(two[mark]["code"])
        assert two[mark]["code"] in two[mark]["key"].key


def test_every_row_has_its_space(server, two):
    """No table but those of the installation lacks the tenant's column."""
    if server.engine == "sqlite":
        tables = {t: {c[1] for c in server.db.rows(f"PRAGMA table_info({t})")} for (t,) in
                  server.db.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")}
    else:
        tables = {}
        for t, c in server.db.rows("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"):
            tables.setdefault(t, set()).add(c)
    without = {t for t, columns in tables.items() if "space_id" not in columns}
    assert without <= {"space", "staff", "migration", "schema_migration", "schema_version", "qun_migration"}, without


def test_an_account_in_two_spaces_moves_between_them(server, two):
    owner = two["Alpha"]["creator"]
    made = two["Omega"]["creator"].want("POST", "/api/v1/staff", {"login": "alpha-boss", "name": "x", "role": "partner"}, status=201)
    assert made["one_time_password"] is None, "an account that exists keeps its password"
    assert {s["name"] for s in owner.want("GET", "/api/v1/me")["spaces"]} == {"Alpha space", "Omega space"}
    before = owner.cookie
    owner.switch(two["Omega"]["space"])
    assert owner.cookie != before and owner.me["role"]["key"] == "partner"
    assert [g["name"] for g in owner.walk("/api/v1/groups")] == ["Omega group", "Omega second"]
    assert owner.get("/api/v1/staff").status == 403
    owner.switch(two["Alpha"]["space"])
    assert owner.get("/api/v1/staff").status == 200
