"""Measures the program as it is shipped: bench.py BUILDDIR [NAME…]; bench/README.md says what and how."""
import http.client
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.abspath(sys.argv[1])
BIN = os.path.join(BUILD, "src/app/qun")
CHATGEN = os.path.join(BUILD, "bench/chatgen")
NAMES = ["start_ready_ms", "idle_rss_mb", "http_me", "http_read", "write_rows", "import_messages"]
PAIRS, SECONDS, MESSAGES, IDLE_S = 5, 3, 1000000, 60
FORMATS = ["csv", "whatsapp", "irc"]
CORES = sorted(os.sched_getaffinity(0))
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def note(*words):
    print(*words, file=sys.stderr, flush=True)


def show(name, unit, values, target=None, at_least=True, peer=None, cpu=None):
    """One line; with a peer, values and peer are pairs and min and max are of their ratios."""
    ours = statistics.median(values)
    line = f"bench {name} ours={ours:.0f} unit={unit}"
    span, judged = values, ours
    if peer:
        span = [a / b for a, b in zip(values, peer)]
        judged = statistics.median(span)
        line += f" peer={statistics.median(peer):.0f} ratio={judged:.3f} min={min(span):.3f} max={max(span):.3f}"
    else:
        line += f" peer=- ratio=- min={min(span):.0f} max={max(span):.0f}"
    line += f" n={len(values)}" + (f" {cpu}" if cpu else "")
    if target is not None and (judged < target if at_least else judged > target):
        line += f" MISSED target={target}"
    print(line, flush=True)


def cpu_s(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S


def rss_mb(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{pid}/status").read()).group(1)) / 1024


def pin(pid, cores):
    for task in os.listdir(f"/proc/{pid}/task"):
        os.sched_setaffinity(int(task), cores)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """qun serve on a data folder; close() stops it."""
    def __init__(self, folder):
        self.folder, self.port, self.process = folder, free_port(), None
        self.env = {k: v for k, v in os.environ.items() if not k.startswith("QUN_")}
        self.env.update(QUN_DATA=folder, PORT=str(self.port), QUN_RATE="10000000")
        self.password = None

    def run(self, *args):
        return subprocess.run([BIN, *args], env=self.env, check=True, capture_output=True, text=True).stdout

    def start(self):
        """Starts it and waits for /readyz; returns the milliseconds that took."""
        began = time.monotonic()
        self.process = subprocess.Popen([BIN, "serve"], env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while True:
            try:
                if self.get("/readyz")[0] == 200:
                    return (time.monotonic() - began) * 1000
            except OSError:
                assert self.process.poll() is None, "qun serve ended"
                time.sleep(0.002)

    def request(self, method, path, body=None, headers=None):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            headers = dict(headers or {})
            if body is not None:
                headers["Content-Type"] = "application/json"
            c.request(method, path, None if body is None else json.dumps(body), headers)
            r = c.getresponse()
            return r.status, r.read(), r.headers
        finally:
            c.close()

    def get(self, path, headers=None):
        return self.request("GET", path, headers=headers)

    def json(self, path, headers=None):
        status, body, _ = self.get(path, headers)
        assert status == 200, f"{path}: {status} {body[:300]}"
        return json.loads(body)

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)
        self.process = None


def wrk(url, connections, *more, lua=None, core=None):
    """Requests a second over SECONDS seconds, every answer a 2xx; also how many."""
    command = ["taskset", "-c", str(core)] if core is not None else []
    command += ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}"]
    command += ["-s", lua] if lua else []
    out = subprocess.run([*command, *(m for m in more if not lua), url, *(["--", *more] if lua else [])],
                         capture_output=True, text=True, check=True).stdout
    assert "Non-2xx" not in out and "Socket errors" not in out, out
    return (float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1)),
            int(re.search(r"(\d+) requests in", out).group(1)))


class Bench:
    def __init__(self, work):
        self.work = work
        self.server = Server(os.path.join(work, "data"))
        self.key, self.import_s = None, []

    def close(self):
        self.server.stop()

    def chat(self, fmt, seed):
        path = os.path.join(self.work, f"chat.{ {'csv': 'csv', 'whatsapp': 'txt', 'irc': 'log'}[fmt] }")
        with open(path, "wb") as out:
            subprocess.run([CHATGEN, fmt, str(MESSAGES), str(seed)], stdout=out, check=True)
        return path

    def import_one(self, fmt, seed):
        """Imports a million messages through the command line, as a person would; checks that all came."""
        path = self.chat(fmt, seed)
        began = time.monotonic()
        said = self.server.run("import", path, "--group", f"Group {seed} {fmt}", "--community", "Bench")
        took = time.monotonic() - began
        os.unlink(path)
        assert f"read {MESSAGES} = imported {MESSAGES} + duplicate 0 + skipped 0" in said, said
        note(f"  {fmt}: {MESSAGES} messages in {took:.1f} s")
        return took

    def million(self):
        """A database of a million messages, and a key to ask it with."""
        if self.key:
            return
        shutil.rmtree(self.server.folder, ignore_errors=True)
        self.server.password = self.server.run("init").split()[-1]
        self.import_s.append(self.import_one("csv", 1))
        self.key = self.server.run("token", "bench", "--role", "participant").split()[-1]

    def auth(self):
        return {"Authorization": "Bearer " + self.key}

    def group(self):
        return self.server.json("/api/v1/groups?limit=1", self.auth())["items"][0]["id"]

    def members(self, group):
        return [m["id"] for m in self.server.json(f"/api/v1/members?group={group}&limit=100", self.auth())["items"]]

    # ---- start and memory

    def start_ready_ms(self):
        self.million()
        taken = []
        for _ in range(PAIRS):
            taken.append(self.server.start())
            self.server.stop()
        show("start_ready_ms", "ms", taken, target=300, at_least=False)

    def sign_in(self):
        """The owner's session, password changed if that is still to be done."""
        mine = "a long enough sentence 1"
        for password in (mine, self.server.password):
            status, body, headers = self.server.request("POST", "/api/v1/session", {"login": "owner", "password": password})
            if status == 201:
                break
        assert status == 201, body
        auth = self.cookie(body, headers)
        if password != mine:
            status, body, headers = self.server.request(
                "PUT", "/api/v1/me/password", {"old_password": password, "new_password": mine}, auth)
            assert status == 200, body
            auth = self.cookie(body, headers)
        return auth

    @staticmethod
    def cookie(body, headers):
        return {"Cookie": headers["Set-Cookie"].split(";")[0], "X-CSRF-Token": json.loads(body)["csrf"]}

    def open_everything(self, auth):
        """Every page's files, and every GET the API has, once; ids are those of the data."""
        s = self.server
        seen, todo = set(), ["/console/"]
        while todo:
            path = todo.pop()
            if path in seen:
                continue
            seen.add(path)
            status, body, _ = s.get(path, {"Accept-Encoding": "identity"})
            if status == 200:
                text = body.decode("utf-8", "replace")
                todo += ["/console/" + m for m in re.findall(r"assets/[\w.-]+\.(?:js|css)", text)]
        group = self.group()
        ids = {"groups": group, "members": self.members(group)[0],
               "communities": s.json("/api/v1/communities", auth)["items"][0]["id"],
               "imports": s.json("/api/v1/imports", auth)["items"][0]["id"]}
        n = 0
        for path, methods in s.json("/api/openapi.json")["paths"].items():
            if "get" not in methods:
                continue
            m = re.match(r"/api/v1/(\w+)/", path)
            if "{" in path and (not m or m.group(1) not in ids):
                continue
            if "event-stream" in json.dumps(methods["get"]):
                continue
            whole = re.sub(r"\{[^}]*\}", lambda _: ids[m.group(1)], path, count=1)
            if "{" not in whole and s.get(whole, auth)[0] == 200:
                n += 1
        for fmt in ("json", "html", "txt", "csv"):
            assert s.get(f"/api/v1/groups/{group}/report?format={fmt}", auth)[0] == 200
        note(f"  opened {len(seen)} files, {n} lists and pages of the API, the report in four formats")

    def idle_rss_mb(self):
        self.million()
        self.server.start()
        self.import_s.append(self.import_one("whatsapp", 2))  # into the running server, as from the console
        auth = self.sign_in()
        self.open_everything(auth)
        busy = rss_mb(self.server.process.pid)
        time.sleep(IDLE_S)
        rss = rss_mb(self.server.process.pid)
        self.server.stop()
        show("idle_rss_mb", "MiB", [rss], target=64, at_least=False, cpu=f"before_idle={busy:.0f}")

    # ---- http

    def serve_pinned(self):
        self.million()
        self.server.start()
        pin(self.server.process.pid, {CORES[0]})
        time.sleep(3)  # what a start leaves to do

    def http_me(self):
        self.serve_pinned()
        url = f"http://127.0.0.1:{self.server.port}/api/v1/me"
        header = ("-H", "Authorization: Bearer " + self.key)
        status, body, _ = self.server.get("/api/v1/me", self.auth())
        assert status == 200
        port = free_port()
        conf = open(os.path.join(HERE, "nginx.conf")).read().replace("@PORT@", str(port)).replace("@BODY@", "x" * len(body))
        with open(os.path.join(self.work, "nginx.conf"), "w") as out:
            out.write(conf)
        nginx = subprocess.Popen(["taskset", "-c", str(CORES[0]), "nginx", "-p", self.work, "-c", "nginx.conf"])
        try:
            self.http_me_pairs(url, header, f"http://127.0.0.1:{port}/", body, nginx.pid)
        finally:
            nginx.terminate()
            nginx.wait(10)
            self.server.stop()

    def http_me_pairs(self, url, header, peer_url, body, nginx_pid):
        time.sleep(0.5)
        with urllib.request.urlopen(peer_url) as r:
            peer_body = r.read()
        assert len(peer_body) == len(body)
        worker = int(open(f"/proc/{nginx_pid}/task/{nginx_pid}/children").read().split()[0])
        both = ((self.server.process.pid, url, header), (worker, peer_url, header))
        rates, costs = ([], []), ([], [])
        for _, where, h in both:
            wrk(where, 64, *h, core=CORES[-1])  # warm
        for _ in range(PAIRS):
            for i, (pid, where, h) in enumerate(both):
                before = cpu_s(pid)
                rate, n = wrk(where, 64, *h, core=CORES[-1])
                rates[i].append(rate)
                costs[i].append((cpu_s(pid) - before) * 1e6 / n)
        cpu = f"cpu_us={statistics.median(costs[0]):.2f} peer_cpu_us={statistics.median(costs[1]):.2f}"
        show("http_me", "req/s", rates[0], target=0.8, peer=rates[1], cpu=cpu)

    def http_read(self):
        self.serve_pinned()
        rates, costs = [], []
        url = f"http://127.0.0.1:{self.server.port}/api/v1/members/{self.members(self.group())[0]}"
        for _ in range(PAIRS):
            before = cpu_s(self.server.process.pid)
            rate, n = wrk(url, 64, "-H", "Authorization: Bearer " + self.key, core=CORES[-1])
            rates.append(rate)
            costs.append((cpu_s(self.server.process.pid) - before) * 1e6 / n)
        self.server.stop()
        show("http_read", "req/s", rates, cpu=f"cpu_us={statistics.median(costs):.1f}")

    def n_facts(self):
        return int(subprocess.run(["sqlite3", os.path.join(self.server.folder, "qun.db"), "SELECT count(*) FROM fact"],
                                  capture_output=True, text=True, check=True).stdout)

    def write_rows(self):
        self.million()
        before = self.n_facts()
        self.server.start()
        group = self.group()
        members = os.path.join(self.work, "members")
        with open(members, "w") as out:
            out.write("\n".join(self.members(group)) + "\n")
        url, lua = f"http://127.0.0.1:{self.server.port}", os.path.join(HERE, "facts.lua")
        rates, costs, total = [], [], 0
        time.sleep(3)
        for _ in range(PAIRS):
            cpu = cpu_s(self.server.process.pid)
            rate, n = wrk(url, 64, self.key, group, members, lua=lua)
            rates.append(rate)
            costs.append((cpu_s(self.server.process.pid) - cpu) * 1e6 / n)
            total += n
        self.server.stop()
        # at the end of each round up to 64 answers are under way that wrk does not count
        written = self.n_facts() - before
        assert total <= written <= total + PAIRS * 64, f"{total} acknowledged, {written} there"
        show("write_rows", "rows/s", rates, target=15000, cpu=f"cpu_us={statistics.median(costs):.1f}")

    def import_messages(self):
        self.million()
        self.import_s += [self.import_one(FORMATS[i], i + 1) for i in range(len(self.import_s), len(FORMATS))]
        rates = [MESSAGES / s for s in self.import_s]
        mean = len(rates) * MESSAGES / sum(self.import_s)
        line = f"bench import_messages ours={mean:.0f} unit=messages/s peer=- ratio=- min={min(rates):.0f} max={max(rates):.0f}"
        print(line + f" n={len(rates)}" + (" MISSED target=60000" if mean < 60000 else ""), flush=True)


def main():
    wanted = sys.argv[2:] or NAMES
    for name in wanted:
        if name not in NAMES:
            sys.exit(f"bench: there is no figure {name}; they are {' '.join(NAMES)}")
    for tool in ("wrk", "nginx", "sqlite3", "taskset"):
        if not shutil.which(tool):
            sys.exit(f"bench: {tool} is needed")
    load = os.getloadavg()[0]
    note(f"{len(CORES)} cores, load {load:.1f}" + (" — others work here: times say little" if load > 1 else ""))
    with tempfile.TemporaryDirectory(prefix="qun-bench-") as work:
        bench = Bench(work)
        try:
            for name in wanted:
                note(f"{name} …")
                getattr(bench, name)()
        finally:
            bench.close()


main()
