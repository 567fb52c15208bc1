#!/usr/bin/env python3
"""A quiz: questions, answers, scores, and pictures that players upload.

  quiz.py PORT CLUSTER    CLUSTER is a file with a line "primary ADDRESS" while there is a database, and a line
                          "store ADDRESS" for each machine that keeps uploads

Whatever is answered with 201 is there for good: rows are committed on two machines, uploads stored on two. All requests may be
sent again: an answer counts once for each player and question, a question once for each name, an upload is its content.
"""
import concurrent.futures
import hashlib
import http.client
import json
import os
import queue
import re
import select
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg2
import psycopg2.extensions

PORT = int(sys.argv[1])
CLUSTER = sys.argv[2]
STORES_PORT = 8070
COPIES = 2  # machines that have an upload before it is acknowledged
SILENCE = 4  # s for what a database is asked, or for its commit
PATIENCE = 8  # s in which a database is waited for, which another machine takes over meanwhile
LIMIT = 4 << 20  # bytes of a request

SCHEMA = """
select pg_advisory_xact_lock(1);
create table if not exists question (
    name text primary key, text text not null, choices jsonb not null, "right" int not null, picture text);
create table if not exists answer (
    player text, question text references question, choice int not null, at timestamptz not null default now(),
    primary key (player, question));
insert into question values
    ('fleet', 'Which system did fleet place its units for?', '["systemd", "upstart", "OpenRC"]', 0),
    ('etcd', 'How many members of five may etcd lose?', '["one", "two", "three"]', 1),
    ('flota', 'What is a flota?', '["a float", "a raft", "a fleet"]', 2)
    on conflict do nothing;
"""
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "page.html"), "rb") as page:
    PAGE = page.read()


def cluster(kind):
    with open(CLUSTER) as file:
        return [line.split()[1] for line in file if line.startswith(kind + " ")]


# ---- the database

class Database:
    def __init__(self):
        self.idle = queue.LifoQueue()
        self.made = False

    def connect(self, hosts):
        if not hosts:
            raise psycopg2.OperationalError("there is no primary")
        connection = psycopg2.connect(
            host=",".join(hosts), port=5432, dbname="app", user="app", password=os.environ.get("APP_PASSWORD", "change-me"),
            connect_timeout=2, tcp_user_timeout=2000, keepalives_idle=1, keepalives_interval=1, keepalives_count=2,
            target_session_attrs="read-write")
        if not self.made:
            with connection, connection.cursor() as cursor:
                cursor.execute(SCHEMA)
            self.made = True
        return connection

    def once(self, query, values):
        hosts = cluster("primary")
        connection = self.known(hosts) or self.connect(hosts)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(query, values)
                rows = cursor.fetchall() if cursor.description else []
        except psycopg2.Error:
            connection.close()
            raise
        self.idle.put((hosts, connection))
        return rows

    def known(self, hosts):
        """An idle connection to these; all others are closed."""
        while True:
            try:
                whose, connection = self.idle.get_nowait()
            except queue.Empty:
                return None
            if whose == hosts:
                return connection
            connection.close()

    def ask(self, query, values=(), patience=PATIENCE):
        """Tries it again on whatever primary there is by then. What is written may be written twice."""
        deadline = time.monotonic() + patience
        while True:
            try:
                return self.once(query, values)
            except (psycopg2.OperationalError, psycopg2.InterfaceError, psycopg2.errors.ReadOnlySqlTransaction) as failure:
                self.known([])
                if time.monotonic() > deadline:
                    raise Refusal(503, "there is no database at the moment") from failure
                time.sleep(0.2)


def wait(connection):
    """A machine that hangs may still take what is sent to it."""
    deadline = time.monotonic() + SILENCE
    while (state := connection.poll()) != psycopg2.extensions.POLL_OK:
        reading = [connection] if state == psycopg2.extensions.POLL_READ else []
        writing = [connection] if state == psycopg2.extensions.POLL_WRITE else []
        if not any(select.select(reading, writing, [], max(0, deadline - time.monotonic()))):
            raise psycopg2.OperationalError(f"the database has not answered for {SILENCE} s")


psycopg2.extensions.set_wait_callback(wait)
database = Database()


# ---- uploads

def visit_store(host, method, name, content=None):
    connection = http.client.HTTPConnection(host, STORES_PORT, timeout=1)
    try:
        connection.request(method, f"/{name}", content)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException) as failure:
        return 0, str(failure).encode()
    finally:
        connection.close()


stores = concurrent.futures.ThreadPoolExecutor(32)


def upload(content):
    name = hashlib.sha256(content).hexdigest()
    copies = 0
    visits = [stores.submit(visit_store, host, "PUT", name, content) for host in cluster("store")]
    for done in concurrent.futures.as_completed(visits):
        copies += done.result()[0] == 201
        if copies == COPIES:
            return name
    raise Refusal(503, f"{copies} machines can keep this at the moment, and there have to be {COPIES}")


def download(name):
    for host in cluster("store"):
        status, content = visit_store(host, "GET", name)
        if status == 200:
            return content
    raise Refusal(404, "there is no such upload")


# ---- figures for Prometheus

class Figures:
    def __init__(self):
        self.lock = threading.Lock()
        self.counts = {}
        self.seconds = 0.0
        self.up = self.replicas = 0

    def note(self, status, seconds):
        with self.lock:
            self.counts[status] = self.counts.get(status, 0) + 1
            self.seconds += seconds

    def look(self):
        while True:
            try:
                (self.replicas,), = database.ask(
                    "select count(*) from pg_stat_replication where sync_state = 'sync'", patience=0)
                self.up = 1
            except (Refusal, psycopg2.Error):
                self.up = self.replicas = 0
            time.sleep(2)

    def text(self):
        with self.lock:
            lines = ["# TYPE quiz_requests_total counter"]
            lines += [f'quiz_requests_total{{status="{code}"}} {count}' for code, count in sorted(self.counts.items())]
            lines += ["# TYPE quiz_request_seconds_total counter", f"quiz_request_seconds_total {self.seconds}"]
        lines += ["# TYPE quiz_database_up gauge", f"quiz_database_up {self.up}"]
        lines += ["# TYPE quiz_database_replicas gauge", f"quiz_database_replicas {self.replicas}", ""]
        return "\n".join(lines).encode()


figures = Figures()


# ---- what is asked

class Refusal(Exception):
    def __init__(self, status, why):
        super().__init__(why)
        self.status = status


def questions(_):
    rows = database.ask('select name, text, choices, picture from question order by name')
    return 200, [dict(zip(("name", "text", "choices", "picture"), row)) for row in rows]


def add_question(content):
    asked = fields(content, name=str, text=str, choices=list, right=int)
    if not 0 <= asked["right"] < len(asked["choices"]):
        raise Refusal(400, "right is not the number of a choice")
    # Something has to be written also if it is there already: maybe on one machine alone, by an attempt that was cut off.
    database.ask('insert into question values (%s, %s, %s, %s, %s) on conflict (name) do update set name = question.name', (
        asked["name"], asked["text"], json.dumps(asked["choices"]), asked["right"], asked.get("picture")))
    return 201, {"name": asked["name"]}


def add_answer(content):
    given = fields(content, player=str, question=str, choice=int)
    try:
        (right,), = database.ask(
            'with one as (insert into answer values (%(player)s, %(question)s, %(choice)s)'
            ' on conflict (player, question) do update set choice = answer.choice returning question, choice)'
            ' select one.choice = question."right" from one join question on question.name = one.question', given)
    except psycopg2.errors.ForeignKeyViolation:
        raise Refusal(404, "there is no such question") from None
    return 201, {"right": right}


def scores(_):
    rows = database.ask(
        'select player, count(*) from answer join question on question.name = question where choice = "right"'
        ' group by player order by count(*) desc, min(at) limit 10')
    return 200, [{"player": player, "right": count} for player, count in rows]


def players(_):
    return 200, [player for (player,) in database.ask("select distinct player from answer order by player")]


def fields(content, **kinds):
    try:
        found = json.loads(content)
    except ValueError:
        raise Refusal(400, "this is no JSON") from None
    for name, kind in kinds.items():
        if not isinstance(found, dict) or not isinstance(found.get(name), kind) or found[name] == "":
            raise Refusal(400, f"{name} is missing, or not of type {kind.__name__}")
    return found


ASKED = {
    ("GET", "/questions"): questions, ("POST", "/questions"): add_question, ("POST", "/answers"): add_answer,
    ("GET", "/scores"): scores, ("GET", "/players"): players,
    ("POST", "/uploads"): lambda content: (201, {"name": upload(content)}),
}


class Visit(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def reply(self, status, content, kind="application/json"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)
        return status

    def visit(self):
        began = time.monotonic()
        try:
            status = self.answer()
        except Refusal as refusal:
            status = self.reply(refusal.status, (json.dumps({"error": str(refusal)}) + "\n").encode())
        except ConnectionError:
            self.close_connection = True
            return  # the visitor has gone
        except Exception:
            self.close_connection = True
            figures.note(500, time.monotonic() - began)
            raise
        figures.note(status, time.monotonic() - began)

    def answer(self):
        length = self.headers.get("Content-Length", "" if self.command == "POST" else "0")
        if "Transfer-Encoding" in self.headers or not re.fullmatch("[0-9]{1,18}", length):
            self.close_connection = True
            raise Refusal(411, "say with Content-Length how many bytes follow, and send them in one piece")
        length = int(length)
        if length > LIMIT:
            self.close_connection = True
            raise Refusal(413, f"more than {LIMIT} bytes")
        content = self.rfile.read(length)
        if len(content) < length:
            raise ConnectionError("the visitor has gone")
        path = self.path.split("?")[0]
        if (self.command, path) in ASKED:
            status, found = ASKED[self.command, path](content)
            return self.reply(status, (json.dumps(found) + "\n").encode())
        if self.command == "GET" and re.fullmatch("/uploads/[0-9a-f]{64}", path):
            return self.reply(200, download(path.split("/")[2]), "application/octet-stream")
        if self.command == "GET" and path == "/":
            return self.reply(200, PAGE, "text/html; charset=utf-8")
        # Of this server alone: that there is no database does not get better by another server.
        if self.command == "GET" and path == "/health":
            return self.reply(200, b"well\n", "text/plain")
        if self.command == "GET" and path == "/metrics":
            return self.reply(200, figures.text(), "text/plain; version=0.0.4")
        raise Refusal(404, "there is nothing here")

    do_GET = do_POST = visit

    def log_message(self, *_):
        pass

    def log_error(self, words, *values):
        print(words % values, flush=True)


class Server(ThreadingHTTPServer):
    request_queue_size = 128


threading.Thread(target=figures.look, daemon=True).start()
print(f"answers on port {PORT}", flush=True)
Server(("", PORT), Visit).serve_forever()
