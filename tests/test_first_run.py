"""From an empty folder to an owner with a password of their own."""
import os
import re
import stat
import subprocess
import time

import qun


def test_serve_tells_the_password_once_and_wants_it_changed(fresh):
    s = fresh().start()
    assert re.fullmatch(r"[\w-]{12,}", s.password)
    c = s.client()
    assert c.get("/api/v1/me").code == "unauthenticated"
    r = c.login("owner", s.password)
    assert r.status == 201 and r.json["must_change_password"] is True
    assert c.get("/api/v1/groups").code == "must_change_password"
    assert c.post("/api/v1/spaces", {"name": "x", "zone": "UTC", "lang": "en"}).code == "must_change_password"
    assert c.get("/api/v1/me").status == 200
    for weak in ("short", "1234567890", "password123", "ownerowner", "owner", s.password):
        assert c.change_password(s.password, weak).status in (422, 401), weak
    before = c.cookie
    assert c.change_password(s.password, qun.OWNER_PASSWORD).status == 200
    assert c.cookie != before, "the session is a new one after a change of password"
    me = c.get("/api/v1/me").json
    assert me["must_change_password"] is False and me["staff"]["login"] == "owner" and me["install_owner"] is True
    assert me["role"]["key"] == "creator" and me["space"]["zone"] and me["csrf"]
    assert c.get("/api/v1/groups").status == 200
    old = s.client()
    old.cookie = before
    assert old.get("/api/v1/me").code == "unauthenticated", "the session before the change is over"
    assert s.client().login("owner", s.password).code == "bad_login"
    # nothing is told again
    s.stop()
    s.password = None
    s.start()
    assert s.password is None
    assert s.client().login("owner", qun.OWNER_PASSWORD).status == 201


def test_cookie_is_kept_from_scripts_and_other_sites(fresh):
    s = fresh().start()
    r = s.client().request("POST", "/api/v1/session", {"login": "owner", "password": s.password})
    cookie = r.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie
    assert s.password not in r.text and "password_hash" not in r.text


def test_logout_and_logout_everywhere(fresh):
    s = fresh().start()
    a = s.owner()
    b, c = s.owner(), s.owner()
    listed = a.want("GET", "/api/v1/sessions")["items"]
    assert len(listed) == 3 and [x["current"] for x in listed].count(True) == 1
    assert a.delete("/api/v1/session").status == 204
    assert a.get("/api/v1/me").status == 401
    assert b.get("/api/v1/me").status == 200
    assert b.delete("/api/v1/sessions").status == 204
    assert b.get("/api/v1/me").status == 401
    assert c.get("/api/v1/me").status == 401


def test_wrong_passwords_are_slowed_down(fresh):
    s = fresh().start()
    s.owner()
    codes = [s.client().login("owner", f"guess number {i}").code for i in range(8)]
    assert codes[0] == "bad_login" and codes[-1] == "login_throttled", codes
    r = s.client().login("owner", qun.OWNER_PASSWORD)
    assert r.status == 429 and 1 <= int(r.headers["Retry-After"]) <= 900
    time.sleep(int(r.headers["Retry-After"]) + 0.5)
    assert s.client().login("owner", qun.OWNER_PASSWORD).status == 201


def test_unknown_login_looks_like_a_wrong_password(fresh):
    s = fresh().start()
    s.owner()
    known = s.client().login("owner", "not the password")
    unknown = s.client().login("nobody-here", "not the password")
    assert (known.status, known.json) == (unknown.status, unknown.json)


def test_init_then_serve(fresh):
    s = fresh()
    p = s.run("init")
    login, password = p.out.split()
    assert login == "owner"
    again = s.run("init")
    assert again.out == "" and "exists already" in again.err
    s.start()
    assert s.password is None
    assert s.client().login("owner", password).json["must_change_password"] is True


def test_lost_password_is_reset_from_the_command_line(fresh):
    s = fresh().start()
    owner = s.owner()
    login, password = s.run("user", "reset").out.split()
    assert login == "owner"
    assert owner.get("/api/v1/me").status == 401, "a reset ends the sessions"
    c = s.client()
    assert c.login("owner", qun.OWNER_PASSWORD).code == "bad_login"
    assert c.login("owner", password).json["must_change_password"] is True


def test_files_are_the_owners_alone(fresh):
    s = fresh().start()
    s.owner()
    for at, folders, files in os.walk(s.folder):
        for name in folders + files:
            path = os.path.join(at, name)
            mode = stat.S_IMODE(os.lstat(path).st_mode)
            assert mode & 0o077 == 0, f"{path} is {mode:o}"


def test_a_second_server_on_the_folder_is_refused(fresh):
    s = fresh().start()
    p = subprocess.run([qun.BIN, "serve"], env=s.env(), capture_output=True, text=True, timeout=30)
    assert p.returncode == 1 and "[locked]" in p.stderr


def test_wrong_usage(fresh):
    s = fresh()
    for args in ([], ["no-such-command"], ["serve", "extra"], ["import"], ["report"], ["import", "--nonsense"], ["serve", "--port", "many"]):
        p = s.run(*args, check=False)
        assert p.returncode == 2 and p.err, args
    p = s.run("help")
    for verb in ("serve", "init", "import", "report", "backup", "restore", "doctor", "user", "token", "openapi"):
        assert f"  {verb} " in p.out
    assert s.run("--version").out.startswith("qun ")
