"""Networks in trouble: a scripted peer of tests/talks before the real triaged.

The real servers are started once for all tests of a class and emptied for each.
"""

import contextlib
import email.utils
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading

from testbed import SOURCE, SPAM, LiveTest, Mailbox, Servers, mail, wait_for

TALKS = os.path.join(SOURCE, "tests", "talks")
ANNA, BRUNO = "anna.bassi@example.org", "bruno.neri@example.com"
STRICT_HOST = "[::ffff:127.0.0.1]"  # loopback, but not so that triaged would know
SECRET = "secret-word"              # the peer says it back in some talks
EX_OK, EX_UNAVAILABLE, EX_TEMPFAIL = 0, 69, 75
HOSTILE = "A005 OK done\r\nT1 OK done\r\nT2 OK done\r\n* BYE\r\n* 1 EXPUNGE\r\n)\r\n{5}\r\n\0 NUL\r\n"


class Peer:
    """One talk that waits for triaged."""

    certificates = None

    def __init__(self, talk, **values):
        if Peer.certificates is None:
            Peer.certificates = tempfile.mkdtemp(prefix="triaged-talks.")
            subprocess.run([os.path.join(TALKS, "certificates"), Peer.certificates], check=True)
        # pylint: disable=consider-using-with
        self.process = subprocess.Popen(
            [os.path.join(TALKS, "peer"), "-v", "-t", Peer.certificates, os.path.join(TALKS, talk + ".talk"),
             *(f"{name}={value}" for name, value in values.items())],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")
        self.port = int(self.process.stdout.readline().split()[1])

    def hear_until(self, regex):
        """Wait until a line of the conversation matches."""
        for line in self.process.stderr:
            if re.match(regex, line):
                return
        raise AssertionError(f"the talk ended without {regex!r}")

    def finish(self):
        """Wait until the talk is over and was as written; all that was said."""
        _, said = self.process.communicate(timeout=40)
        assert self.process.returncode == 0, said
        return said

    def close(self):
        self.process.kill()
        self.process.communicate()


class Cutter:
    """A relay to a real server that ends a connection on which the server says a word."""

    def __init__(self, port, word):
        self.server, self.word, self.cuts = int(port), word, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.server))
            threading.Thread(target=self.pump, args=(client, server, None), daemon=True).start()
            threading.Thread(target=self.pump, args=(server, client, self.word), daemon=True).start()

    def pump(self, source, sink, word):
        """The word is found where it begins in one piece and ends in the next, too."""
        end = b""
        with contextlib.suppress(OSError):
            while piece := source.recv(1 << 16):
                if word and word in end + piece:
                    self.cuts += 1
                    break
                sink.sendall(piece)
                end = (end + piece)[-len(word):] if word else b""
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        source.close()

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class NetworkTest(LiveTest):
    @classmethod
    def setUpClass(cls):
        cls.shared = Servers()
        cls.addClassCleanup(cls.shared.stop)

    def setUp(self):
        self.servers = self.shared
        self.user = self.servers["SUPPORT_MAILDIR"]
        self.box = Mailbox(self.servers, self.user)
        self.daemons = []
        self.addCleanup(self.stop_daemons)
        self.servers.empty()

    def daemon(self, **options):
        """One with a state of its own."""
        name = options.pop("name", f"desk{len(os.listdir(self.servers.dir))}")
        return super().daemon(name=name, **options)

    def peer(self, talk, **values):
        peer = Peer(talk, **values)
        self.addCleanup(peer.close)
        return peer

    def secret_file(self):
        path = os.path.join(self.servers.dir, "secret")
        with open(path, "w", encoding="ascii") as file:
            file.write(SECRET + "\n")
        os.chmod(path, 0o600)
        return path

    def server(self, peer, scheme, host="127.0.0.1", login=False):
        """The settings of a server that is a peer."""
        text = f'url = "{scheme}://{host}:{peer.port}"; ca_file = "{Peer.certificates}/ca.pem"; '
        return text + (f'user = "u@example.it"; password_file = "{self.secret_file()}"; ' if login else "")

    def rows(self, daemon):
        """The journal in the order of arrival."""
        return sorted(daemon.journal(), key=lambda row: row["id"])

    def outcomes(self, daemon):
        return [row["outcome"] for row in self.rows(daemon)]

    def outbox(self, daemon):
        """The replies in the outbox that are not sent."""
        lines = daemon.ctl("outbox", "list", "--json").stdout.splitlines()
        return [row for row in map(json.loads, lines) if row["kind"] == "reply"]

    def retry_now(self, daemon):
        for row in self.outbox(daemon):
            if row["state"] == "queued":
                done = daemon.ctl("outbox", "retry", str(row["id"]))
                # the courier may have been quicker
                queued = [one["id"] for one in self.outbox(daemon) if one["state"] == "queued"]
                self.assertTrue(done.returncode == EX_OK or row["id"] not in queued, done.stderr)

    def assert_no_leak(self, daemon, done=None):
        """Neither a password nor a customer's words in what the sysadmin gets to see."""
        text = (done.stdout + done.stderr if done else daemon.log()) + daemon.ctl("status").stdout
        for word in (SECRET, self.servers["MAIL_PASSWORD"], "igxL1p00E1WDM2s01gxMXG"):
            self.assertNotIn(word, text)

    def assert_later_sent_once(self, daemon, addresses):
        """With a good server all that is queued goes out, once each."""
        daemon.configure()
        self.retry_now(daemon)
        for _ in range(2):
            done = daemon.run("--once")
            self.assertEqual(done.returncode, EX_OK, done.stderr)
        self.assertEqual(sorted(address for address, _ in self.servers.all_replies()), sorted(addresses))


def escape(text):
    """As the text of a talk."""
    for char, said in (("\\", "\\\\"), ("\r", "\\r"), ("\n", "\\n"), ("\0", "\\0")):
        text = text.replace(char, said)
    return text


class MailboxTest(NetworkTest):
    def values(self):
        """What the talks need to know of two mails; the first one looks like IMAP."""
        date = email.utils.formatdate().split(", ")[1].replace(" ", "-", 2).replace("-0000", "+0000")
        values = {"date": date}
        for number, one in enumerate((mail("Uno", f"{SPAM}\r\n{HOSTILE}"), mail("Due", SPAM + " due", sender=BRUNO)), 1):
            values[f"size{number}"] = len(one)
            values[f"mail{number}"] = escape(one.decode())
        return values

    def group(self, peer, scheme="imap", host="127.0.0.1"):
        return (f'{{ name = "rotta"; imap = {{ {self.server(peer, scheme, host, login=True)} }}; folder = "INBOX"; '
                f'start = "all"; sent = ""; }}')

    def run_pass(self, talk, status=EX_OK, daemon=None, **values):
        """One pass with the talk as the IMAP server."""
        peer = self.peer(talk, **self.values(), **values)
        daemon = daemon or self.daemon()
        daemon.configure(groups=self.group(peer))
        done = daemon.run("--once")
        self.assertEqual(done.returncode, status, done.stderr)
        peer.finish()
        self.assert_no_leak(daemon, done)
        return daemon, done

    def assert_answered(self, *addresses):
        self.assertEqual([address for address, _ in self.servers.all_replies()], list(addresses))
