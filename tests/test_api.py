"""What every route has in common: problems, idempotency, pages, validators, limits, headers, streams."""
import contextlib
import gzip
import json
import os
import re
import socket
import stat
import threading

import pytest

import qun


@pytest.fixture(scope="module")
def owner(server):
    return server.owner()


# ---- problems ----

def problem(reply, status, code):
    assert reply.status == status, reply
    assert reply.headers["Content-Type"].startswith("application/problem+json")
    p = reply.json
    assert p["type"] == "about:blank" and p["status"] == status and p["code"] == code and p["title"], p
    return p


def test_problem_shape(owner, server):
    assert problem(owner.get("/api/v1/groups/9007199254740993"), 404, "not_found").get("errors") is None
    p = problem(owner.post("/api/v1/groups", {"name": "", "carrier": "pigeon", "colour": "red"}), 422, "invalid")
    assert {(e["field"], e["rule"]) for e in p["errors"]} >= {("name", "required"), ("carrier", "choice"), ("colour", "unknown")}
    problem(owner.post("/api/v1/groups", raw=b"{not json", headers={"Content-Type": "application/json"}), 400, "bad_json")
    problem(owner.get("/api/v1/groups?limit=0"), 422, "invalid")
    problem(owner.get("/api/v1/groups?limit=201"), 422, "invalid")
    problem(owner.get("/api/v1/groups?colour=red"), 422, "invalid")
    problem(owner.get("/api/v1/groups?cursor=nonsense"), 400, "bad_cursor")
    problem(owner.get("/api/v1/no-such-thing"), 404, "not_found")
    r = owner.delete("/api/v1/groups")
    problem(r, 405, "method_not_allowed")
    assert {m.strip() for m in r.headers["Allow"].split(",")} >= {"GET", "POST"}
    problem(server.client().get("/api/v1/me"), 401, "unauthenticated")


def test_problems_speak_the_callers_language(owner):
    titles = {lang: owner.get("/api/v1/groups/1", headers={"Accept-Language": lang}).json["title"] for lang in ("zh-CN", "en-GB", "zh;q=0.1,en")}
    assert re.search("[\u4e00-\u9fff]", titles["zh-CN"])
    assert titles["en-GB"] == titles["zh;q=0.1,en"] and titles["en-GB"].isascii()


@pytest.mark.parametrize("path", ["/api/v1/groups/abc", "/api/v1/groups/-1", "/api/v1/groups/0", "/api/v1/groups/99999999999999999999",
                                  "/api/v1/groups/1/", "/api/v1//groups", "/api/v1/groups/%00", "/api/v1/%2e%2e/groups", "/api/v1/groups/1%2f2",
                                  "/console/../../etc/passwd", "/console/%2e%2e/%2e%2e/etc/passwd", "/%", "/api/v1/groups?q=%ff%fe", "/api/v1/groups?q=%"])
def test_odd_addresses(owner, path):
    r = owner.get(path)
    assert r.status in (400, 404, 422) or (path.startswith("/console") and b"root:" not in r.body), r


# ---- idempotency ----

def test_idempotency_key(owner, server):
    g = qun.new_group(owner, "Idempotent")
    m = qun.new_member(owner, "Somebody", g)
    body = {"kind": "message", "group_id": g["id"], "member_id": m["id"], "n": 3}
    key = {"Idempotency-Key": "the-first-key"}

    def count():
        return server.db.rows(f"SELECT COUNT(*) FROM fact WHERE group_id = {g['id']} AND n = 3")[0][0]
    a = owner.post("/api/v1/facts", body, headers=key)
    b = owner.post("/api/v1/facts", body, headers=key)
    assert a.status == b.status == 201 and a.body == b.body
    assert b.headers["Idempotent-Replayed"] == "true" and a.headers["Idempotent-Replayed"] is None
    assert count() == 1
    problem(owner.post("/api/v1/facts", {**body, "n": 4}, headers=key), 422, "idempotency_mismatch")
    assert count() == 1
    # keys belong to one caller and one route
    other = server.key(owner, "creator")
    assert other.post("/api/v1/facts", body, headers=key).status == 201
    assert count() == 2
    assert owner.post("/api/v1/members", {"name": "By the same key"}, headers=key).status == 201
    # without a key each is its own
    owner.want("POST", "/api/v1/facts", body)
    assert count() == 3
    for bad in ("x" * 129, "two words", "汉字".encode().decode("latin-1")):
        problem(owner.post("/api/v1/facts", body, headers={"Idempotency-Key": bad}), 400, "bad_request")


def test_a_refusal_is_judged_anew(owner):
    key = {"Idempotency-Key": "refused-first"}
    body = {"community_id": None, "community_name": "Not yet", "name": "Twin", "carrier": "qq"}
    first = owner.want("POST", "/api/v1/groups", {k: v for k, v in body.items() if v}, status=201)
    again = {"community_id": first["community_id"], "name": "Twin", "carrier": "qq"}
    problem(owner.post("/api/v1/groups", again, headers=key), 409, "already_exists")
    problem(owner.post("/api/v1/groups", again, headers=key), 409, "already_exists")
    owner.want("PATCH", f"/api/v1/groups/{first['id']}", {"name": "No twin"})
    assert owner.post("/api/v1/groups", again, headers=key).status == 201
    assert owner.post("/api/v1/groups", again, headers=key).headers["Idempotent-Replayed"] == "true"


def test_the_same_key_at_the_same_time_is_done_once(owner, server):
    g = qun.new_group(owner, "Race")
    m = qun.new_member(owner, "Racer", g)
    body = {"kind": "vote", "group_id": g["id"], "member_id": m["id"], "n": 77}
    answers = []

    def go():
        c = qun.Client(server)
        c.cookie, c.csrf = owner.cookie, owner.csrf
        for i in range(10):
            answers.append((i, c.post("/api/v1/facts", body, headers={"Idempotency-Key": f"race-{i}"})))
    threads = [threading.Thread(target=go) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(answers) == 80 and all(r.status in (201, 503) for _, r in answers)
    for i in range(10):
        assert len({r.body for j, r in answers if j == i and r.status == 201}) == 1
    assert server.db.rows(f"SELECT COUNT(*) FROM fact WHERE group_id = {g['id']} AND n = 77") == [(10,)]


# ---- pages ----

def test_pages_give_everything_once(owner, server):
    first = qun.new_group(owner, "Page 000")
    made = {first["id"]}
    for i in range(1, 53):
        made.add(owner.want("POST", "/api/v1/groups", {"community_id": first["community_id"], "name": f"Page {i % 13:03} {i}", "carrier": "qq"}, status=201)["id"])
    members = {qun.new_member(owner, f"Paged {i % 9}", first)["id"] for i in range(60)}
    for limit in (1, 7, 50, 53, 54, 200):
        got = [g["id"] for g in owner.walk(f"/api/v1/groups?community={first['community_id']}", limit)]
        assert len(got) == len(set(got)) and set(got) == made, limit
        got = [m["id"] for m in owner.walk(f"/api/v1/members?group={first['id']}", limit)]
        assert len(got) == len(set(got)) and set(got) == members, limit
    keys = {owner.want("POST", "/api/v1/keys", {"name": f"k{i}", "role": "partner"}, status=201)["id"] for i in range(12)}
    for limit in (1, 5, 200):
        assert keys <= {k["id"] for k in owner.walk("/api/v1/keys", limit)}
        seqs = [a["seq"] for a in owner.walk("/api/v1/audit", limit if limit > 1 else 20)]
        assert seqs == sorted(set(seqs), reverse=True)
        staff = [s["id"] for s in owner.walk("/api/v1/staff", limit)]
        assert len(staff) == len(set(staff))


def test_rows_that_come_while_paging_break_nothing(owner):
    g = qun.new_group(owner, "Moving")
    before = {qun.new_member(owner, f"m{i:03}", g)["id"] for i in range(30)}
    seen, cursor = [], ""
    while cursor is not None:
        page = owner.want("GET", f"/api/v1/members?group={g['id']}&limit=7" + (f"&cursor={cursor}" if cursor else ""))
        seen += [m["id"] for m in page["items"]]
        qun.new_member(owner, "a comes first", g)
        cursor = page["next_cursor"]
    assert before <= set(seen) and len(seen) == len(set(seen))


def test_a_cursor_of_another_list_is_refused(owner):
    page = owner.want("GET", "/api/v1/members?limit=1")
    assert page["next_cursor"]
    r = owner.get("/api/v1/members?cursor=" + page["next_cursor"][:-2])
    problem(r, 400, "bad_cursor")


# ---- validators ----

def test_etag(owner):
    g = qun.new_group(owner, "Versions")
    path = f"/api/v1/groups/{g['id']}"
    r = owner.get(path)
    tag = r.headers["ETag"]
    same = owner.get(path, headers={"If-None-Match": tag})
    assert same.status == 304 and same.body == b"" and same.headers["ETag"] == tag
    assert owner.get(path, headers={"If-None-Match": '"other", ' + tag}).status == 304
    assert owner.get(path, headers={"If-None-Match": '"other"'}).status == 200
    changed = owner.request("PATCH", path, {"name": "Versions 2"}, headers={"If-Match": tag})
    assert changed.status == 200 and changed.headers["ETag"] != tag
    assert owner.get(path, headers={"If-None-Match": tag}).status == 200
    problem(owner.request("PATCH", path, {"name": "Versions 3"}, headers={"If-Match": tag}), 412, "stale")
    assert owner.get(path).json["name"] == "Versions 2"
    assert owner.request("PATCH", path, {"name": "Versions 3"}, headers={"If-Match": "*"}).status == 200
    problem(owner.request("POST", path + "/close", headers={"If-Match": tag}), 412, "stale")
    m = qun.new_member(owner, "Versioned")
    path = f"/api/v1/members/{m['id']}"
    tag = owner.get(path).headers["ETag"]
    assert owner.request("PATCH", path, {"name": "V2"}, headers={"If-Match": tag}).status == 200
    problem(owner.request("PATCH", path, {"name": "V3"}, headers={"If-Match": tag}), 412, "stale")
    doc = owner.get("/api/openapi.json")
    assert owner.get("/api/openapi.json", headers={"If-None-Match": doc.headers["ETag"]}).status == 304


# ---- limits ----

def test_bodies_too_large_of_the_wrong_kind_or_not_expected(owner, server):
    problem(owner.post("/api/v1/groups", {"name": "x" * 70000, "carrier": "qq"}), 413, "too_large")
    problem(owner.post("/api/v1/groups", raw=b"name=x", headers={"Content-Type": "application/x-www-form-urlencoded"}), 415, "unsupported_media_type")
    problem(owner.post("/api/v1/groups", raw=b'{"name":"x"}', headers={"Content-Type": "text/plain"}), 415, "unsupported_media_type")
    problem(owner.request("GET", "/api/v1/me", raw=b"x" * 100), 413, "too_large")
    g = qun.new_group(owner, "Limits")
    problem(owner.request("POST", f"/api/v1/groups/{g['id']}/close", {"why": "x"}), 400, "bad_request")
    problem(owner.patch(f"/api/v1/groups/{g['id']}", {"name": "x" * 101}), 422, "invalid")
    problem(owner.patch(f"/api/v1/groups/{g['id']}", {"name": 5}), 422, "invalid")
    assert owner.get("/api/v1/groups", headers={"X-Long": "x" * 20000}).status in (413, 431)
    assert owner.get("/api/v1/me").status == 200, "the connection or the next one still serves"


def test_deep_and_odd_json(owner):
    heads = {"Content-Type": "application/json"}
    for raw in (b"[" * 30000, b'{"name":' * 5000, b'{"name":"\xff\xfe"}', b'{"name":"\\ud800"}', b'{"name":"a\\u0000b"}',
                b'{"name":1e999}', b'{"name":NaN}', b"", b"null", b'{"name":"a","name":"b","carrier":"qq"}', b'\xef\xbb\xbf{"name":"a"}'):
        r = owner.post("/api/v1/groups", raw=raw, headers=heads)
        assert r.status in (400, 422), f"{raw[:40]!r}: {r!r}"


def test_upload_limit(fresh):
    s = fresh(QUN_MAX_UPLOAD="1").start()
    owner = s.owner()
    problem(owner.upload("big.txt", b"x" * (1 << 20) + b"y"), 413, "too_large")
    assert owner.upload("fits.csv", b"time,sender,text\n" + b"2024-01-01T00:00:00Z,a,b\n" * 100).status == 201
    assert not os.listdir(os.path.join(s.folder, "spool")), "a refused body leaves nothing behind"


def test_rate_limit(fresh):
    s = fresh(QUN_RATE="30").start()
    owner = s.owner()
    codes = [owner.get("/api/v1/groups").status for _ in range(45)]
    assert codes[0] == 200 and codes[-1] == 429
    r = owner.get("/api/v1/groups")
    problem(r, 429, "too_many_requests")
    assert int(r.headers["Retry-After"]) >= 1
    assert s.client().get("/healthz").status == 200


# ---- raw requests ----

def raw(server, *lines, body=b"", more=1):
    """Sends bytes as they are; what came back, up to the end or a second of silence."""
    with contextlib.closing(socket.create_connection(("127.0.0.1", server.port), timeout=5)) as s:
        s.sendall("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)
        got = b""
        s.settimeout(more * qun.SLOW)
        with contextlib.suppress(TimeoutError, ConnectionResetError):
            while chunk := s.recv(65536):
                got += chunk
    return got


def status_of(answer):
    m = re.match(rb"HTTP/1\.1 (\d{3}) ", answer)
    return int(m.group(1)) if m else None


def test_requests_that_could_be_read_in_two_ways(server):
    smuggled = b"0\r\n\r\nGET /api/v1/me HTTP/1.1\r\nHost: x\r\n\r\n"
    for lines in (["Content-Length: 5", "Transfer-Encoding: chunked"], ["Content-Length: 5", "Content-Length: 6"], ["Transfer-Encoding: gzip, chunked"],
                  ["Host: a", "Host: b"], ["Content-Length: -1"], ["Content-Length: 1e3"]):
        host = [] if any(x.startswith("Host") for x in lines) else ["Host: x"]
        answer = raw(server, "POST /api/v1/session HTTP/1.1", *host, "Content-Type: application/json", *lines, body=smuggled)
        assert status_of(answer) in (400, None), f"{lines}: {answer[:200]}"
        assert b"HTTP/1.1 401" not in answer, f"{lines}: a second request was read out of the first's body: {answer}"


def test_head_is_get_without_a_body(owner):
    for path in ("/api/v1/groups", "/healthz", "/api/openapi.json", "/console/"):
        got, head = owner.get(path), owner.request("HEAD", path)
        assert head.status == got.status and head.body == b"", path
        assert head.headers["Content-Length"] == got.headers["Content-Length"] and head.headers["Content-Type"] == got.headers["Content-Type"], path


def test_options(owner):
    r = owner.request("OPTIONS", "/api/v1/groups")
    assert r.status == 204 and {m.strip() for m in r.headers["Allow"].split(",")} >= {"GET", "POST"}
    assert r.headers["Access-Control-Allow-Origin"] is None


def test_chunked_upload(owner, server):
    data = b"time,sender,text\n" + b"".join(b"2024-01-01T00:00:%02dZ,a,hello %d\n" % (i % 60, i) for i in range(5000))
    conn = owner._connect()
    conn.request("POST", "/api/v1/uploads?filename=chunked.csv", iter([data[i:i + 999] for i in range(0, len(data), 999)]),
                 owner._headers("POST", {"Content-Type": "application/octet-stream"}), encode_chunked=True)
    r = conn.getresponse()
    assert r.status == 201 and json.loads(r.read())["bytes"] == len(data)
    conn.close()


def test_gzip(owner):
    plain = owner.get("/api/openapi.json")
    packed = owner.get("/api/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip" and len(packed.body) < len(plain.body) / 4
    assert gzip.decompress(packed.body) == plain.body and plain.headers["Content-Encoding"] is None
    assert "Accept-Encoding" in packed.headers["Vary"] and "Accept-Encoding" in plain.headers["Vary"]
    for i in range(12):
        owner.post("/api/v1/communities", {"name": f"gzip {i}"})
    listed = owner.get("/api/v1/audit?limit=100", headers={"Accept-Encoding": "gzip"})
    assert json.loads(gzip.decompress(listed.body))["items"]
    assert owner.get("/api/openapi.json", headers={"Accept-Encoding": "gzip;q=0"}).headers["Content-Encoding"] is None
    # large enough to pack, and small once packed: no reply may lose its Content-Encoding
    for limit in range(1, 40):
        path = f"/api/v1/audit?limit={limit}"
        one = owner.get(path, headers={"Accept-Encoding": "gzip"})
        assert (one.headers["Content-Encoding"] == "gzip") == one.body.startswith(b"\x1f\x8b"), path
        assert one.headers["Content-Encoding"] is None or "Accept-Encoding" in one.headers["Vary"], path


# ---- headers ----

def test_security_headers(owner, server):
    for path in ("/api/v1/me", "/api/v1/groups/1", "/console/", "/healthz", "/nowhere"):
        h = owner.get(path).headers
        assert h["X-Content-Type-Options"] == "nosniff" and h["X-Frame-Options"] == "DENY" and h["Referrer-Policy"], path
        assert "frame-ancestors 'none'" in h["Content-Security-Policy"], path
        assert h["Access-Control-Allow-Origin"] is None and h["Server"] is None, path
    api, page = owner.get("/api/v1/me").headers, owner.get("/console/").headers
    assert api["Cache-Control"] in ("no-store", "private, no-cache") and "default-src 'none'" in api["Content-Security-Policy"]
    csp = page["Content-Security-Policy"]
    script = re.search(r"script-src ([^;]*)", csp).group(1)
    assert "unsafe" not in script and "unsafe-eval" not in csp
    a, b = (re.search(r"'nonce-([^']+)'", owner.get("/console/").headers["Content-Security-Policy"]).group(1) for _ in range(2))
    assert a != b and len(a) >= 16
    r = server.client().post("/api/v1/session", {"login": "x", "password": "y"})
    assert r.headers["Cache-Control"] == "no-store"


def test_console_is_served_with_long_lived_assets(owner):
    home = owner.get("/")
    assert home.status == 302 and home.headers["Location"] == "/console/"
    page = owner.get("/console/groups/123")
    assert page.status == 200 and page.headers["Content-Type"].startswith("text/html")
    assets = re.findall(r'(?:src|href)="(/console/assets/[^"]+)"', owner.get("/console/").text)
    assert assets
    for path in assets:
        r = owner.get(path)
        assert r.status == 200 and "immutable" in r.headers["Cache-Control"], path
        assert owner.get(path, headers={"If-None-Match": r.headers["ETag"]}).status == 304
    assert owner.get("/console/assets/no-such-file.js").status == 404
    assert owner.post("/console/").status == 405


def test_health_and_numbers(server):
    c = server.client()
    assert c.get("/healthz").text == "ok\n" and c.get("/readyz").text == "ready\n"
    text = c.get("/metrics").text
    for name in ("qun_http_requests_total", "qun_lane_works_total", "qun_resident_bytes", "qun_build_info"):
        assert re.search(rf"^{name}(\{{[^}}]*\}})? \d", text, re.M), name


def test_numbers_are_not_for_strangers_behind_a_proxy(fresh):
    s = fresh(QUN_BEHIND_PROXY="1").start()
    assert s.client().get("/metrics").status == 200
    assert s.client().get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status == 403
    owner = s.owner()
    owner.get("/api/v1/me", headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.9"})
    c = s.client()
    c.request("POST", "/api/v1/session", {"login": "owner", "password": qun.OWNER_PASSWORD}, headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.9"})
    addresses = {x["address"] for x in owner.want("GET", "/api/v1/sessions")["items"]}
    assert "203.0.113.9" in addresses and "198.51.100.1" not in addresses, "what the client claims is not believed"
    r = s.client().request("POST", "/api/v1/session", {"login": "owner", "password": qun.OWNER_PASSWORD},
                           headers={"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"})
    assert "Secure" in r.headers["Set-Cookie"] and r.headers["Strict-Transport-Security"]


def test_description_is_true(owner, server):
    """Every reply of a read has exactly the fields its description names, each of the named type."""
    doc = owner.want("GET", "/api/openapi.json")
    assert doc["openapi"].startswith("3.1") and json.loads(server.run("openapi").out) == doc
    g = qun.new_group(owner, "Described")
    m = qun.new_member(owner, "Described", g)
    _, run = owner.import_bytes("d.csv", b"time,sender,text\n2024-01-01T00:00:00Z,a,b\n", "Described too")
    ids = {"groups": g["id"], "communities": g["community_id"], "members": m["id"], "imports": run["id"]}
    checked, found = 0, []
    for path, ops in doc["paths"].items():
        if "get" not in ops or "stream" in path:
            continue
        schema = next(iter(ops["get"]["responses"].values())).get("content", {}).get("application/json", {}).get("schema")
        url = re.sub(r"/(\w+)/\{id\}", lambda x: f"/{x.group(1)}/{ids[x.group(1)]}", path)
        r = owner.get(url)
        assert r.status == 200, f"{url}: {r!r}"
        if schema:
            checked += 1
            found += misfits(doc, schema, r.json, path)
    assert checked >= 12 and not found, "\n".join(sorted(set(found)))


TYPES = {"string": str, "integer": int, "number": (int, float), "boolean": bool, "object": dict, "array": list, "null": type(None)}


def resolve(doc, schema):
    while "$ref" in schema:
        at = doc
        for part in schema["$ref"].lstrip("#/").split("/"):
            at = at[part]
        schema = at
    return schema


def misfits(doc, schema, value, where):
    """What in a value is not as its schema says."""
    schema = resolve(doc, schema)
    if "anyOf" in schema:
        found = [misfits(doc, s, value, where) for s in schema["anyOf"]]
        return [] if [] in found else [m for f in found for m in f]
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(isinstance(value, TYPES[k]) and not (k in ("integer", "number") and isinstance(value, bool)) for k in kinds):
        return [f"{where}: {value!r} is no {'|'.join(kinds)}"]
    found = []
    if value is not None and value not in schema.get("enum", [value]):
        found.append(f"{where}: {value!r} is none of {schema['enum']}")
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        found.append(f"{where}: {value!r} does not look like {schema['pattern']}")
    if isinstance(value, dict) and "properties" in schema:
        found += [f"{where}.{name} is missing" for name in schema.get("required", []) if name not in value]
        found += [f"{where}.{name} is not described" for name in value if name not in schema["properties"]]
        for name in value.keys() & schema["properties"].keys():
            found += misfits(doc, schema["properties"][name], value[name], f"{where}.{name}")
    if isinstance(value, list) and "items" in schema:
        for v in value:
            found += misfits(doc, schema["items"], v, f"{where}[]")
    return found


# ---- streams and the socket ----

def test_import_progress_comes_as_events(owner, server):
    s = qun.Stream(owner, "/api/v1/stream?topics=import")
    assert s.status == 200 and s.headers["Content-Type"].startswith("text/event-stream")
    data = b"time,sender,text\n" + b"".join(b"2024-01-01T%02d:%02d:%02dZ,p%d,hello\n" % (i // 3600, i // 60 % 60, i % 60, i % 40) for i in range(20000))
    _, run = owner.import_bytes("progress.csv", data, "Progress")
    assert run["state"] == "done" and run["n_imported"] == 20000
    events = s.events(lambda e: e["event"] == "import" and json.loads(e["data"])["id"] == run["id"] and json.loads(e["data"])["state"] == "done")
    s.close()
    mine = [json.loads(e["data"]) for e in events if json.loads(e["data"])["id"] == run["id"]]
    assert [m["bytes_done"] for m in mine] == sorted(m["bytes_done"] for m in mine)
    assert mine[-1]["n_imported"] == 20000
    ids = [int(e["id"]) for e in events]
    assert ids == sorted(set(ids))
    # what was missed comes again, and only that
    back = qun.Stream(owner, "/api/v1/stream?topics=import", last_event_id=events[0]["id"])
    again = back.events(lambda e: e["id"] == events[-1]["id"])
    back.close()
    assert [e["id"] for e in again] == [e["id"] for e in events[1:]]
    for path in ("/api/v1/stream?topics=everything", "/api/v1/stream"):
        refused = qun.Stream(owner, path)
        assert refused.status == 422 and json.loads(refused.reply.read())["code"] == "invalid"
        refused.close()


def test_a_stream_ends_with_its_session(owner, server):
    c = server.owner()
    s = qun.Stream(c, "/api/v1/stream?topics=import")
    assert s.status == 200
    assert c.delete("/api/v1/session").status == 204
    while line := s.reply.readline():
        assert line.startswith((b":", b"\n", b"retry")), line
    s.close()


def test_streams_are_limited_per_caller_and_do_not_slow_requests(owner, server):
    streams = []
    while len(streams) < 500:
        streams.append(qun.Stream(owner, "/api/v1/stream?topics=import"))
        if streams[-1].status != 200:
            break
    assert streams[-1].status == 429 and len(streams) > 10
    other = qun.Stream(server.owner(), "/api/v1/stream?topics=import")
    assert other.status == 200, "one caller's streams are not another's"
    for _ in range(100):
        assert owner.get("/api/v1/me").status == 200
    for s in streams + [other]:
        s.close()


def test_socket_is_private(server):
    st = os.lstat(server.sock)
    assert stat.S_ISSOCK(st.st_mode) and stat.S_IMODE(st.st_mode) == 0o600
    assert stat.S_IMODE(os.lstat(server.folder).st_mode) == 0o700


def test_path_imports_are_for_the_socket_only(owner, server, folders):
    path = os.path.join(folders(), "secret.csv")
    with open(path, "wb") as f:
        f.write(b"time,sender,text\n2024-01-01T00:00:00Z,a,secret\n")
    g = qun.new_group(owner, "Paths")
    problem(owner.post("/api/v1/imports", {"path": path, "group_id": g["id"]}), 422, "invalid")
    space = owner.me["space"]["id"]
    assert server.system(space).post("/api/v1/imports", {"path": path, "group_id": g["id"]}).status == 202


def test_graceful_stop_finishes_what_is_under_way(fresh):
    s = fresh().start()
    owner = s.owner()
    g = qun.new_group(owner, "Last words")
    m = qun.new_member(owner, "Writer", g)
    acked = []
    stop = threading.Event()

    def write():
        c = qun.Client(s)
        c.cookie, c.csrf = owner.cookie, owner.csrf
        while not stop.is_set():
            try:
                r = c.post("/api/v1/facts", {"kind": "message", "group_id": g["id"], "member_id": m["id"]})
            except (OSError, qun.http.client.HTTPException):
                return
            if r.status == 201:
                acked.append(r.json["seq"])
    threads = [threading.Thread(target=write) for _ in range(4)]
    for t in threads:
        t.start()
    while len(acked) < 50:
        stop.wait(0.01)
    assert s.stop() == 0
    stop.set()
    for t in threads:
        t.join()
    kept = {r[0] for r in s.db.rows(f"SELECT seq FROM fact WHERE group_id = {g['id']}")}
    assert set(acked) <= kept and len(acked) == len(set(acked))
