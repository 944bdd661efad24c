"""The program as the tests see it: a server in a folder of its own, clients that talk to it, its data."""
import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
import time
import urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BIN = os.path.abspath(os.environ.get("QUN_BIN") or os.path.join(ROOT, "build/release/src/app/qun"))
DATA = os.environ.get("QUN_SHARED_DATA") or os.path.join(ROOT, "..", "shared", "data")
# Sanitizers make everything slower; promises about time are for the program as it is shipped.
SLOW = float(os.environ.get("QUN_TEST_SLOW") or 1)
OWNER_PASSWORD = "a long enough sentence 1"

# What no run of the program may ever say.
ALARMS = re.compile(r"ERROR: (Address|Leak|Thread|Undefined)\w*Sanitizer|WARNING: ThreadSanitizer|runtime error:|must\(|"
                    r"Segmentation fault|free\(\): |malloc\(\): |corrupted ")


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode("utf-8")

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """The public code of a problem, or None."""
        kind = self.headers.get("Content-Type") or ""
        return self.json.get("code") if kind.startswith("application/problem+json") else None

    def __repr__(self):
        return f"<{self.status} {self.body[:300]!r}>"


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("qun", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Client:
    """One caller on one kept-alive connection: nobody, a session, a key, or the command line's socket."""
    def __init__(self, server, key=None, system=False, space=None, timeout=60):
        self.server, self.key, self.system, self.space, self.timeout = server, key, system, space, timeout
        self.cookie = self.csrf = self.me = self.conn = None

    def close(self):
        if self.conn:
            self.conn.close()
        self.conn = None

    def _connect(self):
        if self.system:
            return UnixConnection(self.server.sock, self.timeout)
        return http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=self.timeout)

    def _headers(self, method, given):
        headers = {"Accept-Language": "en"}
        if self.key:
            headers["Authorization"] = "Bearer " + self.key
        if self.cookie:
            headers["Cookie"] = "qun_session=" + self.cookie
            if method not in ("GET", "HEAD") and self.csrf:
                headers["X-CSRF-Token"] = self.csrf
        if self.space:
            headers["X-Qun-Space"] = str(self.space)
        headers.update(given or {})
        return {k: v for k, v in headers.items() if v is not None}

    def request(self, method, path, body=None, headers=None, raw=None):
        """body: sent as JSON; raw: bytes as they are. A 500 is always a failure of the test."""
        headers = self._headers(method, headers)
        data = raw
        if body is not None:
            data = json.dumps(body).encode()
            headers.setdefault("Content-Type", "application/json")
        if self.conn and not self.system and self.conn.port != self.server.port:
            self.close()  # the server was started anew
        for attempt in (0, 1):
            fresh = self.conn is None
            self.conn = self.conn or self._connect()
            try:
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    # a body that is refused early is not read to its end; the answer is there all the same
                    self.conn.request(method, path, data, headers)
                got = self.conn.getresponse()
                reply = Reply(got.status, got.headers, got.read())
                break
            except (http.client.HTTPException, OSError):
                self.close()
                # a kept-alive connection may have been closed by idleness; only a safe method is sent again
                if fresh or attempt or method not in ("GET", "HEAD"):
                    raise
        if reply.headers.get("Connection", "").lower() == "close":
            self.close()
        self._take_session(reply)
        assert reply.status != 500, f"{method} {path}: {reply!r}"
        return reply

    def _take_session(self, reply):
        """A reply that sets the cookie is a Me, with the token that goes with the cookie."""
        for line in reply.headers.get_all("Set-Cookie") or []:
            m = re.match(r"qun_session=([^;]*)", line)
            if m:
                self.cookie = m.group(1) or None
                self.me = reply.json if self.cookie else None
                self.csrf = self.me["csrf"] if self.cookie else None

    def get(self, path, **k):
        return self.request("GET", path, **k)

    def post(self, path, body=None, **k):
        return self.request("POST", path, {} if body is None and "raw" not in k else body, **k)

    def put(self, path, body=None, **k):
        return self.request("PUT", path, body, **k)

    def patch(self, path, body=None, **k):
        return self.request("PATCH", path, body, **k)

    def delete(self, path, **k):
        return self.request("DELETE", path, **k)

    def want(self, method, path, body=None, status=None, **k):
        """The JSON of an answer that must be a success."""
        r = self.request(method, path, body, **k)
        good = (status,) if status else (200, 201, 202, 204)
        assert r.status in good, f"{method} {path}: {r!r}"
        return r.json if r.body else None

    def login(self, login, password):
        self.cookie = self.csrf = None
        return self.request("POST", "/api/v1/session", {"login": login, "password": password})

    def change_password(self, old, new):
        return self.put("/api/v1/me/password", {"old_password": old, "new_password": new})

    def switch(self, space_id):
        self.want("POST", "/api/v1/session/space", {"space_id": space_id})
        return self

    def upload(self, name, data):
        return self.request("POST", "/api/v1/uploads?filename=" + urllib.parse.quote(name), raw=data,
                            headers={"Content-Type": "application/octet-stream"})

    def walk(self, path, limit=None):
        """All items of a list, page by page."""
        items, cursor, pages = [], None, 0
        sep = "&" if "?" in path else "?"
        while True:
            url = path + (f"{sep}limit={limit}" if limit else "")
            if cursor:
                url += ("&" if "?" in url else "?") + "cursor=" + urllib.parse.quote(cursor)
            page = self.want("GET", url, status=200)
            items += page["items"]
            cursor = page.get("next_cursor")
            pages += 1
            assert pages < 10000, f"{path} never ends"
            if not cursor:
                return items

    def wait_import(self, run_id, timeout=300):
        end = time.monotonic() + timeout * SLOW
        while True:
            run = self.want("GET", f"/api/v1/imports/{run_id}")
            if run["state"] not in ("queued", "running"):
                return run
            assert time.monotonic() < end, f"the import does not end: {run}"
            time.sleep(0.05)

    def import_bytes(self, name, data, group, **options):
        """Uploads and imports; returns (upload reply, finished run or refusal of the start)."""
        up = self.upload(name, data)
        if up.status != 201:
            return up, None
        r = self.post("/api/v1/imports", {"upload_id": up.json["id"], "group_name": group, **options})
        if r.status != 202:
            return up, r
        return up, self.wait_import(r.json["id"])


class Stream:
    """Server-sent events, read as they come."""
    def __init__(self, client, path, last_event_id=None):
        headers = client._headers("GET", {"Last-Event-ID": last_event_id} if last_event_id else None)
        for _ in range(3):
            self.conn = client._connect()
            self.conn.timeout = 45 * SLOW  # longer than the server is silent
            self.conn.request("GET", path, headers=headers)
            self.reply = self.conn.getresponse()
            if self.reply.status != 307:
                break
            self.reply.read()
        self.status, self.headers = self.reply.status, self.reply.headers

    def events(self, until, timeout=30):
        """Events up to and with the first for which until(event) is true; event: {id, event, data}."""
        end = time.monotonic() + timeout * SLOW
        got, now = [], {}
        while time.monotonic() < end:
            line = self.reply.readline()
            assert line, f"the stream ended after {got}"
            line = line.decode("utf-8").rstrip("\n")
            if line:
                key, _, value = line.partition(":")
                if key:
                    now[key] = now[key] + "\n" + value.lstrip(" ") if key in now else value.lstrip(" ")
                continue
            if "data" in now:
                got.append({"id": now.get("id"), "event": now.get("event"), "data": now["data"]})
                if until(got[-1]):
                    return got
            now = {}
        raise AssertionError(f"not seen in {timeout} s: {got}")

    def close(self):
        self.conn.close()


class Sqlite:
    name = "sqlite"

    def __init__(self, folder):
        self.path = os.path.join(folder, "qun.db")
        self.env = {}

    def rows(self, sql):
        with contextlib.closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as db:
            return db.execute(sql).fetchall()

    def is_whole(self):
        return self.rows("PRAGMA integrity_check") == [("ok",)]

    def drop(self):
        pass


class Postgres:
    name = "postgres"
    n = 0

    def __init__(self, folder):
        Postgres.n += 1
        self.db = f"qun_{os.getpid()}_{Postgres.n}"
        self.env = {"QUN_DB": postgres_dsn(self.db)}
        psql("postgres", f'CREATE DATABASE "{self.db}"')

    def rows(self, sql):
        out = psql(self.db, sql)
        return [tuple(int(v) if re.fullmatch(r"-?\d+", v) else v for v in line.split("\t")) for line in out.splitlines()]

    def is_whole(self):
        """Every row of every table is found through its indexes as without them."""
        tables = [t for (t,) in self.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")]
        counts = " UNION ALL ".join(f"SELECT '{t}', count(*) FROM \"{t}\"" for t in tables)
        ways = "".join(f"SET enable_seqscan={a}; SET enable_indexscan={b}; SET enable_indexonlyscan={b}; SET enable_bitmapscan={b};"
                       f"{counts};" for a, b in (("on", "off"), ("off", "on")))
        # one snapshot for both ways: the server is at work
        lines = psql(self.db, f"BEGIN ISOLATION LEVEL REPEATABLE READ; {ways} COMMIT").splitlines()
        half = len(lines) // 2
        if sorted(lines[:half]) != sorted(lines[half:]):
            print("by table and by index:", sorted(set(lines[:half]) ^ set(lines[half:])))
            return False
        return half == len(tables)

    def drop(self):
        psql("postgres", f'DROP DATABASE IF EXISTS "{self.db}" WITH (FORCE)')


ENGINES = {"sqlite": Sqlite, "postgres": Postgres}


def postgres_dsn(db):
    e = os.environ
    who = urllib.parse.quote(e.get("PGUSER", "postgres"))
    if e.get("PGPASSWORD"):
        who += ":" + urllib.parse.quote(e["PGPASSWORD"], safe="")
    return f"postgresql://{who}@{urllib.parse.quote(e.get('PGHOST', 'localhost'), safe='')}:{e.get('PGPORT', '5432')}/{db}"


def psql(db, sql):
    p = subprocess.run(["psql", "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-d", db, "-c", sql],
                       capture_output=True, text=True)
    assert p.returncode == 0, f"psql: {p.stderr}\n{sql}"
    return p.stdout


def postgres_is_there():
    return "PGPORT" in os.environ and shutil.which("psql") is not None and subprocess.run(
        ["psql", "-X", "-q", "-d", "postgres", "-c", "SELECT 1"], capture_output=True).returncode == 0


class Server:
    """qun serve in a folder. It may be started and killed many times; stop() judges what it said."""
    def __init__(self, engine, folder, env=None):
        os.makedirs(folder, mode=0o700, exist_ok=True)
        self.folder, self.sock = folder, os.path.join(folder, "qun.sock")
        self.db = ENGINES[engine](folder)
        self.engine = engine
        self.more_env = env or {}
        self.process = self.port = self.password = None
        self.stderr, self.starts_s = [], []
        self.owner_password = None

    def env(self):
        e = {k: v for k, v in os.environ.items() if not k.startswith("QUN_") and k != "PORT"}
        e.update({"QUN_DATA": self.folder, "PORT": "0", "QUN_RATE": "10000000", "LC_ALL": "C.UTF-8",
                  "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0:exitcode=99", "UBSAN_OPTIONS": "print_stacktrace=1",
                  "TSAN_OPTIONS": f"exitcode=99:suppressions={ROOT}/tests/tsan.supp"})
        e.update(self.db.env)
        e.update(self.more_env)
        return e

    def start(self, ready=True):
        assert self.process is None
        t0 = time.monotonic()
        self.process = subprocess.Popen([BIN, "serve"], env=self.env(), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        threading.Thread(target=self._drain, args=(self.process.stderr,), daemon=True).start()
        self.port, told = None, b""
        while self.port is None and (more := os.read(self.process.stdout.fileno(), 65536)):
            told += more  # address and password come in one write
            m = re.search(rb"https?://\S+:(\d+)/", told)
            self.port = int(m.group(1)) if m else None
        assert self.port, f"qun did not start (exit {self.process.wait()}):\n{self.said()}"
        m = re.search(r"一次性密码 (\S+)", told.decode("utf-8"))
        self.password = m.group(1) if m else self.password
        threading.Thread(target=self._drain, args=(self.process.stdout,), daemon=True).start()
        while ready:
            with contextlib.closing(Client(self, timeout=5)) as c:
                if c.get("/readyz").status == 200:
                    break
            assert time.monotonic() - t0 < 30 * SLOW, "never ready"
            time.sleep(0.005)
        self.starts_s.append(time.monotonic() - t0)
        return self

    def _drain(self, pipe):
        for line in pipe:
            self.stderr.append(line.decode("utf-8", "replace"))

    def said(self):
        return "".join(self.stderr)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process = None

    def stop(self, judge=True):
        code = 0
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            try:
                code = self.process.wait(30 * SLOW)
            except subprocess.TimeoutExpired:
                self.kill()
                code = "none: it did not stop"
            self.process = None
            time.sleep(0.05)  # the last words are still in the pipe
        if judge:
            alarm = ALARMS.search(self.said())
            assert not alarm, f"the server said:\n{self.said()[-8000:]}"
            assert code == 0, f"exit {code}:\n{self.said()[-4000:]}"
        return code

    def close(self):
        try:
            self.stop()
        finally:
            self.db.drop()

    def run(self, *args, check=True, stdin=None, env=None):
        """A command of the program on the same data."""
        p = subprocess.run([BIN, *args], env={**self.env(), **(env or {})}, capture_output=True, input=stdin, timeout=600)
        err = p.stderr.decode("utf-8", "replace")
        assert not ALARMS.search(err), err
        assert not check or p.returncode == 0, f"qun {' '.join(args)}: exit {p.returncode}\n{err}"
        p.out, p.err = p.stdout.decode("utf-8", "replace"), err
        return p

    def client(self, **k):
        return Client(self, **k)

    def system(self, space=None):
        return Client(self, system=True, space=space)

    def owner(self):
        """The owner signed in, with a password of their own."""
        c = Client(self)
        if self.owner_password is None:
            assert c.login("owner", self.password).status == 201
            assert c.change_password(self.password, OWNER_PASSWORD).status == 200
            self.owner_password = OWNER_PASSWORD
            return c
        r = c.login("owner", self.owner_password)
        assert r.status == 201, r
        return c

    def staff(self, owner, login, role, **more):
        """A new account with its own password, signed in to owner's space."""
        made = owner.want("POST", "/api/v1/staff", {"login": login, "name": login, "role": role, **more}, status=201)
        c = Client(self)
        assert c.login(login, made["one_time_password"]).status == 201
        changed = c.change_password(made["one_time_password"], OWNER_PASSWORD)
        assert changed.status == 200, (changed.status, changed.body)
        c.staff_id = made["id"]
        return c

    def key(self, owner, role, name="a program"):
        return Client(self, key=owner.want("POST", "/api/v1/keys", {"name": name, "role": role}, status=201)["key"])


def new_group(client, name, **more):
    return client.want("POST", "/api/v1/groups", {"community_name": "Community of " + name, "name": name, "carrier": "wechat", **more},
                       status=201)


def new_member(client, name, group=None):
    m = client.want("POST", "/api/v1/members", {"name": name}, status=201)
    if group:
        client.want("PUT", f"/api/v1/groups/{group['id']}/members/{m['id']}", {"state": "present", "role": "participant"})
    return m
