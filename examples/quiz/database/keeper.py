#!/usr/bin/env python3
"""Keeps one server of PostgreSQL, as primary or as replica, whatever the book says.

A primary waits for at least the replica of the book at each commit. A replica becomes primary by writing itself into the
book, and only if it stands there as sync. Nothing of this depends on time.

  keeper.py run       the unit's process
  keeper.py book      what the book says
  keeper.py choose    the data of this machine counts, and whatever only others have is given up
"""
import contextlib
import fcntl
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time

import psycopg2

from book import HOME, ME, look, put, read, say, seen, write
from server import (
    DATA, PASSWORD, REPLACE, SOCKET, Ended, Server, await_answer, choice, confirm, ending, follow, found, make_folders, reach,
    reach_primary, role, rows, system)

UNIT = os.environ.get("FLOTA_UNIT", "").removesuffix(".service")
ADDRESS = os.environ.get("COREOS_PRIVATE_IPV4", "")

TICK = 0.5  # s
SILENCE = 2  # s without the primary until its replica takes over
LONELINESS = 1  # s without the replica, once the server has given it up, until another one or none is waited for
STRAYED = 20  # s in which a replica that cannot follow a primary that answers tries, until it fetches all data anew


def prepare():
    """Waits until the server may start, and says by what book."""
    while not ending.is_set():
        book = look()
        if book is None:
            say("waits for a book to go by")
        elif book.revision == 0:
            if system() != "-" or seen().words:
                say(f"waits: there is or was a database in {DATA}, and the book in etcd is gone: an operator decides")
            else:
                write(book, term=1, primary=ME, address=ADDRESS, sync="-", system="-")
                continue
        elif book.primary == ME and book.system == "-":
            if system() == "-":
                found(book)
            if write(book, system=system()):
                continue
        elif book.primary == ME and system() != book.system:
            say("waits: this machine is the primary, and its data is gone: an operator decides")
        elif book.primary == ME:
            # What an earlier keeper of this machine has sent to etcd and does not know to be written is void from here on.
            if write(book, address=ADDRESS):
                confirm(book)
                return book
        elif book.system == "-":
            say("waits for the first primary")
        elif follow(book):
            return book
        time.sleep(TICK)
    sys.exit(0)


class Keeper:
    def __init__(self, book, server):
        self.server = server
        self.waits_for = {book.sync}
        self.unsure = False  # whether something sent to etcd may yet be written
        self.seen = self.with_replica = self.followed = time.monotonic()
        self.held = 0
        self.primary = None

    def tick(self):
        book = look()
        if book is not None and book.revision == 0:
            raise Ended("the book in etcd is gone")
        if book is not None and book.primary == ME:
            confirm(book)
        recovering = self.server.ask("select pg_is_in_recovery()")[0][0]
        if recovering:
            self.replica(book)
        elif book is None:
            say("has no book to go by: goes on, and changes nothing")
        elif book.primary != ME:
            raise Ended(f"{book.address} is the primary now")
        else:
            self.lead(book)
        if not recovering:
            self.hold()

    def replica(self, book):
        now = time.monotonic()
        if book is not None and book.primary == ME:
            say(f"becomes the primary of term {book.term}")
            role(book)
            self.waits_for = {"-"}
            self.server.reload()
            self.server.ask("select pg_promote()")
            self.hold()
            self.server.ask("checkpoint")  # for whoever rewinds
            return
        if self.server.ask("select count(*) from pg_stat_wal_receiver where status = 'streaming'")[0][0]:
            self.seen = self.followed = now
            say("follows the primary")
        elif self.answers(book):
            self.seen = time.monotonic()
        if book is None:
            return
        if book.chosen != choice():
            raise Ended(f"the data of {book.address} was chosen")
        if book.primary != self.primary:
            self.primary = book.primary
            self.followed = now
            role(book)
            self.server.reload()
        elif book.sync == ME and time.monotonic() - self.seen > SILENCE:
            say("the primary is gone")
            write(book, term=int(book.term) + 1, primary=ME, address=ADDRESS, sync="-")
            self.seen = now  # whether that is written, the book will tell
        elif (time.monotonic() - self.seen < SILENCE and now - self.followed > STRAYED
              and (book.sync != ME or write(book, sync="-"))):
            put(REPLACE, "")
            raise Ended("cannot follow the primary, though that answers: fetches all data anew")

    def answers(self, book):
        try:
            if book is None:
                return False
            socket.create_connection((book.address, 5432), timeout=0.7).close()
            with contextlib.closing(reach_primary(book)) as primary:
                return bool(rows(primary, "select 1"))
        except (psycopg2.Error, OSError) as failure:
            say(f"the primary does not answer: {failure}")
            return False

    def wait_for(self, book, *replicas):
        if self.waits_for != set(replicas):
            role(book, *replicas)
            self.server.reload()
            self.waits_for = set(replicas)

    def lead(self, book):
        """What the server waits for is at all times at least the replica of the book."""
        if self.unsure:
            self.unsure = not write(book)
            return
        self.wait_for(book, book.sync)
        # Who fetches all data at the moment has another name: what it confirms, it may not keep.
        there = [name for (name,) in self.server.ask(
            "select application_name from pg_stat_replication where state = 'streaming'"
            " and application_name ~ '^[0-9a-f]{32}$' order by flush_lsn desc, application_name")]
        now = time.monotonic()
        if book.sync in there:
            self.with_replica = now
            say(f"is the primary of term {book.term}, waits for {book.sync}")
        elif there and (book.sync == "-" or now - self.with_replica > LONELINESS):
            self.change(book, there[0])
        elif book.sync != "-" and now - self.with_replica > LONELINESS:
            self.note(book, "-")

    def change(self, book, replica):
        self.wait_for(book, book.sync, replica)
        if not self.until(f"application_name = '{replica}' and sync_state = 'sync'"):
            return
        # The process that makes checkpoints is the one that has commits wait. A connection that is made now is made after
        # all processes were told to read their settings, and of two checkpoints the second begins after that one has.
        with contextlib.closing(reach(SOCKET, user="postgres")) as fresh:
            rows(fresh, "checkpoint")
            rows(fresh, "checkpoint")
        (end,), = self.server.ask("select pg_current_wal_flush_lsn()")
        if self.until(f"application_name = '{replica}' and sync_state = 'sync' and flush_lsn >= '{end}'"):
            self.note(book, replica)

    def until(self, condition):
        deadline = time.monotonic() + 5
        while not self.server.ask(f"select 1 from pg_stat_replication where {condition}"):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    def note(self, book, replica):
        if write(book, sync=replica):
            say(f"is the primary of term {book.term}, waits for {'nobody' if replica == '-' else replica}")
            self.wait_for(book, replica)
            self.with_replica = time.monotonic()
        else:
            self.unsure = True

    def hold(self):
        """Has the machine's agent announce the primary."""
        if time.monotonic() - self.held > 1:
            done = subprocess.run([
                "curl", "-fsS", "-m", "2", "--unix-socket", "/run/flota/agent.sock", "-X", "PUT",
                f"http://flota/v1/endpoints/quiz-primary/{UNIT}?port=5432&ttl=5s"], capture_output=True)
            self.held = time.monotonic() if done.returncode == 0 else 0


def tell():
    book = read()
    if book is None:
        sys.exit("keeper: etcd does not answer")
    for name, value in book.words.items():
        print(name, value)


def choose():
    book = read()
    if book is None:
        sys.exit("keeper: etcd does not answer")
    here = system()
    if here == "-" or not ADDRESS:
        sys.exit(f"keeper: there is no database in {DATA}" if ADDRESS else "keeper: say COREOS_PRIVATE_IPV4=ADDRESS before it")
    term, version = max(seen().age(), book.age())
    if not write(book, term=term + 1, version=version, primary=ME, address=ADDRESS, sync="-", system=here,
                 chosen=secrets.token_hex(4)):
        sys.exit("keeper: the book cannot be changed; try it again")


def run():
    manager = os.environ.pop("NOTIFY_SOCKET", None)  # not for the server
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    if not re.fullmatch("[0-9A-Za-z_-]+", PASSWORD + os.environ["APP_PASSWORD"]):
        sys.exit("keeper: KEEPER_PASSWORD and APP_PASSWORD have to be of letters, digits, - and _")
    make_folders()
    lock = open(HOME + "/lock", "w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    book = prepare()
    role(book, *({book.sync} if book.primary == ME else ()))
    server = Server()
    how = signal.SIGQUIT
    try:
        await_answer(server)
        if manager:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
                out.connect(manager.replace("@", "\0", 1))
                out.send(b"READY=1")
        keeper = Keeper(book, server)
        while not ending.is_set():
            try:
                keeper.tick()
            except psycopg2.Error as failure:
                say(f"the server does not answer: {failure}")
            time.sleep(TICK)
        how = signal.SIGINT
    except Ended as reason:
        say(str(reason))
        sys.exit(1)
    finally:
        server.stop(how)


os.umask(0o077)
{"run": run, "choose": choose, "book": tell}[sys.argv[1]]()
