"""What all machines know of the databases: one key of etcd, the book, changed as a whole and only by who has seen what it
replaces. It consists of words and values:

  term N            how many primaries there have been
  version N         how many changes of the book
  primary MACHINE   the only one that may acknowledge anything, at ADDRESS
  sync MACHINE      the replica that has all that is acknowledged; "-": nobody has, but the primary
  system ID         the database that this is about; "-" until the first primary has made it
  chosen ID         the operator's last choice of whose data counts; "-": there was none
"""
import base64
import json
import os
import shutil
import subprocess

KEY = "/quiz/database"
HOME = "/var/lib/flota-quiz-db"
SEEN = f"{HOME}/book"  # the newest that was read or written here
with open("/etc/environment") as file:  # for operators; the unit has it already
    for line in filter(lambda line: "=" in line, file):
        os.environ.setdefault(*line.strip().split("=", 1))
with open("/etc/machine-id") as file:
    ME = file.read().strip()

said = None
doubted = False


def say(words):
    global said
    if words != said:
        print(words, flush=True)
    said = words


def put(path, text):
    draft = f"{path}.{os.getpid()}"
    with open(draft, "w") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    shutil.chown(draft, "postgres", "postgres")
    os.rename(draft, path)
    keep_names(path)


def drop(path):
    """Removes a file, so that it does not come back when the machine loses its power."""
    if os.path.exists(path):
        os.remove(path)
        keep_names(path)


def keep_names(path):
    folder = os.open(os.path.dirname(path), os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


class Book:
    def __init__(self, revision, words):
        self.revision = revision
        self.words = words

    def __getattr__(self, name):
        return self.words.get(name, "-")

    def age(self):
        return int(self.words.get("term", 0)), int(self.words.get("version", 0))

    def text(self):
        return " ".join(f"{name} {value}" for name, value in self.words.items())


def book_of(revision, text):
    words = text.split()
    return Book(revision, dict(zip(words[::2], words[1::2])))


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
    return book_of(found[0]["mod_revision"], base64.b64decode(found[0]["value"]).decode())


def look():
    """The book; None if etcd does not answer, or has a book of the past."""
    global doubted
    book = read()
    if book is None or book.revision == 0:
        return book
    newest = seen()
    if book.words == newest.words:
        doubted = False
        return book
    if book.age() <= newest.age():
        if not doubted:
            print("the book is neither the one that was read here before, of term {} and version {}, nor a newer one:"
                  " an operator decides".format(*newest.age()), flush=True)
        doubted = True
        return None
    doubted = False
    put(SEEN, book.text())
    return book


def seen():
    if not os.path.exists(SEEN):
        return Book(0, {})
    with open(SEEN) as book:
        return book_of(0, book.read())


def write(book, **changes):
    """Whether it is written. If not, it may yet be, until the book is changed otherwise."""
    version = int(changes.pop("version", book.age()[1])) + 1
    new = Book(0, {**book.words, **{name: str(value) for name, value in changes.items()}, "version": str(version)})
    # After a restored backup another book can have the same revision.
    same = f'mod("{KEY}") = "{book.revision}"' + (f'\nval("{KEY}") = "{book.text()}"' if book.revision else "")
    out = etcdctl("txn", text=f'{same}\n\nput {KEY} "{new.text()}"\n\n\n')
    if out is None or not out.startswith("SUCCESS"):
        return False
    put(SEEN, new.text())
    return True
