#!/usr/bin/env python3
"""A store of files on one machine, named by the SHA-256 of their content. What other machines have, it fetches.

  files.py PORT FOLDER MACHINES    MACHINES is a file with the addresses of the others, one a line

GET / lists the names, GET /NAME is the file, PUT /NAME stores it: answered once it is on the disk.
"""
import hashlib
import http.client
import os
import re
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = int(sys.argv[1])
FOLDER = sys.argv[2]
MACHINES = sys.argv[3]
PERIOD = 2  # s between two looks at what others have
LIMIT = 4 << 20  # bytes of a file


def stored():
    return {name for name in os.listdir(FOLDER) if re.fullmatch("[0-9a-f]{64}", name)}


def store(name, content):
    """False if that is not what the name says."""
    if hashlib.sha256(content).hexdigest() != name:
        return False
    path = os.path.join(FOLDER, name)
    if not os.path.exists(path):
        draft = f"{path}.{threading.get_ident()}"
        with open(draft, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        os.rename(draft, path)
    # Also if another thread has just made it: its name may not be on the disk yet.
    folder = os.open(FOLDER, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
    return True


def fetch(host, path):
    connection = http.client.HTTPConnection(host, PORT, timeout=2)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise OSError(f"{host} answered {answer.status}")
        return content
    finally:
        connection.close()


def catch_up():
    while True:
        with open(MACHINES) as file:
            others = file.read().split()
        for host in others:
            try:
                for name in set(fetch(host, "/").decode().split()) - stored():
                    store(name, fetch(host, f"/{name}"))
            except (OSError, http.client.HTTPException) as failure:
                print(f"{host} cannot be asked: {failure}", flush=True)
        time.sleep(PERIOD)


class Visit(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def reply(self, status, content=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self):
        if self.path == "/":
            self.reply(200, "\n".join(sorted(stored())).encode())
        elif self.path[1:] in stored():
            with open(os.path.join(FOLDER, self.path[1:]), "rb") as file:
                self.reply(200, file.read())
        else:
            self.reply(404)

    def do_PUT(self):
        length = self.headers.get("Content-Length", "")
        if "Transfer-Encoding" in self.headers or not re.fullmatch("[0-9]{1,18}", length) or int(length) > LIMIT:
            self.close_connection = True
            self.reply(413 if length.isdecimal() else 411)
        else:
            self.reply(201 if store(self.path[1:], self.rfile.read(int(length))) else 400)

    def log_message(self, *_):
        pass


for draft in set(os.listdir(FOLDER)) - stored():  # of a machine that went down
    os.remove(os.path.join(FOLDER, draft))
threading.Thread(target=catch_up, daemon=True).start()
ThreadingHTTPServer(("", PORT), Visit).serve_forever()
