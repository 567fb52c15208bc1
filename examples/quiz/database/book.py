"""What all machines know of the databases: one key of etcd, the book, changed as a whole and only by who has seen what it
replaces. It consists of words and values:

  term N            how many primaries there have been
  primary MACHINE   the only one that may acknowledge anything, at ADDRESS
  sync MACHINE      the replica that has all that is acknowledged; "-": nobody has, but the primary
  system ID         the database that this is about; "-" until the first primary has made it
"""
import base64
import json
import os
import shutil
import subprocess

KEY = "/quiz/database"
HOME = "/var/lib/flota-quiz-db"
TERM = f"{HOME}/term"  # the newest that was read here
with open("/etc/environment") as file:  # for operators; the unit has it already
    for line in filter(lambda line: "=" in line, file):
        os.environ.setdefault(*line.strip().split("=", 1))
with open("/etc/machine-id") as file:
    ME = file.read().strip()

said = None


def say(words):
    global said
    if words != said:
        print(words, flush=True)
    said = words


def put(path, text):
    with open(path + ".new", "w") as out:
        out.write(text)
        os.fsync(out.fileno())
    shutil.chown(path + ".new", "postgres", "postgres")
    os.rename(path + ".new", path)
    folder = os.open(os.path.dirname(path), os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


class Book:
    def __init__(self, revision, words):
        self.revision = revision
        self.words = words

    def __getattr__(self, name):
        return self.words.get(name, "-")


def etcdctl(*arguments, text=None):
    done = subprocess.run(["etcdctl", "--command-timeout=2s", *arguments], input=text, capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else None


def read():
    """The book; None if etcd does not answer."""
    out = etcdctl("get", KEY, "-w", "json")
    if out is None:
        return None
    found = json.loads(out).get("kvs")
    if not found:
        return Book(0, {})
    words = base64.b64decode(found[0]["value"]).decode().split()
    return Book(found[0]["mod_revision"], dict(zip(words[::2], words[1::2])))


def look():
    """The book; None if etcd does not answer, or has a book of the past."""
    book = read()
    if book is None or book.revision == 0:
        return book
    term = int(book.term)
    if term < newest_term():
        say(f"the book is older than what was read here before, term {newest_term()}: an operator decides")
        return None
    if term > newest_term():
        put(TERM, book.term)
    return book


def newest_term():
    if not os.path.exists(TERM):
        return 0
    with open(TERM) as term:
        return int(term.read())


def write(book, **changes):
    """Whether it is written. If not, it may yet be, until the book is changed otherwise."""
    words = " ".join(f"{name} {value}" for name, value in {**book.words, **changes}.items())
    out = etcdctl("txn", text=f'mod("{KEY}") = "{book.revision}"\n\nput {KEY} "{words}"\n\n\n')
    return out is not None and out.startswith("SUCCESS")
