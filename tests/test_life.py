"""Alive, dead or unknown, through the program as people use it: imports in, job, list, portfolio, findings."""
import datetime
import time

import pytest

import qun

NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def at(days_ago, hour=12, minute=0):
    """UTC text of an instant so many days before today."""
    t = NOW.replace(hour=hour, minute=minute, second=0) - datetime.timedelta(days=days_ago)
    return t.strftime("%Y-%m-%dT%H:%M:%SZ")


def export(rows):
    return ("time,sender,text\n" + "".join(f"{t},{who},{text}\n" for t, who, text in rows)).encode()


def bring(owner, name, rows, **more):
    _, run = owner.import_bytes("x.csv", export(rows), name, covers_to=NOW.strftime("%Y-%m-%dT%H:%M:%SZ"), **more)
    assert run["state"] == "done" and run["n_skipped"] == 0, run
    return run["group_id"]


def talk(days, per_day=6, people=8):
    return [(at(d, 9 + i), f"p{(d + i) % people}", f"words {d} {i}") for d in days for i in range(per_day)]


def life(owner, group, want, timeout=20):
    """The list shows what a job has judged: it takes a moment."""
    end = time.monotonic() + timeout * qun.SLOW
    while True:
        g = owner.want("GET", f"/api/v1/groups/{group}")
        if g["life"]["state"] == want and g["life"]["as_of"]:
            return g
        assert time.monotonic() < end, f"{g['name']}: {g['life']} and not {want}"
        time.sleep(0.2)


@pytest.fixture(scope="module")
def owner(server):
    return server.owner()


@pytest.fixture(scope="module")
def groups(owner):
    made = {"lively": bring(owner, "Lively", talk(range(60, -1, -1))),
            "silent": bring(owner, "Silent", talk(range(60, 8, -1))),
            "decay": bring(owner, "Decay", talk(range(24, 17, -1), 12) + talk(range(17, 10, -1), 5) + talk(range(10, 3, -1), 1)),
            "one month": bring(owner, "One month", talk(range(70, 58, -1))),
            "unknown": qun.new_group(owner, "Unknown")["id"]}
    quiet = owner.want("POST", "/api/v1/groups", {"community_name": "Shop", "name": "Quiet shop", "carrier": "wechat", "quiet": True,
                                                 "archetype": "daily_sales"}, status=201)
    buyers = [qun.new_member(owner, f"Buyer {i}", quiet) for i in range(5)]
    for b in buyers:
        owner.want("POST", "/api/v1/facts", {"kind": "order", "group_id": quiet["id"], "member_id": b["id"], "at": at(1)}, status=201)
    made["quiet"] = quiet["id"]
    return made


def test_no_data_silent_and_quiet_are_three_things(owner, groups):
    """Field case F06: never dead for a group nobody imported or a muted one that sells."""
    assert life(owner, groups["silent"], "dead")["needs_me"] > 0
    assert life(owner, groups["lively"], "alive")
    unknown = owner.want("GET", f"/api/v1/groups/{groups['unknown']}")
    assert unknown["life"]["state"] == "no_data" and unknown["coverage"] is None
    for _ in range(20):
        assert owner.want("GET", f"/api/v1/groups/{groups['quiet']}")["life"]["state"] != "dead"
        time.sleep(0.1)
    r = owner.want("GET", f"/api/v1/groups/{groups['quiet']}/report")
    assert r["life"]["state"] != "dead"


def test_portfolio_counts_the_first_month(owner, groups):
    """Silent in a month against the 80 % of experience (M09), and how long groups live (M10)."""
    for name, state in (("silent", "dead"), ("one month", "dead"), ("decay", "alive"), ("lively", "alive")):
        life(owner, groups[name], state)
    p = owner.want("GET", "/api/v1/insight/portfolio")
    mine = {g["id"]: g for g in p["groups"]}
    assert {n: mine[i]["state"] for n, i in groups.items() if n != "quiet"} == {
        "lively": "alive", "silent": "dead", "decay": "alive", "one month": "dead", "unknown": "no_data"}
    first = [g["month1"] for g in p["groups"]]
    assert mine[groups["one month"]]["month1"] == "dead" and mine[groups["silent"]]["month1"] == mine[groups["lively"]]["month1"] == "alive"
    assert p["n_groups"] == len(first) == 6 and p["n_dead"] == first.count("dead") == 1
    assert p["n_judged"] == first.count("dead") + first.count("alive") == 3
    assert p["dead_rate_bp"] == 3333 and p["base_rate_bp"] == 8000
    days = sorted(g["life_days"] for g in p["groups"] if g["life_days"] is not None)
    assert p["n_lives"] == len(days) and p["life_median_days"] in (days[len(days) // 2], (days[len(days) // 2 - 1] + days[len(days) // 2]) // 2)
    assert p["over_90d_bp"] == 0
    risks = {n: mine[i]["risk"] for n, i in groups.items()}
    assert risks["unknown"] is None and all(r is None or 0 <= r <= 100 for r in risks.values())
    assert risks["lively"] < risks["decay"] <= risks["silent"]
    report = owner.want("GET", f"/api/v1/groups/{groups['decay']}/report")
    assert report["risk"]["value"] == risks["decay"] and len(report["risk"]["reasons"]) >= 3


def test_decay_is_told_with_its_numbers(owner, groups):
    r = owner.want("GET", f"/api/v1/groups/{groups['decay']}/report")
    m14 = r["metrics"]["M14"]
    assert m14["value"] is not None and m14["value"] < 7000 and m14["unit"] == "bp"
    told = [f for f in r["findings"] if f["metric"] == "M14"]
    assert told and told[0]["severity"] in ("watch", "bad") and told[0]["remedy_zh"] and told[0]["because_en"] and told[0]["evidence"]
    calm = owner.want("GET", f"/api/v1/groups/{groups['lively']}/report")
    assert not [f for f in calm["findings"] if f["metric"] == "M14" and f["severity"] in ("watch", "bad")]


def test_every_number_says_where_it_comes_from(owner, groups):
    for g in groups.values():
        r = owner.want("GET", f"/api/v1/groups/{g}/report")
        for key, m in r["metrics"].items():
            if m["value"] is None:
                assert m["na"] and m["na_en"], key
            else:
                assert m["source"] in ("automatic", "entered", "estimated") and m["window"]["from"] <= m["window"]["to"], (key, m)
            assert m["coverage_bp"] is None or 0 <= m["coverage_bp"] <= 10000
            assert m["name_zh"] and m["name_en"]
    ids = {m["id"] for m in owner.want("GET", "/api/v1/metrics")["items"]}
    assert set(r["metrics"]) == ids


def test_the_past_is_still_alive(owner, groups):
    """Judged as of a day on which people still talked."""
    r = owner.want("GET", f"/api/v1/groups/{groups['silent']}/report?as_of={at(10, 23)}")
    assert r["life"]["state"] == "alive"
    then = owner.want("GET", f"/api/v1/insight/portfolio?as_of={at(10, 23)}")
    assert {g["id"]: g["state"] for g in then["groups"]}[groups["silent"]] == "alive"


def test_new_words_bring_it_back(owner, groups):
    life(owner, groups["silent"], "dead")
    bring(owner, "Silent", talk([1, 0], 2))
    life(owner, groups["silent"], "alive")


def test_aliases_and_staff_do_not_keep_a_group_alive(owner, server):
    rows = talk(range(40, 8, -1)) + [(at(d), "客服小美", "今日特价") for d in range(8, -1, -1)]
    g = bring(owner, "Alias only", rows)
    life(owner, g, "alive")
    alias = next(m for m in owner.walk(f"/api/v1/members?group={g}", 200) if m["name"] == "客服小美")
    path = f"/api/v1/members/{alias['id']}"
    assert owner.patch(path, {"kind": "alias"}).code == "alias_unlabelled"
    me = owner.me["staff"]["id"]
    assert owner.patch(path, {"kind": "alias", "staff_id": me}).code == "alias_unlabelled"
    assert owner.want("PATCH", path, {"kind": "alias", "staff_id": me, "label": "官方"})["kind"] == "alias"
    r = owner.want("GET", f"/api/v1/groups/{g}/report")
    assert r["life"]["state"] == "dead" and r["people"]["aliases"] == 1
    assert r["metrics"]["M01"]["value"] in (0, None) and "客服小美" not in [t["name"] for t in r["series"]["top"] if t["kind"] == "person"]


def test_closing_a_group_keeps_everything(owner, groups):
    """R042: a container ends, the community and its people do not."""
    g = groups["lively"]
    members = {m["id"] for m in owner.walk(f"/api/v1/members?group={g}", 200)}
    before = owner.want("GET", f"/api/v1/groups/{g}/report?as_of={at(0, 0)}")
    assert owner.want("POST", f"/api/v1/groups/{g}/close")["state"] == "closed"
    assert {m["id"] for m in owner.walk(f"/api/v1/members?group={g}", 200)} == members
    after = owner.want("GET", f"/api/v1/groups/{g}/report?as_of={at(0, 0)}")
    assert before["series"] == after["series"]
    assert owner.post(f"/api/v1/groups/{g}/close").status in (200, 409)
    assert owner.want("POST", f"/api/v1/groups/{g}/reopen")["state"] == "active"


def test_one_community_on_many_carriers(owner):
    """R043: groups of one community on several carriers; somebody met offline needs none."""
    first = owner.want("POST", "/api/v1/groups", {"community_name": "Everywhere", "name": "WeChat one", "carrier": "wechat"}, status=201)
    for carrier in ("qq", "wecom", "telegram", "offline"):
        owner.want("POST", "/api/v1/groups", {"community_id": first["community_id"], "name": carrier + " one", "carrier": carrier}, status=201)
    assert owner.want("GET", f"/api/v1/communities/{first['community_id']}")["n_groups"] == 5
    assert owner.post("/api/v1/groups", {"community_id": first["community_id"], "name": "WeChat one", "carrier": "qq"}).code == "already_exists"
    m = qun.new_member(owner, "Met offline")
    assert m["identities"] == [] and m["n_groups"] == 0
    for g in owner.walk(f"/api/v1/groups?community={first['community_id']}"):
        owner.want("PUT", f"/api/v1/groups/{g['id']}/members/{m['id']}", {"state": "present"})
    m = owner.want("GET", f"/api/v1/members/{m['id']}")
    assert m["n_groups"] == 5 and len(m["memberships"]) == 5
    assert owner.want("GET", f"/api/v1/communities/{first['community_id']}")["n_members"] == 1, "one person, however many groups"
