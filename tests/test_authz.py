"""The authorization matrix: every route of the API's own description × every kind of caller × ids of
another space. The default is no. A route that this file does not know how to ask fails the test."""
import json
import re

import pytest

import qun

LEVELS = {"none": 0, "read": 1, "full": 2}
ROLES = ("creator", "manager", "participant", "partner")
NONE = "9007199254740993"  # an id that nothing has

# A body that passes the field table, by method and path; "$x" is an id of the other space.
BODIES = {
    "POST /api/v1/session": {"login": "nobody-at-all", "password": "wrong wrong wrong"},
    "POST /api/v1/session/space": {"space_id": "$space"},
    "PATCH /api/v1/me": {},
    "PUT /api/v1/me/password": {"old_password": "not the password", "new_password": "short"},
    "POST /api/v1/spaces": {"name": "", "zone": "UTC", "lang": "en"},
    "PATCH /api/v1/spaces/{id}": {"name": "taken over"},
    "POST /api/v1/staff": {"login": "zz", "name": "x", "role": "no-such-role"},
    "PATCH /api/v1/staff/{id}": {"name": "taken over"},
    "POST /api/v1/staff/{id}/password": {},
    "POST /api/v1/roles": {"key": "X", "name": "x", "grants": {}},
    "PATCH /api/v1/roles/{code}": {"name": "taken over"},
    "POST /api/v1/keys": {"name": "x", "role": "no-such-role"},
    "POST /api/v1/communities": {"name": ""},
    "PATCH /api/v1/communities/{id}": {"name": "taken over"},
    "POST /api/v1/groups": {"community_id": "$community", "name": "taken over", "carrier": "wechat"},
    "PATCH /api/v1/groups/{id}": {"name": "taken over"},
    "POST /api/v1/groups/{id}/close": None,
    "POST /api/v1/groups/{id}/reopen": None,
    "POST /api/v1/members": {"name": ""},
    "PATCH /api/v1/members/{id}": {"name": "taken over"},
    "PUT /api/v1/groups/{id}/members/{id2}": {"state": "present"},
    "POST /api/v1/facts": {"kind": "message", "group_id": "$group", "member_id": "$member"},
    "POST /api/v1/imports": {"upload_id": "$upload", "group_id": "$group"},
    "POST /api/v1/imports/{id}/cancel": None,
    "POST /api/v1/uploads": b"",
}
QUERIES = {"POST /api/v1/uploads": "?filename=a.txt", "GET /api/v1/stream": "?topics=nothing"}
# What the {id} of a path is, by the word before it.
KINDS = {"spaces": "space", "staff": "staff", "roles": "role", "keys": "key", "communities": "community", "groups": "group",
         "members": "member", "imports": "import", "uploads": "upload"}
# A key is a program: it makes no passwords and no further keys, whatever its role.
PERSONS_ONLY = {"POST /api/v1/staff/{id}/password", "POST /api/v1/keys", "POST /api/v1/staff"}
# Asking these ends what asks: a test of its own does, with sessions made for it.
ENDING = {"DELETE /api/v1/session", "DELETE /api/v1/sessions"}


class World:
    """Two spaces in full dress, and every kind of caller in the first."""
    def __init__(self, server):
        self.server = server
        owner = self.owner = server.owner()
        self.home = owner.me["space"]["id"]
        other = owner.want("POST", "/api/v1/spaces", {"name": "The other", "zone": "UTC", "lang": "en"}, status=201)
        self.group = new_group_of(owner, "Ours")
        self.callers = {}
        for role in ROLES:
            self.callers["staff " + role] = server.staff(owner, "m-" + role, role)
            self.callers["key " + role] = server.key(owner, role)
        owner.want("POST", "/api/v1/roles", {"key": "empty", "name": "Nothing", "grants": {}})
        self.callers["staff empty"] = server.staff(owner, "m-empty", "empty")
        self.callers["owner"] = owner
        self.grants = {r["key"]: r["grants"] for r in owner.want("GET", "/api/v1/roles")["items"]}
        away = self.away = server.owner()
        away.switch(other["id"])
        group = new_group_of(away, "Theirs")
        member = qun.new_member(away, "Theirs", group)
        upload = away.upload("theirs.txt", b"[08:00] <a> hello\n").json
        run = away.want("POST", "/api/v1/imports", {"upload_id": away.upload("b.csv", CSV).json["id"], "group_id": group["id"]})
        away.wait_import(run["id"])
        away.want("POST", "/api/v1/roles", {"key": "theirs", "name": "Theirs", "grants": {}})
        staff = away.want("POST", "/api/v1/staff", {"login": "theirs", "name": "Theirs", "role": "manager"})
        key = away.want("POST", "/api/v1/keys", {"name": "theirs", "role": "manager"})
        self.foreign = {"space": other["id"], "community": group["community_id"], "group": group["id"], "member": member["id"],
                        "upload": upload["id"], "import": run["id"], "role": "theirs", "staff": staff["id"], "key": key["id"]}
        self.before = self.other_space()

    def other_space(self):
        """All that the other space shows of itself."""
        lists = ("communities", "groups", "members", "imports", "staff", "roles", "keys")
        return {name: [strip(x) for x in self.away.walk("/api/v1/" + name)] for name in lists}

    def level_of(self, who, resource):
        if resource in ("public", "self"):
            return 2
        if resource == "install":
            return 2 if who == "owner" else 0
        role = "creator" if who == "owner" else who.split()[1]
        return LEVELS[self.grants[role][resource]]


CSV = b"time,sender,text\n2024-01-02T03:04:05Z,theirs,hello\n"


def strip(row):
    """What may change by itself: when somebody was seen, what a job has judged."""
    return {k: v for k, v in row.items() if k not in ("last_seen_at", "last_used_at", "life", "needs_me")}


def new_group_of(client, name):
    return qun.new_group(client, name)


@pytest.fixture(scope="module")
def world(server):
    return World(server)


@pytest.fixture(scope="module")
def routes(server):
    doc = server.client().want("GET", "/api/openapi.json")
    return [(m.upper(), path, op) for path, ops in doc["paths"].items() for m, op in ops.items()]


def fill(path, ids):
    """The path with ids in it, and whether it has any."""
    segments, used = [], False
    for s in path.split("/"):
        if s.startswith("{"):
            kind = KINDS[segments[-1]]
            s = ids[kind]
            used = True
        segments.append(s)
    return "/".join(segments), used


def body_of(route, ids):
    body = BODIES.get(route)
    if isinstance(body, dict):
        return {k: ids[v[1:]] if isinstance(v, str) and v.startswith("$") else v for k, v in body.items()}
    return body


def ask(client, method, path, ids, headers=None):
    route = f"{method} {path}"
    url, has_ids = fill(path, ids)
    url += QUERIES.get(route, "")
    if isinstance(BODIES.get(route), bytes):
        return client.request(method, url, raw=BODIES[route], headers={"Content-Type": "application/octet-stream", **(headers or {})}), has_ids
    return client.request(method, url, body_of(route, ids), headers=headers), has_ids


def test_every_route_is_known_here(routes):
    known = set(BODIES)
    for method, path, op in routes:
        assert re.fullmatch(r"\w+:(none|read|full)", op["x-permission"]), path
        if op.get("requestBody") or method in ("POST", "PUT", "PATCH"):
            assert f"{method} {path}" in known, f"{method} {path}: say in BODIES what to ask it with"
        fill(path, dict.fromkeys(KINDS.values(), "1"))
    for route in known | ENDING | set(QUERIES):
        assert any(route == f"{m} {p}" for m, p, _ in routes), f"{route} is not a route any more"
    # only what must be is open to strangers
    open_to_all = {f"{m} {p}" for m, p, op in routes if op["x-permission"].startswith("public")}
    assert open_to_all == {"POST /api/v1/session", "GET /healthz", "GET /readyz", "GET /metrics", "GET /api/openapi.json"}, open_to_all


def test_strangers_get_nothing(world, routes, server):
    for method, path, op in routes:
        if op["x-permission"].startswith("public"):
            continue
        for name, client in (("nobody", server.client()), ("a made-up cookie", cookie_of(server, world.owner.cookie[:-3] + "xyz")),
                             ("a made-up key", server.client(key="qk_00000_" + "x" * 40)), ("rubbish", server.client(key="!"))):
            r, _ = ask(client, method, path, world.foreign)
            assert r.status == 401 and r.code == "unauthenticated", f"{name} {method} {path}: {r!r}"


def cookie_of(server, cookie):
    c = server.client()
    c.cookie, c.csrf = cookie, "x" * 32
    return c


def test_matrix(world, routes):
    """Refused where the role does not reach, with 403; not refused where it does; and an id of another
    space is not found, whatever the role."""
    asked = 0
    for method, path, op in routes:
        route = f"{method} {path}"
        resource, level = op["x-permission"].split(":")
        if resource == "public" or route in ENDING:
            continue
        for who, client in world.callers.items():
            if who == "owner" and route == "POST /api/v1/session/space":
                continue  # the owner is at home in both
            r, has_ids = ask(client, method, path, world.foreign)
            asked += 1
            told = f"{who} {route}: {r!r}"
            if world.level_of(who, resource) < LEVELS[level] or who.startswith("key") and route in PERSONS_ONLY:
                assert r.status == 403 and r.code == "forbidden", told
            elif who == "owner" and resource in ("install", "space"):
                assert r.status not in (401, 403), told
            elif has_ids:
                assert r.status == 404 and r.code == "not_found", told
            elif r.status == 403:
                # a key has no session, account or space of its own
                assert resource == "self" and who.startswith("key") or route == "GET /api/v1/stream", told
            else:
                assert r.status != 401 or r.code == "bad_login", told
    assert asked > 300
    if world.foreign["space"]:
        world.away.want("PATCH", "/api/v1/spaces/" + world.foreign["space"], {"name": "The other"})
    assert world.other_space() == world.before, "somebody changed the other space"


def test_ids_that_do_not_exist_and_ids_of_others_look_the_same(world, routes):
    for method, path, op in routes:
        if "{" not in path or op["x-permission"].startswith("space"):
            continue
        creator = world.callers["staff creator"]
        foreign, _ = ask(creator, method, path, world.foreign)
        nowhere, _ = ask(creator, method, path, {**dict.fromkeys(KINDS.values(), NONE), "role": "never-there"})
        same = ("status", "code", "title")
        a, b = ({k: r.json.get(k) for k in same} for r in (foreign, nowhere))
        assert a == b, f"{method} {path}: {foreign!r} {nowhere!r}"


def test_foreign_ids_inside_bodies(world):
    """An id of another space in a body is as if it were not there."""
    c, f = world.callers["staff creator"], world.foreign
    member = qun.new_member(c, "Mine", world.group)
    cases = [
        ("POST", "/api/v1/groups", {"community_id": f["community"], "name": "n", "carrier": "qq"}),
        ("PATCH", f"/api/v1/groups/{world.group['id']}", {"community_id": f["community"]}),
        ("PUT", f"/api/v1/groups/{world.group['id']}/members/{f['member']}", {"state": "present"}),
        ("PUT", f"/api/v1/groups/{f['group']}/members/{member['id']}", {"state": "present"}),
        ("POST", "/api/v1/facts", {"kind": "message", "group_id": world.group["id"], "member_id": f["member"]}),
        ("POST", "/api/v1/facts", {"kind": "message", "group_id": f["group"], "member_id": member["id"]}),
        ("PATCH", f"/api/v1/members/{member['id']}", {"kind": "alias", "staff_id": f["staff"], "label": "x"}),
        ("POST", "/api/v1/staff", {"login": "scoped", "name": "s", "role": "manager", "communities": [f["community"]]}),
        ("POST", "/api/v1/staff", {"login": "roled", "name": "s", "role": "theirs"}),
        ("POST", "/api/v1/keys", {"name": "k", "role": "theirs"}),
        ("POST", "/api/v1/imports", {"upload_id": f["upload"], "group_id": world.group["id"]}),
        ("POST", "/api/v1/session/space", {"space_id": f["space"]}),
    ]
    for method, path, body in cases:
        r = c.request(method, path, body)
        assert r.status in (404, 422), f"{method} {path} {body}: {r!r}"
    assert c.get(f"/api/v1/members?group={f['group']}").status in (200, 404)
    assert c.get(f"/api/v1/members?group={f['group']}").json.get("items", []) == []
    assert c.get(f"/api/v1/groups?community={f['community']}").json.get("items", []) == []
    assert world.other_space() == world.before


def test_a_space_named_in_a_header_is_for_the_command_line_only(world):
    c = world.callers["staff creator"]
    ours = c.want("GET", "/api/v1/groups")
    r = c.get("/api/v1/groups", headers={"X-Qun-Space": world.foreign["space"]})
    assert r.status != 200 or r.json["items"] == ours["items"]


def test_every_change_by_cookie_needs_its_token(world, routes):
    c = world.callers["staff creator"]
    for method, path, op in routes:
        if method == "GET" or op["x-permission"].startswith(("public", "install")):
            continue
        for token in (None, "", "x" * 32, world.owner.csrf):
            r, _ = ask(c, method, path, world.foreign, headers={"X-CSRF-Token": token})
            assert r.status == 403 and r.code == "csrf", f"{method} {path} token={token}: {r!r}"
    assert c.get("/api/v1/me").status == 200


def test_sessions_end_only_their_own(world, server):
    for route in sorted(ENDING):
        method, path = route.split()
        c = server.client()
        assert c.login("m-manager", qun.OWNER_PASSWORD).status == 201
        assert c.request(method, path).status == 204
        assert c.get("/api/v1/me").status == 401
        for who in ("staff participant", "key participant", "owner"):
            assert world.callers[who].get("/api/v1/groups").status == 200
    relogin = world.callers["staff manager"]
    assert relogin.login("m-manager", qun.OWNER_PASSWORD).status == 201


def test_a_key_never_does_more_than_its_maker(world, server):
    maker = server.staff(world.owner, "maker", "creator")
    key = server.key(maker, "creator")
    assert key.get("/api/v1/audit").status == 200
    world.owner.want("PATCH", f"/api/v1/staff/{maker.staff_id}", {"role": "participant"})
    assert key.get("/api/v1/audit").status == 403
    assert key.get("/api/v1/groups").status == 200
    world.owner.want("PATCH", f"/api/v1/staff/{maker.staff_id}", {"state": "disabled"})
    assert key.get("/api/v1/groups").status == 401
    assert maker.get("/api/v1/groups").status == 401


def test_nobody_gives_more_than_they_have(world, server):
    owner = world.owner
    owner.want("POST", "/api/v1/roles", {"key": "hr", "name": "People", "grants": {"staff": "full", "key": "full", "group": "read"}})
    hr = server.staff(owner, "hr", "hr")
    assert hr.post("/api/v1/staff", {"login": "friend", "name": "f", "role": "creator"}).code == "forbidden"
    assert hr.post("/api/v1/keys", {"name": "k", "role": "creator"}).code == "forbidden"
    assert hr.post("/api/v1/roles", {"key": "more", "name": "m", "grants": {"audit": "full"}}).code == "forbidden"
    assert hr.patch(f"/api/v1/staff/{hr.staff_id}", {"role": "creator"}).code == "forbidden"
    assert hr.patch("/api/v1/roles/hr", {"grants": {"audit": "full"}}).code == "forbidden"
    boss = next(s for s in owner.walk("/api/v1/staff") if s["login"] == "owner")
    assert hr.post(f"/api/v1/staff/{boss['id']}/password", {}).code == "forbidden"
    assert hr.delete(f"/api/v1/staff/{boss['id']}").status in (403, 409)
    assert hr.want("POST", "/api/v1/staff", {"login": "mate", "name": "f", "role": "hr"})["role"] == "hr"


def test_the_last_owner_stays(world):
    owner = world.owner
    me = next(s for s in owner.walk("/api/v1/staff") if s["login"] == "owner")
    others = [s for s in owner.walk("/api/v1/staff") if s["role"] == "creator" and s["login"] != "owner" and s["state"] == "active"]
    for s in others:
        owner.want("PATCH", f"/api/v1/staff/{s['id']}", {"role": "manager"})
    for method, body in (("PATCH", {"role": "manager"}), ("PATCH", {"state": "disabled"}), ("DELETE", None)):
        r = owner.request(method, f"/api/v1/staff/{me['id']}", body)
        assert r.status == 409 and r.code == "last_owner", f"{method} {body}: {r!r}"
    for s in others:
        owner.want("PATCH", f"/api/v1/staff/{s['id']}", {"role": "creator"})


def test_staff_of_one_community_see_no_other(world, server):
    owner = world.owner
    mine, hidden = qun.new_group(owner, "Mine alone"), qun.new_group(owner, "Hidden")
    m = qun.new_member(owner, "Only in hidden", hidden)
    c = server.staff(owner, "scoped", "manager", communities=[mine["community_id"]])
    assert [g["id"] for g in c.walk("/api/v1/groups")] == [mine["id"]]
    assert [x["id"] for x in c.walk("/api/v1/communities")] == [mine["community_id"]]
    for path in (f"/api/v1/groups/{hidden['id']}", f"/api/v1/groups/{hidden['id']}/report", f"/api/v1/communities/{hidden['community_id']}",
                 f"/api/v1/members/{m['id']}"):
        assert c.get(path).status == 404, path
    assert all(x["id"] != m["id"] for x in c.walk("/api/v1/members"))
    assert c.patch(f"/api/v1/groups/{hidden['id']}", {"name": "x"}).status == 404
    assert c.post("/api/v1/facts", {"kind": "message", "group_id": hidden["id"], "member_id": m["id"]}).status == 404
    up = c.upload("a.csv", CSV).json
    assert c.post("/api/v1/imports", {"upload_id": up["id"], "group_id": hidden["id"]}).status == 404
    assert "Hidden" not in json.dumps(c.want("GET", "/api/v1/insight/portfolio"), ensure_ascii=False)


def test_system_socket_may_everything_and_only_its_owner_reaches_it(world, server):
    r = server.system(world.home).get("/api/v1/groups")
    assert r.status == 200 and any(g["name"] == "Ours" for g in r.json["items"])
    assert server.system(world.foreign["space"]).get("/api/v1/groups").json["items"][0]["name"] == "Theirs"


def test_roles_of_the_requirement_are_there(world):
    """Creator, manager, participant and partner, each with fewer rights than the one before."""
    rows = [r for r in world.owner.want("GET", "/api/v1/roles")["items"] if r["builtin"]]
    assert [r["key"] for r in rows] == list(ROLES)
    assert [r["name_zh"] for r in rows] == ["创建者", "管理者", "参与者", "合作者"]
    for more, less in zip(rows, rows[1:]):
        assert all(LEVELS[more["grants"][k]] >= LEVELS[v] for k, v in less["grants"].items()), less["key"]
        assert more["grants"] != less["grants"]
    assert world.owner.patch("/api/v1/roles/partner", {"grants": {}}).status == 409
