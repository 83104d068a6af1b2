"""The bed of the bench: the real servers of tests/live, mailboxes filled with made tickets, an
SMTP sink, and programs measured while they run: seconds, CPU, memory.

A mailbox is filled once and copied for each run, so that all find the same and nobody finds
what another left.
"""

import ctypes
import os
import re
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "live"))

# pylint: disable=wrong-import-position
import tickets
from testbed import CATALOGUE, SOURCE, TRIAGECTL, TRIAGED, Servers, memory_kilobytes, wait_for

RULES = os.path.join(HERE, "rules.txt")
SMTP_SINK = "/usr/sbin/smtp-sink"
LOOK_SECONDS = 0.1      # between two looks at a program's memory
EX_OK, EX_DATAERR, EX_UNAVAILABLE = 0, 65, 69  # a mail that is none; status: something is stuck
FILL_BYTES = 1 << 20    # of one MULTIAPPEND
PR_SET_CHILD_SUBREAPER = 36
USERS = 1000            # mailboxes that a bed can have

if not os.access(TRIAGED, os.X_OK):
    sys.exit(f"{TRIAGED}: not built; set TRIAGED_BUILD to the directory where triaged was built")


class Bed:
    """Servers, sink, and the filled mailboxes that runs get copies of."""

    def __init__(self):
        self.servers = Servers()
        self.sink = None
        self.sink_port = 0
        self.runs = 0
        self.filled = {}

    def __enter__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.sink_port = free.getsockname()[1]
        # pylint: disable=consider-using-with
        self.sink = subprocess.Popen([SMTP_SINK, "-u", "nobody", f"127.0.0.1:{self.sink_port}", "1000"])
        wait_for("the sink", self.sink_listens)
        self.write_users()
        return self

    def __exit__(self, *_):
        if self.sink is not None:
            self.sink.kill()
            self.sink.wait()
        self.servers.stop()

    def sink_listens(self):
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.sink_port)) == 0

    def add_user(self):
        """A new user with an empty mailbox of Dovecot's own format."""
        self.runs += 1
        assert self.runs < USERS, "the bed has too few users"
        return f"bench{self.runs}@support.test", os.path.join(self.servers.dir, "support", f"bench{self.runs}")

    def write_users(self):
        """All at once: Dovecot looks for changes of this file but once a second."""
        self.servers.control("stop-imap")
        with open(os.path.join(self.servers.dir, "dovecot", "users"), "a", encoding="ascii") as users:
            for number in range(USERS):
                home = os.path.join(self.servers.dir, "support", f"bench{number}")
                users.write(f"bench{number}@support.test:::::{home}::userdb_mail=sdbox:{home}/sdbox\n")
        self.servers.control("start-imap")

    def fill(self, count, largest=tickets.LARGEST):
        """A mailbox with so many tickets; the same one at the second time. Its home."""
        if (count, largest) not in self.filled:
            user, home = self.add_user()
            self.append(user, (tickets.ticket(number, largest) for number in range(count)))
            self.filled[count, largest] = home
        return self.filled[count, largest]

    def append(self, user, mails):
        """Put mails into a user's INBOX, many by one command."""
        client = self.servers.imap(user, readonly=False)
        pending, size = [], 0
        for mail in mails:
            pending.append(mail)
            size += len(mail)
            if size > FILL_BYTES:
                multiappend(client, pending)
                pending, size = [], 0
        if pending:
            multiappend(client, pending)
        client.logout()

    def mailbox(self, count, largest=tickets.LARGEST):
        """A user of its own with a copy of a filled mailbox, which the server has seen once."""
        filled = self.fill(count, largest)
        user, home = self.add_user()
        subprocess.run(["cp", "-a", "--reflink=auto", filled, home], check=True)
        client = self.servers.imap(user)
        client.fetch("1:*", "(UID FLAGS RFC822.SIZE INTERNALDATE)")
        client.logout()
        return user

    def drop(self, user):
        """Forget a mailbox: it needs no disk any more."""
        shutil.rmtree(os.path.join(self.servers.dir, "support", user.partition("@")[0]), ignore_errors=True)

    def flag_count(self, user, flag):
        client = self.servers.imap(user)
        _, data = client.search(None, "KEYWORD", flag)
        client.logout()
        return len(data[0].split())


def multiappend(client, mails):
    """APPEND INBOX with many literals (RFC 3502), which imaplib does not know."""
    tag = client._new_tag()  # pylint: disable=protected-access
    client.send(tag + b" APPEND INBOX" + b"".join(b" {%d+}\r\n%s" % (len(mail), mail) for mail in mails) + b"\r\n")
    while not (line := client.readline()).startswith(tag):
        pass
    assert b" OK" in line, line


class Triaged:
    """A configuration and a state directory of triaged, for one mailbox of the bed."""

    def __init__(self, bed, user, copies=True, extra="", smtp_port=None, imap_port=None, catalogue=CATALOGUE,
                 analysts=2, connections=4):
        self.bed, self.user = bed, user
        self.dir = os.path.join(bed.servers.dir, "bench-" + user.partition("@")[0])
        self.state = os.path.join(self.dir, "state")
        self.config = os.path.join(self.dir, "triaged.conf")
        os.makedirs(self.dir, exist_ok=True)
        password = os.path.join(self.dir, "password")
        with open(password, "w", encoding="ascii") as file:
            file.write(bed.servers["MAIL_PASSWORD"] + "\n")
        os.chmod(password, 0o600)
        sent = "" if copies else 'sent = "";'
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(f'''instance = "bench"; state = "{self.state}"; catalogue = [ "{catalogue}" ]; mode = "send";
identity = {{ name = "Assistenza"; address = "assistenza@provider.example.it"; }};
mailboxes = ( {{ name = "assistenza"; start = "all"; {sent}
  imap = {{ url = "imap://127.0.0.1:{imap_port or bed.servers["IMAP_PORT"]}"; tls = "none"; user = "{user}";
            password_file = "{password}"; }}; }} );
smtp = {{ url = "smtp://127.0.0.1:{smtp_port or bed.sink_port}"; tls = "none"; connections = {connections}; }};
reply = {{ max_age_hours = 0; per_sender = {{ messages = 1000; hours = 24; }}; global = {{ messages = 0; minutes = 20; }}; }};
analysts = {analysts};
{extra}
''')

    def command(self, *arguments):
        return [TRIAGED, "-c", self.config, *(arguments or ("--once",))]

    def ctl(self, *arguments):
        return [TRIAGECTL, "-c", self.config, *arguments]

    def sent(self):
        """How many replies the sink has accepted, as the journal knows it."""
        listed = subprocess.run(self.ctl("list", "--json"), capture_output=True, text=True, check=True)
        return listed.stdout.count('"outcome": "replied"')


def descendants(pid):
    """A process and all below it."""
    pids, at = [pid], 0
    while at < len(pids):
        try:
            for task in os.listdir(f"/proc/{pids[at]}/task"):
                with open(f"/proc/{pids[at]}/task/{task}/children", encoding="ascii") as file:
                    pids += [int(child) for child in file.read().split()]
        except OSError:
            pass
        at += 1
    return pids


class Watch(threading.Thread):
    """The most memory that a process and all below it have at a time (kB), seen now and then."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.over = pid, threading.Event()
        self.private = self.pss = 0

    def run(self):
        while not self.over.is_set():
            pids = descendants(self.pid)
            self.private = max(self.private, memory_kilobytes(pids, "Private_"))
            self.pss = max(self.pss, memory_kilobytes(pids, "Pss:"))
            self.over.wait(LOOK_SECONDS)


def run_and_reap(command, files, report, environment):
    """In a process of its own: run a command and bury all it leaves behind, so that the CPU
    seconds of processes whose parent went first count too."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    begun = time.monotonic()
    # pylint: disable=consider-using-with
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=files[0], stderr=files[1],
                               env={**os.environ, **(environment or {})})
    os.write(report, b"%d\n" % process.pid)
    status = process.wait()
    seconds = time.monotonic() - begun
    try:
        while True:
            os.wait()
    except ChildProcessError:
        pass
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    os.write(report, b"%d %f %f\n" % (status, seconds, usage.ru_utime + usage.ru_stime))


def measure(command, memory=True, environment=None):
    """Run a command to its end: a dict of what it took and said. Its CPU seconds are its own and
    of all below it, not the servers'."""
    heard, report = os.pipe()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, os.fdopen(heard) as answers:
        reaper = os.fork()
        if reaper == 0:
            try:
                run_and_reap(command, (out, err), report, environment)
            finally:
                os._exit(0)
        os.close(report)
        watch = Watch(int(answers.readline()))
        if memory:
            watch.start()
        status, seconds, cpu = answers.readline().split()
        watch.over.set()
        os.waitpid(reaper, 0)
        said = []
        for file in (out, err):
            file.seek(0)
            said.append(file.read().decode(errors="replace"))
    if int(status) not in (EX_OK, EX_DATAERR, EX_UNAVAILABLE):
        raise RuntimeError(f"{command[:4]}: exit {status}: {said[1][-2000:]}")
    return {"seconds": float(seconds), "cpu": float(cpu), "private_kb": watch.private, "pss_kb": watch.pss,
            "out": said[0], "err": said[1]}


def compile_bare(scratch):
    """The bare C program's command, or None where a library is missing."""
    program = os.path.join(scratch, "bare")
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "gmime-3.0", "libpcre2-8"],
                           capture_output=True, text=True, check=False)
    built = flags.returncode == 0 and subprocess.run(
        ["cc", "-O2", "-o", program, os.path.join(HERE, "bare.c"), *flags.stdout.split()], check=False)
    return [program] if built and built.returncode == 0 else None


def summary(values):
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}


def table(head, rows):
    """Rows of words, aligned."""
    rows = [head, *rows]
    widths = [max(len(str(row[i])) for row in rows) for i in range(len(head))]
    for row in rows:
        print("  ".join(str(word).ljust(width) if i == 0 else str(word).rjust(width)
                        for i, (word, width) in enumerate(zip(row, widths))).rstrip())


__all__ = ["Bed", "CATALOGUE", "HERE", "RULES", "SOURCE", "TRIAGECTL", "Triaged", "compile_bare", "measure", "summary", "table"]
