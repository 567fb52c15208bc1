"""PostgreSQL of one machine, and its data."""
import contextlib
import os
import shutil
import signal
import subprocess
import threading
import time

import psycopg2

from book import HOME, ME, drop, put, say, write

DATA = f"{HOME}/main"
PASSFILE = f"{HOME}/passfile"
REPLACE = f"{HOME}/replace"  # what is in DATA is being made or replaced, and worth nothing
CHOSEN = f"{HOME}/chosen"  # the operator's choice that DATA is of
RUN = "/run/flota-quiz-db"
SOCKET = f"{RUN}/socket"
ROLE = f"{RUN}/role.conf"
BIN = "/usr/lib/postgresql/15/bin"
PASSWORD = os.environ.get("KEEPER_PASSWORD", "change-me")

ending = threading.Event()


class Ended(Exception):
    """The server ends, for a reason."""


def make_folders():
    for folder in (HOME, SOCKET):
        os.makedirs(folder, exist_ok=True)
        shutil.chown(folder, "postgres", "postgres")
        os.chmod(folder, 0o700)
    put(PASSFILE, f"*:*:*:keeper:{PASSWORD}\n")


def as_postgres(*command):
    return subprocess.run(command, user="postgres", group="postgres", extra_groups=[]).returncode == 0


def reach(host, **more):
    connection = psycopg2.connect(
        host=host, port=5432, dbname="postgres", connect_timeout=2, tcp_user_timeout=2000, keepalives_idle=1,
        keepalives_interval=1, keepalives_count=2, **more)
    connection.autocommit = True
    return connection


def reach_primary(book):
    return reach(book.address, user="keeper", password=PASSWORD)


def rows(connection, query):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall() if cursor.description else []


def source(book):
    return f"host={book.address} port=5432 user=keeper passfile={PASSFILE} connect_timeout=2 tcp_user_timeout=2000"


def role(book, *replicas):
    """What the server is told of its role, for its start or by a reload."""
    names = ",".join(f'"{name}"' for name in sorted(set(replicas) - {"-"}))
    count = len(set(replicas) - {"-"})
    put(ROLE, f"synchronous_standby_names = '{f'FIRST {count} ({names})' if count else ''}'\n"
        + ("" if book.primary == ME else f"primary_conninfo = '{source(book)} application_name={ME}'\n"))


class Server:
    def __init__(self, *settings):
        self.process = subprocess.Popen(
            [f"{BIN}/postgres", "-D", DATA, "-c", f"config_file={RUN}/postgresql.conf", *settings],
            user="postgres", group="postgres", extra_groups=[])
        self.connection = None

    def ask(self, query):
        if self.process.poll() is not None:
            raise Ended(f"the server has ended with {self.process.returncode}")
        try:
            self.connection = self.connection or reach(SOCKET, user="postgres")
            return rows(self.connection, query)
        except psycopg2.Error:
            self.connection = None
            raise

    def reload(self):
        self.ask("select pg_reload_conf()")

    def stop(self, how):
        if self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait()


def await_answer(server):
    while not ending.is_set():
        try:
            return server.ask("select 1")
        except psycopg2.Error:
            time.sleep(0.1)
    raise Ended("is stopped")


def system():
    """The database that is here; "-" if there is none."""
    if os.path.exists(REPLACE) or not os.path.exists(f"{DATA}/PG_VERSION"):
        return "-"
    return control("Database system identifier")


def control(name):
    out = subprocess.run([f"{BIN}/pg_controldata", DATA], capture_output=True, text=True, check=True).stdout
    return next(line.split()[-1] for line in out.splitlines() if line.startswith(name + ":"))


def timeline():
    """The newest one that is here."""
    histories = [name for name in os.listdir(f"{DATA}/pg_wal") if name.endswith(".history")]
    return max(int(control("Latest checkpoint's TimeLineID")), *(int(name[:8], 16) for name in histories), 0)


def choice():
    """The operator's choice that the data here is of; "-" if there was none yet."""
    if not os.path.exists(CHOSEN):
        return "-"
    with open(CHOSEN) as file:
        return file.read()


def confirm(book):
    """The primary's data is by definition what was chosen."""
    if choice() != book.chosen:
        put(CHOSEN, book.chosen)


# ---- the data, before the server starts

def found(book):
    """The very first primary makes the database; what was begun and not ended is begun anew."""
    say("makes the database")
    put(REPLACE, "")
    shutil.rmtree(DATA, ignore_errors=True)
    if not as_postgres(f"{BIN}/initdb", "-D", DATA, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
                       "-k"):
        raise Ended("initdb has failed")
    role(book)
    server = Server("-c", "listen_addresses=")  # nobody else finds it before it is whole
    try:
        await_answer(server)
        for statement in (f"create role keeper superuser login replication password '{PASSWORD}'",
                          f"create role app login password '{os.environ['APP_PASSWORD']}'",
                          "grant pg_monitor to app", "create database app owner app"):
            server.ask(statement)
    finally:
        server.stop(signal.SIGINT)
    confirm(book)
    drop(REPLACE)


def follow(book):
    """Makes what is here the data of a replica; whether that is done."""
    here = system()
    if here not in ("-", book.system):
        say(f"waits: what is in {DATA} is of another database: an operator moves it away")
        return False
    # By an operator's choice two histories can have the same number, and then neither what rewinds nor a replica notices.
    other = here != "-" and choice() != book.chosen
    if here != "-" and not other and os.path.exists(f"{DATA}/standby.signal"):
        return True
    if book.sync == ME and not write(book, sync="-"):
        return False  # whoever replaces data does not have all that is acknowledged
    try:
        with contextlib.closing(reach_primary(book)) as primary:
            # What rewinds looks at the last checkpoint to find out that there was a change of the primary.
            known = now = 0
            if not rows(primary, "select pg_is_in_recovery()")[0][0]:
                (known, now), = rows(
                    primary, "select timeline_id, ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int"
                    " from pg_control_checkpoint()")
            if not now or known != now:
                say("waits for the new primary's first checkpoint")
                return False
    except psycopg2.Error as failure:
        say(f"waits for the primary: {failure}")
        return False
    if here != "-" and (other or timeline() >= now):
        say("has other data than what was chosen" if other else "has data of another history than the primary's")
        here = "-"
    put(REPLACE, "")
    if here != "-":
        say(f"was a primary: gives up what {book.address} does not have")
        if not as_postgres(f"{BIN}/pg_rewind", "-D", DATA, "--config-file", f"{RUN}/postgresql.conf",
                           "--source-server", source(book) + " dbname=postgres"):
            here = "-"
    if here == "-":
        say(f"fetches all data from {book.address}")
        shutil.rmtree(DATA, ignore_errors=True)
        if not as_postgres(f"{BIN}/pg_basebackup", "-D", DATA, "-d", source(book), "-X", "stream", "-c", "fast"):
            return False
    put(f"{DATA}/standby.signal", "")
    confirm(book)
    drop(REPLACE)
    return True
