"""A test bed of real servers: Dovecot and Postfix from tests/live/servers, triaged between them.

Everything lives in one scratch directory. Nothing here sleeps to hope: wait_for() asks again
until a condition holds, and fails loudly after generous seconds.
"""

import email
import email.policy
import email.utils
import imaplib
import json
import os
import re
import shutil
import signal
import smtplib
import subprocess
import tempfile
import time
import unittest
import uuid

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get("TRIAGED_BUILD", SOURCE)
TRIAGED = os.path.join(BUILD, "triaged", "triaged")
TRIAGECTL = os.path.join(BUILD, "triaged", "triagectl")
CATALOGUE = os.path.join(SOURCE, "config", "catalogue")
SERVERS = os.path.join(HERE, "servers")
OUTCOMES = {"triage-replied", "triage-drafted", "triage-held", "triage-no-reply", "triage-error"}

# A ticket that is answered; sender, recipient and date are asked for.
SPAM = "Buongiorno, non riesco a spedire: 552 5.2.0 igxL1p00E1WDM2s01gxMXG spam detected. Cosa faccio?"


def wait_for(what, condition, seconds=30, pause=0.02):
    """Ask until condition() is true and return its value; every pause seconds."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s for: {what}")
        time.sleep(pause)


class Servers:
    """The servers of one scratch directory."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="triaged-live.")
        os.chmod(self.dir, 0o755)
        subprocess.run([SERVERS, "start", self.dir], check=True)
        self.env = {}
        with open(os.path.join(self.dir, "env"), encoding="ascii") as lines:
            for line in lines:
                name, value = line.strip().split("=", 1)
                self.env[name] = value.strip("'")

    def __getitem__(self, name):
        return self.env[name]

    def control(self, verb):
        """stop-imap, start-imap, ... On a busy machine a start may take longer than it may."""
        done = subprocess.run([SERVERS, verb, self.dir], check=False)
        if done.returncode != 0 and verb.startswith("start-"):
            subprocess.run([SERVERS, verb.replace("start", "stop"), self.dir], check=False)
            done = subprocess.run([SERVERS, verb, self.dir], check=False)
        done.check_returncode()

    def stop(self):
        subprocess.run([SERVERS, "stop", self.dir], check=False)
        shutil.rmtree(self.dir, ignore_errors=True)

    def empty(self):
        """No mail anywhere, as after a fresh start."""
        root = self["CUSTOMERS"]
        for name in os.listdir(root) if os.path.isdir(root) else []:
            shutil.rmtree(os.path.join(root, name))
        for user in (self["SUPPORT_MAILDIR"], self["SUPPORT_SDBOX"]):
            for folder in ("INBOX", "Sent", "Drafts"):
                client = self.imap(user, folder, readonly=False)
                client.uid("STORE", "1:*", "+FLAGS.SILENT", "(\\Deleted)")
                client.close()
                client.logout()

    def deliver(self, *mails, user, sender=None):
        """Deliver mails' bytes by LMTP, each with its own Return-Path as the envelope sender."""
        client = smtplib.LMTP("127.0.0.1", int(self["LMTP_PORT"]))
        for mail in mails:
            self.hand_over(client, mail, user, sender)
        client.quit()

    @staticmethod
    def hand_over(client, mail, user, sender):
        mail = mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        found = re.match(rb"Return-Path:\s*<(.*)>\r\n", mail)
        if sender is None:
            sender = found.group(1).decode() if found else "someone@example.org"
        if found:
            mail = mail[found.end():]
        client.sendmail(sender, [user], mail)

    def drop(self, *mails):
        """Put mails into the Maildir of the support mailbox all at once, as a local MDA would."""
        maildir = os.path.join(self.dir, "support", "assistenza", "Maildir")
        for folder in ("tmp", "new"):
            os.makedirs(os.path.join(maildir, folder), exist_ok=True)
        names = [f"{int(time.time())}.{uuid.uuid4().hex}.testbed" for _ in mails]
        for name, mail in zip(names, mails):
            with open(os.path.join(maildir, "tmp", name), "wb") as file:
                file.write(mail)
        subprocess.run(["chown", "-R", "mail:mail", os.path.dirname(maildir)], check=True)
        for name in names:
            os.rename(os.path.join(maildir, "tmp", name), os.path.join(maildir, "new", name))

    def imap(self, user, folder="INBOX", readonly=True):
        client = imaplib.IMAP4("127.0.0.1", int(self["IMAP_PORT"]))
        client.login(user, self["MAIL_PASSWORD"])
        client.select(folder, readonly=readonly)
        return client

    def inbox_of(self, address):
        """The mails that were delivered to a customer, parsed, in the order of their arrival."""
        def arrival(name):  # "1795468773.M98765P27299.mx": seconds, and microseconds of any width
            return [int(number) for number in re.findall(r"\d+", name)[:2]]
        base = os.path.join(self["CUSTOMERS"], address, "Maildir")
        mails = []
        for folder in ("new", "cur"):
            path = os.path.join(base, folder)
            for name in sorted(os.listdir(path), key=arrival) if os.path.isdir(path) else []:
                with open(os.path.join(path, name), "rb") as mail:
                    mails.append(email.message_from_bytes(mail.read(), policy=email.policy.default))
        return mails

    def all_replies(self):
        """Every mail that left for a customer, as (address, mail)."""
        root = self["CUSTOMERS"]
        return [(address, mail) for address in sorted(os.listdir(root)) if "@" in address
                for mail in self.inbox_of(address)] if os.path.isdir(root) else []


class Mailbox:
    """What an agent sees of a support mailbox: subjects and keywords."""

    def __init__(self, servers, user):
        self.servers, self.user = servers, user

    def mails(self, folder="INBOX"):
        """A list of dicts: uid, flags (a set), message_id, subject."""
        client = self.servers.imap(self.user, folder)
        _, data = client.uid("FETCH", "1:*", "(UID FLAGS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID SUBJECT)])")
        mails = []
        for item in data:
            if not isinstance(item, tuple):
                continue
            head = item[0].decode()
            header = email.message_from_bytes(item[1], policy=email.policy.default)
            mails.append({
                "uid": int(re.search(r"UID (\d+)", head).group(1)),
                "flags": set(re.search(r"FLAGS \(([^)]*)\)", head).group(1).split()),
                "message_id": str(header["message-id"] or "").strip(),
                "subject": str(header["subject"] or ""),
            })
        client.logout()
        return mails

    def settled(self, count):
        """The mails once there are count of them and each has its outcome."""
        def look():
            mails = self.mails()
            done = [mail for mail in mails if mail["flags"] & OUTCOMES]
            return mails if len(mails) >= count and len(done) == len(mails) else None
        return wait_for(f"{count} mails of {self.user} to be settled", look, 60)


class Daemon:
    """A triaged of its own: configuration, state, process."""

    def __init__(self, servers, name="helpdesk", **options):
        self.servers = servers
        self.dir = os.path.join(servers.dir, name)
        os.makedirs(self.dir, exist_ok=True)
        self.state = os.path.join(self.dir, "state")
        self.config = os.path.join(self.dir, "triaged.conf")
        self.log_file = os.path.join(self.dir, "log")
        self.password = os.path.join(self.dir, "password")
        with open(self.password, "w", encoding="ascii") as file:
            file.write(servers["MAIL_PASSWORD"] + "\n")
        os.chmod(self.password, 0o600)
        self.process = None
        self.configure(**options)

    def mailbox_group(self, name, user, start, extra):
        return (f'{{ name = "{name}"; imap = {{ url = "imaps://localhost:{self.servers["IMAPS_PORT"]}"; '
                f'user = "{user}"; password_file = "{self.password}"; ca_file = "{self.servers["CA_FILE"]}"; }}; '
                f'folder = "INBOX"; start = "{start}"; {extra} }}')

    def configure(self, mode="send", start="all", users=None, identity="assistenza@provider.example.it",
                  reply="", limits="", extra="", mailbox="", smtp="", smtp_port=None,
                  instance="helpdesk-1", aliases=None, groups=None, smtp_server=None, agents=()):
        """Write the configuration. groups and smtp_server replace those of the real servers."""
        users = users or [("assistenza", self.servers["SUPPORT_MAILDIR"])]
        groups = groups or ", ".join(self.mailbox_group(name, user, start, mailbox) for name, user in users)
        aliases = ", ".join(f'"{alias}"' for alias in aliases or [self.servers["SUPPORT_MAILDIR"]])
        agents = ", ".join(f'"{agent}"' for agent in agents)
        port = smtp_port or self.servers["SMTPS_PORT"]
        smtp_server = smtp_server or (
            f'url = "smtps://localhost:{port}"; user = "{self.servers["SUPPORT_MAILDIR"]}"; '
            f'password_file = "{self.password}"; ca_file = "{self.servers["CA_FILE"]}";')
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(f'''instance = "{instance}";
state = "{self.state}";
catalogue = [ "{CATALOGUE}" ];
mode = "{mode}";
identity = {{ name = "Assistenza"; address = "{identity}"; aliases = [ {aliases} ]; agents = [ {agents} ]; }};
mailboxes = ( {groups} );
smtp = {{ {smtp_server} {smtp} }};
reply = {{ authserv_id = "mx.provider.example.it"; {reply} }};
limits = {{ {limits} }};
provider = {{ hosts = [ "*.provider.example.it" ]; }};
{extra}
''')

    def run(self, *arguments):
        """Run to the end; the completed process with its output."""
        return subprocess.run([TRIAGED, "-c", self.config, *arguments], capture_output=True, timeout=120,
                              check=False, text=True)

    def ctl(self, *arguments):
        return subprocess.run([TRIAGECTL, "-c", self.config, *arguments], capture_output=True, timeout=60,
                              check=False, text=True)

    def journal(self):
        """triagectl list --json, as a list of dicts."""
        done = self.ctl("list", "--json")
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def start(self, **environment):
        with open(self.log_file, "ab") as log:
            self.process = subprocess.Popen([TRIAGED, "-v", "-c", self.config], stderr=log,
                                            stdin=subprocess.DEVNULL, env={**os.environ, **environment})
        return self

    def log(self):
        with open(self.log_file, encoding="utf-8", errors="replace") as file:
            return file.read()

    def stop(self):
        """SIGTERM; returns the seconds it took to exit, and asserts status 0."""
        if self.process is None:
            return 0.0
        begun = time.monotonic()
        self.signal(signal.SIGTERM)
        status = self.process.wait(timeout=20)
        self.process = None
        assert status == 0, f"exit status {status}"
        return time.monotonic() - begun

    def reload(self):
        self.signal(signal.SIGHUP)

    def signal(self, number):
        """Send it once the master minds signals: before its main() nobody can."""
        def minds():
            try:
                with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
                    ignored = next(line for line in file if line.startswith("SigIgn:"))
            except (OSError, StopIteration):
                return True  # it ended, which its status tells
            # SIGPIPE is ignored as soon as the others are held; their mask says nothing while it waits for them.
            return int(ignored.split()[1], 16) & 1 << (signal.SIGPIPE - 1) or self.process.poll() is not None
        wait_for("a master that minds signals", minds, 20, 0.01)
        self.process.send_signal(number)

    def descendants(self):
        """The pids of all its processes, the master first."""
        pids, at = [self.process.pid], 0
        while at < len(pids):
            try:
                with open(f"/proc/{pids[at]}/task/{pids[at]}/children", encoding="ascii") as file:
                    pids += [int(pid) for pid in file.read().split()]
            except OSError:
                pass
            at += 1
        return pids


def ticket(name):
    """The bytes of a sample ticket of tests/mails."""
    with open(os.path.join(SOURCE, "tests", "mails", name), "rb") as file:
        return file.read()


def mail(subject, text, sender="anna.bassi@example.org", to="assistenza@provider.example.it", headers="",
         message_id=None):
    """A plain mail of a person, made up on the spot."""
    now = email.utils.formatdate(localtime=True)
    message_id = message_id or email.utils.make_msgid(domain="example.org")
    return (f"From: Anna Bassi <{sender}>\r\nTo: {to}\r\nSubject: {subject}\r\nDate: {now}\r\n"
            f"Message-ID: {message_id}\r\n{headers}MIME-Version: 1.0\r\n"
            f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n").encode()


def children(pid):
    """The pids of a process's children; of one that has ended, none."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(child) for child in file.read().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def memory_kilobytes(pids, field):
    """The memory of processes (proc(5), smaps_rollup), those that are gone left out: "Private_"
    what each has alone, "Pss:" with its share of what they have in common."""
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith(field))
        except OSError:
            pass
    return total


def private_kilobytes(pids):
    return memory_kilobytes(pids, "Private_")


class LiveTest(unittest.TestCase):
    """A fresh pair of servers and a daemon per test."""

    def setUp(self):
        self.servers = Servers()
        self.addCleanup(self.servers.stop)
        self.user = self.servers["SUPPORT_MAILDIR"]
        self.box = Mailbox(self.servers, self.user)
        self.daemons = []
        self.addCleanup(self.stop_daemons)

    def run(self, result=None):
        """As every test; of one that failed, the ends of the logs are shown with it."""
        result = result or self.defaultTestResult()
        bad = len(result.failures) + len(result.errors)
        self.logs = {}
        super().run(result)
        if len(result.failures) + len(result.errors) > bad:
            for name, lines in self.logs.items():
                print(f"-- the end of {name} in {self.id()}\n{lines}", flush=True)
        return result

    def keep_end(self, path):
        if os.path.exists(path):
            with open(path, encoding="utf-8", errors="replace") as file:
                self.logs[os.path.relpath(path, self.servers.dir)] = "".join(file.readlines()[-40:])

    def stop_daemons(self):
        for daemon in self.daemons:
            if daemon.process is not None:
                daemon.process.kill()
                daemon.process.wait()
            self.keep_end(daemon.log_file)
        self.keep_end(os.path.join(self.servers.dir, "log", "postfix"))

    def daemon(self, **options):
        daemon = Daemon(self.servers, **options)
        self.daemons.append(daemon)
        return daemon

    def deliver(self, *mails, user=None):
        self.servers.deliver(*mails, user=user or self.user)

    def replies_to(self, address, count):
        return wait_for(f"{count} replies to {address}",
                        lambda: len(found := self.servers.inbox_of(address)) >= count and found)

    def assert_all_unseen(self):
        for one in self.box.mails():
            self.assertNotIn("\\Seen", one["flags"])
