"""Four and a half years of one real community come in, once; what the report then says equals published
results. Definitions: data/INDEX.md. Also the three raw day logs, WhatsApp and Telegram fixtures."""
import csv
import gzip
import html.parser
import io
import json
import os
import random
import re

import pytest

import qun

EVENTS = 95853
END = "2014-01-01T00:00:00Z"
MAP = os.path.join(qun.ROOT, "docs", "examples", "irc-events.map.yaml")
FOLDER = "irc_duraspace/shared_2009_2013"


def expected(data, name):
    with open(os.path.join(data, FOLDER, "expected", name), encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def events(data):
    """Header and lines of the events, as bytes; no record of this file spans lines."""
    with gzip.open(os.path.join(data, FOLDER, "events.csv.gz")) as f:
        lines = f.read().splitlines(keepends=True)
    assert len(lines) == EVENTS + 1
    return lines[0], lines[1:]


def run_import(server, path, group, *more, check=True):
    p = server.run("import", path, "--group", group, "--map", MAP, "--zone", "UTC", *more, check=check)
    m = re.search(r"read (\d+) = imported (\d+) \+ duplicate (\d+) \+ skipped (\d+)", p.out)
    if m:
        read, imported, duplicate, skipped = p.account = [int(x) for x in m.groups()]
        assert read == imported + duplicate + skipped
    return p


def report_of(server, group, *more):
    return json.loads(server.run("report", "--group", group, "--format", "json", *more).out)


def without_clock(report):
    return {k: v for k, v in report.items() if k != "generated_at"}


def same_report(a, b):
    """Equal but for when they were made and what the group is called and who is called how inside."""
    strip = json.loads(json.dumps([without_clock(a), without_clock(b)]))
    for r in strip:
        r.pop("group")
        for t in r["series"]["top"]:
            t.pop("member_id")
    return strip[0] == strip[1]


@pytest.fixture(scope="module")
def data():
    if not os.path.isdir(os.path.join(qun.DATA, FOLDER)):
        pytest.skip(f"real data is not there: {qun.DATA} (QUN_SHARED_DATA)")
    return qun.DATA


class Irc:
    def __init__(self, server, data):
        self.server, self.data = server, data
        self.file = os.path.join(data, FOLDER, "events.csv.gz")
        self.first = run_import(server, self.file, "#duraspace", "--covers-to", END)
        self.report = report_of(server, "#duraspace", "--as-of", END)


@pytest.fixture(scope="module")
def irc(server, data):
    return Irc(server, data)


def facts_of(server, group):
    return server.db.rows("SELECT COUNT(*) FROM fact f JOIN chat_group g ON g.space_id = f.space_id AND g.id = f.group_id "
                          f"WHERE g.name = '{group}'")[0][0]


def test_every_event_comes_in(irc):
    assert irc.first.account == [EVENTS, EVENTS, 0, 0]
    assert facts_of(irc.server, "#duraspace") == EVENTS


def test_repeated_lines_are_kept(irc):
    """Some lines stand there several times within one minute: they were said several times."""
    _, lines = events(irc.data)
    assert len(lines) - len(set(lines)) >= 76
    repeats = irc.server.db.rows("SELECT COUNT(*) FROM entry WHERE k > 1")[0][0]
    assert repeats >= 76


def test_daily(irc):
    ours = {d["day"]: d for d in irc.report["series"]["daily"]}
    rows = expected(irc.data, "daily.csv")
    assert len(rows) == 1623
    for row in rows:
        d = ours.pop(row["date"])
        got = [d["messages_all"], d["speakers_all"], d["joins"], d["leaves"]]
        assert got == [int(row[k]) for k in ("messages", "dau", "joins", "leaves")], row["date"]
        assert d["new_speakers"] == int(row["new_speakers"]), row["date"]
    # days that are not in the published table had no event at all
    assert all(d["messages_all"] == d["joins"] == d["leaves"] == 0 for d in ours.values())


def test_rolling_active(irc):
    ours = {d["day"]: d for d in irc.report["series"]["rolling"]}
    rows = expected(irc.data, "rolling_active.csv")
    assert len(rows) == 1646
    for row in rows:
        d = ours[row["date"]]
        assert [d["d1"], d["d7"], d["d30"]] == [int(row[k]) for k in ("dau", "wau7", "mau30")], row["date"]


def test_cohorts(irc):
    ours = {c["month"]: c for c in irc.report["series"]["cohorts"]}
    cells = expected(irc.data, "cohort_monthly.csv")
    for row in cells:
        c = ours[row["cohort"]]
        assert c["size"] == int(row["cohort_size"]) and c["active"][int(row["month_index"])] == int(row["active"]), row
    assert len(cells) == sum(1 for c in ours.values() for n in c["active"] if n), "a cell of ours is not in the published table"


def test_heat(irc):
    rows = expected(irc.data, "heatmap_weekday_hour.csv")
    assert len(rows) == 168
    for row in rows:
        assert irc.report["series"]["heat"][int(row["iso_weekday"]) - 1][int(row["hour"])] == int(row["messages"]), row
    totals = {r["metric"]: r["value"] for r in expected(irc.data, "totals.csv")}
    assert sum(map(sum, irc.report["series"]["heat"])) == int(totals["speaker_messages"]) == 56611
    assert irc.report["people"]["speakers"] == int(totals["speakers"])


def test_talkers(irc):
    rows = expected(irc.data, "users.csv")
    top = irc.report["series"]["top"]
    assert len(top) == 20
    for t, row in zip(top, rows):
        assert (t["name"].lower(), t["messages"], t["days"]) == (row["nick"], int(row["messages"]), int(row["active_days"]))
        assert t["last_at"][:10] == row["last_day"]


def test_again_adds_nothing_and_loses_nothing(irc):
    again = run_import(irc.server, irc.file, "#duraspace", "--covers-to", END)
    assert again.account == [EVENTS, 0, EVENTS, 0]
    assert facts_of(irc.server, "#duraspace") == EVENTS
    assert same_report(irc.report, report_of(irc.server, "#duraspace", "--as-of", END))


def write(folder, name, *parts):
    path = os.path.join(folder, name)
    with open(path, "wb") as f:
        for p in parts:
            f.writelines(p) if isinstance(p, list) else f.write(p)
    return path


def cuts(lines, rng):
    """Where two halves overlap: anywhere, within a minute too, and once where repeated lines are."""
    seen, repeated = set(), []
    for i, line in enumerate(lines):
        if line in seen:
            repeated.append(i)
        seen.add(line)
    a = rng.randrange(len(lines) // 4, len(lines) * 3 // 4)
    yield a, a + rng.randrange(200, len(lines) // 10)
    r = rng.choice(repeated)
    yield r, r + 1


def test_two_halves_in_either_order(irc, folders):
    """One file ends in the middle of a minute, the other begins before that: together they are the whole."""
    header, lines = events(irc.data)
    if irc.server.engine == "postgres" and not os.environ.get("QUN_ROUNDS"):
        lines = lines[-16000:]  # there a line costs ten times as much
    whole = irc.report if len(lines) == EVENTS else None
    rng = random.Random(int(os.environ.get("QUN_TEST_SEED") or 1))
    folder = folders()
    n = 0
    for start, end in cuts(lines, rng):
        first = write(folder, "first.csv", header, lines[:end])
        second = write(folder, "second.csv", header, lines[start:])
        for order in ((first, second), (second, first)):
            n += 1
            group = f"halves {n}"
            accounts = [run_import(irc.server, f, group, "--covers-to", END).account for f in order]
            told = f"lines {start}..{end} {accounts}"
            assert sum(a[1] for a in accounts) == len(lines), told
            assert sum(a[2] for a in accounts) == end - start, told
            assert facts_of(irc.server, group) == len(lines), told
            mine = report_of(irc.server, group, "--as-of", END)
            whole = whole or mine
            assert mine["series"]["daily"] == whole["series"]["daily"], told
            assert mine["series"]["rolling"] == whole["series"]["rolling"], told


def test_as_of_shows_the_past_as_it_was(irc, folders):
    """The report of a past day from all the data equals the one from only what was there then."""
    header, lines = events(irc.data)
    for as_of in ("2010-03-01T00:00:00Z", "2012-06-15T13:37:00Z"):
        then = [line for line in lines if line[:19].decode() < as_of[:19]]
        path = write(folders(), "then.csv", header, then)
        group = "until " + as_of
        run_import(irc.server, path, group, "--covers-to", as_of)
        now, past = (report_of(irc.server, g, "--as-of", as_of) for g in ("#duraspace", group))
        assert now["as_of"] == past["as_of"] == as_of
        for part in ("metrics", "findings", "series", "people", "life", "coverage", "stage", "risk", "month1"):
            a, b = (json.loads(json.dumps(r[part])) for r in (now, past))
            if part == "series":
                for s in (a, b):
                    for t in s["top"]:
                        t.pop("member_id")
            assert a == b, f"{as_of} {part}"
        assert sum(d["messages_all"] for d in now["series"]["daily"]) == sum(1 for x in then if x.split(b",")[1] in (b"msg", b"action"))


class Marks(html.parser.HTMLParser):
    """data-m="M01" value="…" of the page."""
    def __init__(self):
        super().__init__()
        self.found = {}

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if "data-m" in attrs and "value" in attrs:
            self.found.setdefault(attrs["data-m"], set()).add(attrs["value"])


def shown(metric):
    """How a number of the report may be written for people."""
    v, unit = metric["value"], metric["unit"]
    texts = {str(v), f"{v:,}"}
    if unit == "bp":
        texts |= {f"{v / 100:.2f}", f"{v / 100:.1f}", f"{v / 100:.0f}"}
    elif unit not in ("count", "people", "messages", "days", "bool", "score"):
        texts |= {f"{v / 10:.1f}", f"{v / 100:.2f}", f"{v / 1000:.3f}", f"{v / 10000:.4f}", f"{v / 10000:.2f}"}
    return texts


def test_the_same_numbers_in_every_format(irc):
    s = irc.server
    made = {f: s.run("report", "--group", "#duraspace", "--as-of", END, "--format", f, "--lang", "en").out for f in ("json", "txt", "html", "csv")}
    metrics = json.loads(made["json"])["metrics"]
    assert len(metrics) > 10 and any(m["value"] is not None for m in metrics.values())
    rows = {r["metric"]: r for r in csv.DictReader(io.StringIO(made["csv"].lstrip("\ufeff")))}
    marks = Marks()
    marks.feed(made["html"])
    lines = made["txt"].split("\n")
    for key, m in metrics.items():
        value = "" if m["value"] is None else str(m["value"])
        assert rows[key]["value"] == value and rows[key]["unit"] == m["unit"] and rows[key]["n"] == ("" if m["n"] is None else str(m["n"])), key
        assert bool(rows[key]["na"]) == (m["value"] is None), key
        assert marks.found[key] == {value}, f"{key}: {marks.found.get(key)} {value}"
        mine = [line for line in lines if m["name_en"] in line]
        assert mine, f"{key} {m['name_en']} is not in the text"
        if m["value"] is not None:
            assert any(t in line for line in mine for t in shown(m)), f"{key} {m['value']} {m['unit']}: {mine}"
    assert set(rows) == set(metrics)
    for finding in json.loads(made["json"])["findings"]:
        for f in ("txt", "html"):
            flat = re.sub(r"\s+", "", html.unescape(re.sub(r"<[^>]*>", "", made[f]))) if f == "html" else re.sub(r"\s+", "", made[f])
            assert re.sub(r"\s+", "", finding["title_en"]) in flat, f"{f}: {finding['code']}"


def test_command_line_with_and_without_a_server(irc, fresh, folders):
    """Through the running server, or by itself on the folder: the same files give the same results."""
    header, lines = events(irc.data)
    path = write(folders(), "part.csv", header, lines[:6000])
    outs = []
    for serving in (True, False):
        s = fresh()
        if serving:
            s.start()
        p = run_import(s, path, "#duraspace")
        again = run_import(s, path, "#duraspace")
        outs.append((p.account, again.account, report_of(s, "#duraspace"), [s.run("report", "--group", "#duraspace", "--format", f, "--lang", "zh").out
                                                                         for f in ("txt", "csv")]))
    assert outs[0][0] == outs[1][0] == [6000, 6000, 0, 0] and outs[0][1] == outs[1][1] == [6000, 0, 6000, 0]
    assert same_report(outs[0][2], outs[1][2])
    assert outs[0][3] == outs[1][3]


def test_http_and_command_line_say_the_same(irc):
    owner = irc.server.owner()
    group = next(g for g in owner.walk("/api/v1/groups") if g["name"] == "#duraspace")
    for fmt in ("json", "csv", "txt"):
        r = owner.get(f"/api/v1/groups/{group['id']}/report?format={fmt}&lang=en&as_of={END}")
        mine = irc.server.run("report", "--group", "#duraspace", "--format", fmt, "--lang", "en", "--as-of", END).out
        if fmt == "json":
            assert without_clock(r.json) == without_clock(json.loads(mine))
        else:
            assert r.text == mine


def test_report_is_written_whole_to_a_file(irc, folders):
    out = os.path.join(folders(), "report.csv")
    irc.server.run("report", "--group", "#duraspace", "--as-of", END, "--format", "csv", "--out", out)
    with open(out, encoding="utf-8", newline="") as f:
        assert f.read() == irc.server.run("report", "--group", "#duraspace", "--as-of", END, "--format", "csv").out
    assert irc.server.run("report", "--group", "no such group", check=False).returncode == 1
    assert irc.server.run("report", "--group", "#duraspace", "--out", "/nowhere/x", check=False).returncode == 1


def test_strict_refuses_the_whole_file(irc, folders):
    header, lines = events(irc.data)
    broken = lines[:300] + [b"2009-07-09T25:61:00,msg,somebody,,no such hour\n"] + lines[300:600]
    path = write(folders(), "broken.csv", header, broken)
    p = run_import(irc.server, path, "strict", "--strict", check=False)
    assert p.returncode == 1 and "302" in p.err, p.err
    assert facts_of(irc.server, "strict") == 0
    p = run_import(irc.server, path, "lenient")
    assert p.account == [601, 600, 0, 1] and "302" in p.err
    assert facts_of(irc.server, "lenient") == 600


def test_bots_are_shown_apart(irc):
    """With the bots marked, all acts stay as they were and those of people are fewer."""
    owner = irc.server.owner()
    group = next(g for g in owner.walk("/api/v1/groups") if g["name"] == "#duraspace")
    members = {m["name"].lower(): m for m in owner.walk(f"/api/v1/members?group={group['id']}", 200)}
    path = f"/api/v1/groups/{group['id']}/report?as_of={END}"
    before = owner.want("GET", path)
    bots = [members[n] for n in ("duralogbot", "kompewter", "dspaceslackbot") if n in members]
    assert bots
    for b in bots:
        owner.want("PATCH", f"/api/v1/members/{b['id']}", {"kind": "bot"})
    after = owner.want("GET", path)
    assert after["people"]["bots"] == len(bots) and before["people"]["bots"] == 0
    for a, b in zip(before["series"]["daily"], after["series"]["daily"]):
        assert a["messages_all"] == b["messages_all"] and a["speakers_all"] == b["speakers_all"]
        assert b["messages"] <= b["messages_all"]
    spoken = {r["nick"]: int(r["messages"]) for r in expected(irc.data, "users.csv")}
    theirs = sum(spoken.get(b["name"].lower(), 0) for b in bots)
    assert sum(d["messages_all"] - d["messages"] for d in after["series"]["daily"]) == theirs
    for b in bots:
        owner.want("PATCH", f"/api/v1/members/{b['id']}", {"kind": "person"})
    assert same_report(owner.want("GET", path), before)


def test_pseudonyms_keep_the_numbers_and_no_names(irc, folders):
    header, lines = events(irc.data)
    path = write(folders(), "part.csv", header, lines[:3000])
    run_import(irc.server, path, "with names")
    run_import(irc.server, path, "without names", "--pseudonymise")
    named, hidden = (report_of(irc.server, g) for g in ("with names", "without names"))
    assert named["series"]["daily"] == hidden["series"]["daily"] and named["series"]["heat"] == hidden["series"]["heat"]
    owner = irc.server.owner()
    group = next(g for g in owner.walk("/api/v1/groups") if g["name"] == "without names")
    nicks = {line.split(b",")[2].decode().lower() for line in lines[:3000]}
    for m in owner.walk(f"/api/v1/members?group={group['id']}"):
        assert m["name"].lower() not in nicks
    bodies = irc.server.db.rows("SELECT COUNT(*) FROM entry e JOIN chat_group g ON g.space_id = e.space_id AND g.id = e.group_id "
                                "WHERE g.name = 'without names' AND e.body IS NOT NULL")
    assert bodies == [(0,)]


# ---- other formats ----

def test_raw_day_logs(server, data):
    folder = os.path.join(data, "irc_duraspace", "raw_sample_masked")
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as f:
            records = sum(1 for line in f if "irc-date" in line)
        group = "raw " + name
        p = server.run("import", os.path.join(folder, name), "--group", group, "--zone", "UTC")
        m = re.search(r"read (\d+) = imported (\d+) \+ duplicate (\d+) \+ skipped (\d+)", p.out)
        read, imported, duplicate, skipped = map(int, m.groups())
        assert read == imported + duplicate + skipped
        assert duplicate == 0 and skipped == 0, f"{name}: {p.out}{p.err}"
        assert read == records, f"{name}: {records} lines with a time, {p.out}"
        days = [d for d in report_of(server, group)["series"]["daily"] if d["messages_all"] or d["joins"] or d["leaves"]]
        assert [d["day"] for d in days] == [name[:10]], "the date is in the file's name"
        again = server.run("import", os.path.join(folder, name), "--group", group, "--zone", "UTC").out
        assert f"imported 0 + duplicate {imported}" in again


def test_whatsapp_layouts_agree(server, data):
    """One chat in five layouts of date and clock: the same people say the same at the same times."""
    folder = os.path.join(data, "chat_exports", "fixtures", "joweich_chat-miner", "test", "whatsapp")
    with open(os.path.join(folder, "target.json"), encoding="utf-8") as f:
        target = json.load(f)
    owner = server.owner()
    per_author = {}
    for t in target:
        if t["author"] != "System":
            per_author[t["author"]] = per_author.get(t["author"], 0) + 1
    first = None
    for name in sorted(n for n in os.listdir(folder) if n.endswith(".txt")):
        with open(os.path.join(folder, name), "rb") as f:
            up, run = owner.import_bytes(name, f.read(), "wa " + name, zone="UTC")
        assert up.json["format"] == "whatsapp", name
        assert run["state"] == "done" and run["n_skipped"] == 0, f"{name}: {run}"
        assert run["n_read"] == run["n_imported"] == 9, f"{name}: {run}"
        got = {m["name"]: m["n_messages"] for m in owner.walk(f"/api/v1/members?group={run['group_id']}") if m["n_messages"]}
        assert got == per_author, name
        days = [(d["day"], d["messages_all"]) for d in owner.want("GET", f"/api/v1/groups/{run['group_id']}/report")["series"]["daily"] if d["messages_all"]]
        first = first or days
        assert days == first and [n for _, n in days] == [1] * 6, name


def test_whatsapp_chinese(server, data):
    check_constructed(server, data, "whatsapp_zh_android.txt", "whatsapp_zh_android.csv", "whatsapp")


def test_telegram_chinese(server, data):
    check_constructed(server, data, "telegram_result.json", "telegram_result.csv", "telegram")


def check_constructed(server, data, name, table, fmt):
    folder = os.path.join(data, "chat_exports", "zh_constructed")
    with open(os.path.join(folder, "expected", table), encoding="utf-8", newline="") as f:
        want = list(csv.DictReader(f))
    owner = server.owner()
    with open(os.path.join(folder, name), "rb") as f:
        up, run = owner.import_bytes(name, f.read(), "zh " + name, zone="Asia/Shanghai")
    assert up.json["format"] == fmt and run["state"] == "done" and run["n_skipped"] == 0, run
    messages = {}
    for row in want:
        if row["kind"] in ("message", "media", "image", "recall"):  # to send a picture, or to take words back, is to speak
            who = row["sender_name"] or row["sender_id"]
            messages[who] = messages.get(who, 0) + 1
    got = {m["name"]: m["n_messages"] for m in owner.walk(f"/api/v1/members?group={run['group_id']}") if m["n_messages"]}
    assert got == messages
    times = [int(r["unix"]) for r in want]
    first, last = (server.db.rows(f"SELECT {f}(at_us) FROM fact WHERE group_id = {run['group_id']}")[0][0] // 1000000 for f in ("MIN", "MAX"))
    assert (first, last) == (min(times), max(times))


def test_telegram_fixtures(server, data):
    folder = os.path.join(data, "chat_exports", "fixtures")
    single = os.path.join(folder, "joweich_chat-miner", "test", "telegram", "test_single_export.json")
    batch = os.path.join(folder, "joweich_chat-miner", "test", "telegram", "test_batch_export.json")
    with open(os.path.join(folder, "joweich_chat-miner", "test", "telegram", "target.json"), encoding="utf-8") as f:
        target = json.load(f)
    people = {}
    for t in target:
        people[t["author"]] = people.get(t["author"], 0) + 1
    owner = server.owner()
    for path, chat in ((single, None), (batch, "Chatname")):
        more = {"chat": chat} if chat else {}
        with open(path, "rb") as f:
            up, run = owner.import_bytes("result.json", f.read(), "tg " + os.path.basename(path), zone="UTC", **more)
        assert up.json["format"] == "telegram" and run["state"] == "done", run
        got = {m["name"]: m["n_messages"] for m in owner.walk(f"/api/v1/members?group={run['group_id']}") if m["n_messages"]}
        assert got == people, path
