"""Files as they really come: other charsets, broken bytes, huge lines, wrong kinds, hostile names."""
import csv
import gzip
import html.parser
import io
import json
import os
import random
import re
import zipfile

import pytest

import qun

HEAD = "time,sender,text\n"


@pytest.fixture(scope="module")
def owner(server):
    return server.owner()


def done(owner, name, data, group, **options):
    up, run = owner.import_bytes(name, data, group, **options)
    assert up.status == 201, up
    assert isinstance(run, dict) and run["state"] == "done", run
    assert run["n_read"] == run["n_imported"] + run["n_duplicate"] + run["n_skipped"], run
    return up.json, run


def refused(owner, name, data, group, **options):
    """The upload or the import says no, with a sentence; nothing is left in the group."""
    up, run = owner.import_bytes(name, data, group, **options)
    if up.status != 201:
        assert 400 <= up.status < 500 and up.json["title"], up
        return up.json
    if isinstance(run, dict):
        assert run["state"] == "failed" and run["error"]["code"], run
        assert run["n_imported"] == 0
        return run["error"]
    assert 400 <= run.status < 500 and run.json["title"], run
    return run.json


def names(owner, run):
    return {m["name"]: m["n_messages"] for m in owner.walk(f"/api/v1/members?group={run['group_id']}", 200)}


CHAT = "2024/3/1 08:30 - 林小满: 大家早上好\n2024/3/1 08:31 - 陈知行: 你好 😀\n2024/3/1 08:32 - 林小满: 第二天\n"


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_charsets(owner, charset):
    up, run = done(owner, "chat.txt", CHAT.encode(charset), "charset " + charset, zone="Asia/Shanghai")
    assert names(owner, run) == {"林小满": 2, "陈知行": 1}, up["charset"]
    assert run["n_skipped"] == 0


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le"])
def test_csv_charsets(owner, charset):
    text = HEAD + "2024-03-01 08:30:00,林小满,早，上好\n2024-03-01 08:31:00,\"陈,知\"\"行\"\"\",\"两\n行\"\n"
    _, run = done(owner, "chat.csv", text.encode(charset), "csv " + charset, zone="Asia/Shanghai")
    assert names(owner, run) == {"林小满": 1, '陈,知"行"': 1}


def test_gbk_bytes_are_gb18030(owner, server):
    text = "2024/3/1 08:30 - 林小满: 打卡第一天，坚持\n" * 3
    up, run = done(owner, "gbk.txt", text.encode("gbk"), "gbk", zone="Asia/Shanghai")
    assert up["charset"] == "gb18030" and names(owner, run) == {"林小满": 3}
    bodies = server.db.rows(f"SELECT DISTINCT body FROM entry WHERE group_id = {run['group_id']}")
    assert bodies == [("打卡第一天，坚持",)]


def test_invalid_bytes_are_shown_not_lost(owner):
    data = (HEAD + "2024-03-01T08:30:00Z,ann,good\n").encode() + b"2024-03-01T08:31:00Z,ann,bad \xff\xfe\x80 bytes\n" + b"2024-03-01T08:32:00Z,bob,good\n"
    _, run = done(owner, "bytes.csv", data, "invalid bytes")
    assert run["n_imported"] == 3
    assert [p["line"] for p in run["problems"] if p["code"] == "bytes_repaired"] == [3]


def test_truncated_json(owner):
    whole = json.dumps({"name": "T", "type": "public_supergroup", "id": 5, "messages": [
        {"id": i, "type": "message", "date": "2024-03-01T08:30:00", "date_unixtime": str(1709253000 + i), "from": "Ann", "from_id": "user1", "text": "hi"} for i in range(50)]})
    _, run = done(owner, "result.json", whole.encode(), "whole json")
    assert run["n_imported"] == 50
    for cut in (len(whole) // 2, len(whole) - 3):
        up, run = owner.import_bytes("result.json", whole[:cut].encode(), f"cut at {cut}")
        if isinstance(run, dict) and run["state"] == "done":
            assert any(p["code"] == "truncated" for p in run["problems"]), run
            assert run["n_read"] == run["n_imported"] + run["n_duplicate"] + run["n_skipped"]
        else:
            assert isinstance(run, dict) and run["state"] == "failed" and run["error"]["code"] == "format_bad", run
    up, run = owner.import_bytes("result.json", whole[:len(whole) // 2].encode(), "cut and strict", strict=True)
    assert run["state"] == "failed" and run["n_imported"] == 0, run


def test_a_line_of_ten_megabytes(owner, server):
    data = (HEAD + "2024-03-01T08:30:00Z,ann,before\n2024-03-01T08:31:00Z,ann," + "x" * 10_000_000 + "\n2024-03-01T08:32:00Z,ann,after\n").encode()
    _, run = done(owner, "long.csv", data, "long line")
    assert run["n_imported"] == 2 and run["n_skipped"] == 1
    assert [p["code"] for p in run["problems"] if p["code"] != "map_proposed"] == ["line_too_long"]
    assert server.client().get("/readyz").status == 200


def test_wrong_kinds_of_file(owner):
    z = io.BytesIO()
    with zipfile.ZipFile(z, "w") as f:
        f.writestr("_chat.txt", CHAT)
    for name, data in (("chat.zip", z.getvalue()), ("chat.txt", z.getvalue()), ("photo.jpg", b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40),
                       ("prog", b"\x7fELF" + b"\0" * 4000), ("zeros.txt", b"\0" * 10000), ("doc.xlsx", b"PK\x03\x04" + b"\0" * 500)):
        told = refused(owner, name, data, "kind of " + name)
        assert told.get("title") or told.get("detail"), told


def test_empty_files(owner):
    for data in (b"", b"\n", b"   \r\n\r\n", b"\xef\xbb\xbf"):
        refused(owner, "empty.txt", data, "empty")
    up, run = owner.import_bytes("head.csv", HEAD.encode(), "only a header")
    assert isinstance(run, dict) and run["n_imported"] == 0 and run["state"] in ("done", "failed"), run


def test_damaged_gzip(owner):
    data = gzip.compress((HEAD + "".join(f"2024-03-01T08:{i // 60:02}:{i % 60:02}Z,ann,hello {i * 7919}\n" for i in range(3000))).encode())
    _, run = done(owner, "whole.csv.gz", data, "whole gzip")
    assert run["n_imported"] == 3000
    up, run = owner.import_bytes("cut.csv.gz", data[:len(data) // 2], "cut gzip")
    assert isinstance(run, dict), run
    assert run["state"] == "failed" or any(p["code"] in ("gzip_damaged", "truncated") for p in run["problems"]), run
    bomb = gzip.compress(b"\0" * (64 << 20))
    refused(owner, "bomb.csv.gz", bomb, "bomb")


def test_time_going_backwards(owner):
    lines = ["2024-03-05T10:00:00Z,ann,a\n", "2024-03-01T10:00:00Z,bob,b\n", "2024-03-03T10:00:00Z,ann,c\n"]
    _, run = done(owner, "back.csv", (HEAD + "".join(lines)).encode(), "backwards")
    assert run["n_imported"] == 3 and any(p["code"] == "time_backwards" for p in run["problems"])
    assert (run["from"], run["to"]) == ("2024-03-01T10:00:00Z", "2024-03-05T10:00:00Z")
    again, run2 = done(owner, "sorted.csv", (HEAD + "".join(sorted(lines))).encode(), "backwards")
    assert (run2["n_imported"], run2["n_duplicate"]) == (0, 3), "the same events in another order are the same"


def test_impossible_times(owner):
    rows = ["2024-02-30T10:00:00Z", "2024-13-01T10:00:00Z", "2024-03-01T25:00:00Z", "yesterday", "", "99999999999999999999", "-1", "2024-03-01T10:00:00Z"]
    data = HEAD + "".join(f"{t},ann,x\n" for t in rows)
    _, run = done(owner, "times.csv", data.encode(), "times")
    assert run["n_imported"] == 1 and run["n_skipped"] == len(rows) - 1
    assert [p["line"] for p in run["problems"] if p["code"].startswith("time_")] == list(range(2, len(rows) + 1))


HOSTILE = ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1:A9)", "\t=1+1", "＝1+1",
           "a\u202eb", "'; DROP TABLE member; --", "{{7*7}}", "%s%n%d", "../../../etc/passwd", "🏴‍☠️👨‍👩‍👧‍👦", "x" * 99]


class Tags(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attrs = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attrs += [k for k, _ in attrs]


def test_hostile_names_stay_text(owner, server):
    """Names that would be HTML, formulas, SQL or formats come back as what was written, and run nowhere."""
    out = io.StringIO()
    w = csv.writer(out, lineterminator="\n")
    for day in range(1, 9):
        for i, n in enumerate(HOSTILE):
            w.writerow([f"2024-03-0{day}T08:{i:02}:00Z", n, n])
    group = "=HYPERLINK(\"http://evil\",\"<b>群</b>\")"
    _, run = done(owner, "hostile.csv", (HEAD + out.getvalue()).encode(), group)
    assert run["n_imported"] == 8 * len(HOSTILE)
    got = names(owner, run)
    plain = {n for n in HOSTILE if not re.search("[\t\u202e]", n) and not n.startswith("\u200f")}
    assert plain <= set(got), plain - set(got)
    path = f"/api/v1/groups/{run['group_id']}/report?lang=en&format="
    page = owner.get(path + "html")
    tags = Tags()
    tags.feed(page.text)
    assert "img" not in tags.tags and "b" not in tags.tags and not any(a.startswith("on") for a in tags.attrs)
    assert "<script>alert" not in page.text and tags.tags.count("script") == 0
    assert "script-src" not in page.headers["Content-Security-Policy"] or "'none'" in page.headers["Content-Security-Policy"]
    text = owner.get(path + "txt").text
    assert "\u202e" not in text and "\x1b" not in text
    rows = list(csv.reader(io.StringIO(owner.get(path + "csv").text.lstrip("\ufeff"))))
    for row in rows[1:]:
        for cell in row:
            assert not re.match(r"\s*[=+@\t\r＝＋＠]", cell) and not re.match(r"-(?!\d+$)", cell), cell
    report = owner.get(path + "json").json
    assert report["group"]["name"] == group and {t["name"] for t in report["series"]["top"]} & set(plain)
    assert server.db.is_whole() and owner.get("/api/v1/members?q=" + "%27%3B%20DROP").json["items"]


def test_an_empty_group_and_a_group_of_one(owner):
    g = qun.new_group(owner, "Nobody here")
    r = owner.want("GET", f"/api/v1/groups/{g['id']}/report")
    assert r["life"]["state"] == "no_data" and all(m["value"] is None and m["na"] and m["na_en"] for m in r["metrics"].values()), "no data is no zero"
    assert r["people"]["present"] == 0 and not any(f["severity"] == "bad" for f in r["findings"])
    listed = owner.want("GET", f"/api/v1/groups/{g['id']}")
    assert listed["life"]["state"] == "no_data" and listed["coverage"] is None and listed["last_message_at"] is None
    for fmt in ("txt", "html", "csv"):
        assert owner.get(f"/api/v1/groups/{g['id']}/report?format={fmt}").status == 200
    _, run = done(owner, "one.csv", (HEAD + "2024-03-01T08:30:00Z,ann,alone\n").encode(), "One person")
    r = owner.want("GET", f"/api/v1/groups/{run['group_id']}/report")
    assert r["people"]["speakers"] == 1 and sum(d["messages_all"] for d in r["series"]["daily"]) == 1
    for m in r["metrics"].values():
        if m["unit"] == "bp" and m["value"] is not None:
            assert 0 <= m["value"] <= 10000, m
    for fmt in ("txt", "html", "csv"):
        assert owner.get(f"/api/v1/groups/{run['group_id']}/report?format={fmt}").status == 200


def test_a_bad_map_names_line_and_key(owner):
    up = owner.upload("m.csv", (HEAD + "2024-03-01T08:30:00Z,ann,x\n").encode()).json
    g = qun.new_group(owner, "Maps")
    r = owner.post("/api/v1/imports", {"upload_id": up["id"], "group_id": g["id"], "map": "columns:\n  time: time\n  tme: x\n"})
    assert r.status == 422 and "line 3" in r.json["detail"] and "tme" in r.json["detail"], r
    r = owner.post("/api/v1/imports", {"upload_id": up["id"], "group_id": g["id"], "zone": "Mars/Olympus"})
    assert r.status == 422 and r.json["errors"][0]["field"] == "zone"
    r = owner.post("/api/v1/imports", {"upload_id": up["id"], "group_id": g["id"], "format": "morse"})
    assert r.status == 422 and r.json["errors"][0]["field"] == "format"
    # the upload is still there after the refusals
    r = owner.post("/api/v1/imports", {"upload_id": up["id"], "group_id": g["id"]})
    assert r.status == 202 and owner.wait_import(r.json["id"])["n_imported"] == 1


def test_upload_names_are_no_paths(owner, server):
    r = owner.request("POST", "/api/v1/uploads?filename=..%2F..%2F..%2Ftmp%2Fx.csv", raw=(HEAD + "2024-03-01T08:30:00Z,a,x\n").encode(),
                      headers={"Content-Type": "application/octet-stream"})
    assert r.status == 201 and r.json["filename"] == "x.csv"


def test_random_bytes_never_stop_the_server(owner, server):
    rng = random.Random(int(os.environ.get("QUN_TEST_SEED") or 7))
    seeds = [CHAT.encode(), (HEAD + "2024-03-01T08:30:00Z,ann,x\n" * 5).encode(), b'{"name":"T","type":"private_group","id":1,"messages":[{"id":1,"type":"message"}]}',
             b"[08:30] <ann> hello\n" * 5, CHAT.encode("gb18030"), CHAT.encode("utf-16")]
    for i in range(int(os.environ.get("QUN_ROUNDS") or 60)):
        data = bytearray(rng.choice(seeds))
        for _ in range(rng.randrange(1, 12)):
            at = rng.randrange(len(data) + 1)
            kind = rng.randrange(3)
            if kind == 0:
                data[at:at] = bytes(rng.randrange(256) for _ in range(rng.randrange(9)))
            elif kind == 1:
                del data[at:at + rng.randrange(9)]
            elif at < len(data):
                data[at] = rng.randrange(256)
        up, run = owner.import_bytes(rng.choice(["a.txt", "2024-03-01.log", "a.csv", "result.json", "a.jsonl"]), bytes(data), f"random {i % 7}")
        if isinstance(run, dict):
            assert run["state"] in ("done", "failed"), run
            assert run["n_read"] == run["n_imported"] + run["n_duplicate"] + run["n_skipped"], run
    assert server.client().get("/readyz").status == 200 and server.db.is_whole()
