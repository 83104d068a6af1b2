"""OAuth2: tokens from a command, for IMAP and SMTP, against Dovecot's own validation."""

import base64
import hashlib
import hmac
import json
import os
import stat
import time

import testbed
from testbed import SPAM, LiveTest, mail, wait_for

REFUSED = "check user and token_command"


def runs(pid):
    """Whether a process runs; one that nobody has buried yet does not."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rsplit(") ", 1)[1][0] != "Z"
    except OSError:
        return False


def encode(bytes_):
    return base64.urlsafe_b64encode(bytes_).rstrip(b"=")


class TokenTest(LiveTest):
    """A daemon that logs in with tokens, and the one who issues them."""

    def setUp(self):
        super().setUp()
        self.issued = os.path.join(self.servers.dir, "issued")
        self.runs = os.path.join(self.servers.dir, "runs")
        self.command = os.path.join(self.servers.dir, "token")
        self.tokens = []
        self.script('cat "$1.$2"; echo "$2" >>%s' % self.runs)

    def script(self, body):
        with open(self.command, "w", encoding="ascii") as file:
            file.write("#!/bin/sh\n" + body + "\n")
        os.chmod(self.command, 0o700)

    def key(self):
        with open(self.servers["TOKEN_KEY"], encoding="ascii") as file:
            return base64.b64decode(file.read())

    def token(self, seconds, key=None, email=None):
        now = int(time.time())
        claims = {"sub": "1", "email": email or self.user, "iat": now, "nbf": now - 10, "exp": now + seconds}
        unsigned = encode(b'{"alg":"HS256","typ":"JWT"}') + b"." + encode(json.dumps(claims).encode())
        return (unsigned + b"." + encode(hmac.digest(key or self.key(), unsigned, hashlib.sha256))).decode()

    def issue(self, who, token, note=""):
        """From now on the command prints this token for "imap" or "smtp"."""
        self.tokens.append(token)
        fresh = f"{self.issued}.new"
        with open(fresh, "w", encoding="ascii") as file:
            file.write(token + "\n" + note)
        os.rename(fresh, f"{self.issued}.{who}")

    def count(self, who):
        try:
            with open(self.runs, encoding="ascii") as file:
                return file.read().split().count(who)
        except OSError:
            return 0

    def server(self, scheme, who, extra=""):
        return (f'url = "{scheme}://localhost:{self.servers[scheme.upper() + "_PORT"]}"; user = "{self.user}"; '
                f'token_command = "{self.command} {self.issued} {who}"; ca_file = "{self.servers["CA_FILE"]}"; {extra}')

    def group(self, name="assistenza", extra="", folder="INBOX"):
        return (f'{{ name = "{name}"; imap = {{ {self.server("imaps", "imap", extra)} }}; folder = "{folder}"; '
                f'start = "all"; poll_seconds = 1; }}')

    def start(self, groups=None):
        daemon = self.daemon(groups=groups or self.group(), smtp_server=self.server("smtps", "smtp"))
        return daemon.start()

    def ticket_is_answered(self, number):
        sender = f"cliente{number}@example.org"
        self.deliver(mail(f"Non parte {number}", SPAM, sender=sender))
        self.replies_to(sender, 1)

    def assert_kept_secret(self, daemon):
        """No token in a log, in an argument or in an environment."""
        texts = [daemon.log()]
        for pid in daemon.descendants():
            for name in ("cmdline", "environ"):
                try:
                    with open(f"/proc/{pid}/{name}", "rb") as file:
                        texts.append(file.read().decode(errors="replace"))
                except OSError:
                    pass
        self.assertGreater(len(texts), 5)
        for token in self.tokens:
            signature = token.rsplit(".", 1)[1]
            for text in texts:
                self.assertNotIn(signature, text)
                self.assertNotIn(signature[:20], text)
                self.assertNotIn(base64.b64encode(token.encode()).decode()[40:80], text)


class TestTokens(TokenTest):
    def test_one_token_for_many_connections(self):
        self.issue("imap", self.token(3600))
        self.issue("smtp", self.token(3600))
        daemon = self.start()
        self.ticket_is_answered(1)
        self.assertEqual((self.count("imap"), self.count("smtp")), (1, 1))
        self.servers.control("stop-imap")
        wait_for("the outage", lambda: "the mailbox is out of reach" in daemon.log())
        self.servers.control("start-imap")
        wait_for("the mailbox", lambda: "the mailbox is back" in daemon.log(), 60)
        self.ticket_is_answered(2)
        self.assertEqual((self.count("imap"), self.count("smtp")), (1, 1))
        self.assert_kept_secret(daemon)

    def test_an_expired_one_is_replaced_before_it_is_used(self):
        self.issue("imap", self.token(8))
        self.issue("smtp", self.token(8))
        began = time.time()
        daemon = self.start()
        self.ticket_is_answered(1)
        self.assertEqual((self.count("imap"), self.count("smtp")), (1, 1))
        self.issue("imap", self.token(3600))
        self.issue("smtp", self.token(3600))
        wait_for("the first tokens to expire", lambda: time.time() > began + 9)
        self.servers.control("stop-imap")
        self.servers.control("start-imap")
        self.ticket_is_answered(2)
        self.assertEqual((self.count("imap"), self.count("smtp")), (2, 2))
        self.assertNotIn(REFUSED, daemon.log())
        self.assert_kept_secret(daemon)

    def test_a_revoked_one_is_replaced_once(self):
        """The issuer's key is changed: what was good until now is refused. No reply waits."""
        self.issue("imap", self.token(3600))
        self.issue("smtp", self.token(3600))
        daemon = self.start()
        self.ticket_is_answered(1)
        self.servers.control("stop-imap")
        with open(self.servers["TOKEN_KEY"], "w", encoding="ascii") as file:
            file.write(base64.b64encode(os.urandom(32)).decode())
        self.issue("imap", self.token(3600))
        self.issue("smtp", self.token(3600))
        self.servers.control("stop-smtp")
        self.servers.control("start-smtp")
        self.servers.control("start-imap")
        self.ticket_is_answered(2)
        self.assertEqual((self.count("imap"), self.count("smtp")), (2, 2))
        self.assertIn("the token was refused, fetching another", daemon.log())
        self.assertNotIn("the SMTP server is in trouble", daemon.log())
        self.assertNotIn(REFUSED, [line for line in daemon.log().splitlines() if "out of reach" in line])
        self.assert_kept_secret(daemon)

    def test_a_wrong_one_is_told_once(self):
        self.issue("imap", self.token(3600, key=b"somebody else's"))
        self.issue("smtp", self.token(3600))
        daemon = self.start()
        wait_for("three attempts", lambda: self.count("imap") >= 3)
        lines = [line for line in daemon.log().splitlines() if "out of reach" in line and REFUSED in line]
        self.assertIn(REFUSED, lines[0])
        # At -v the later ones are there, too, each after a longer pause, and none asked twice.
        self.assertLessEqual(self.count("imap"), len(lines) + 1)
        self.assertNotIn("fetching another", daemon.log())
        begun = time.monotonic()
        self.issue("imap", self.token(3600))
        self.ticket_is_answered(1)
        self.assertLess(time.monotonic() - begun, 60)
        self.assert_kept_secret(daemon)

    def test_a_wrong_one_for_smtp_is_told_once(self):
        self.issue("imap", self.token(3600))
        self.issue("smtp", self.token(3600, key=b"somebody else's"))
        daemon = self.start()
        self.deliver(mail("Non parte", SPAM))
        wait_for("the refusal", lambda: "the SMTP server is in trouble" in daemon.log())
        self.assertIn(REFUSED, daemon.log())
        self.assertNotIn("fetching another", daemon.log())
        self.issue("smtp", self.token(3600))
        # The reply is tried again after a minute, with a new token; another one needs no wait.
        self.ticket_is_answered(2)
        wait_for("the first reply", lambda: self.servers.inbox_of("anna.bassi@example.org"), 90)
        self.assertEqual(daemon.log().count("the SMTP server is in trouble"), 1)
        self.assertEqual(self.count("smtp"), 2)
        self.assert_kept_secret(daemon)

    def test_a_word_about_its_lifetime(self):
        """Not all tokens say when they expire; the command may."""
        self.issue("imap", self.token(3600), "expires_in=4\n")
        self.issue("smtp", self.token(3600))
        self.start()
        self.ticket_is_answered(1)
        runs = self.count("imap")
        wait_for("it to expire", lambda: time.time() > os.stat(self.runs).st_mtime + 4)
        self.servers.control("stop-imap")
        self.servers.control("start-imap")
        self.ticket_is_answered(2)
        self.assertGreater(self.count("imap"), runs)


class TestHangingCommand(TokenTest):
    def test_is_killed_with_all_its_own(self):
        """A command that hangs, in a child of its own, costs one mailbox its logins and no more."""
        self.issue("imap", self.token(3600))
        self.issue("smtp", self.token(3600))
        children = os.path.join(self.servers.dir, "children")
        hanging = os.path.join(self.servers.dir, "hanging")
        with open(hanging, "w", encoding="ascii") as file:
            file.write(f"#!/bin/sh\nsleep 600 &\necho $! >>{children}\nwait\n")
        os.chmod(hanging, stat.S_IRWXU)
        stuck = self.group("stuck", "command_seconds = 2;", "Drafts").replace(self.command + " " + self.issued, hanging)
        daemon = self.start(groups=self.group() + ", " + stuck)
        self.ticket_is_answered(1)
        wait_for("the command to be killed", lambda: "did not end within 2 s and was killed" in daemon.log())
        line = next(line for line in daemon.log().splitlines() if "did not end within" in line)
        self.assertIn(f"'{hanging}'", line)
        self.assertIn("mailbox=stuck", line)
        with open(children, encoding="ascii") as file:
            first = int(file.readline())
        wait_for("its child to be gone", lambda: not runs(first))
        self.ticket_is_answered(2)
        # One that hangs now does not keep the service from stopping.
        with open(children, encoding="ascii") as file:
            before = len(file.readlines())
        wait_for("another run", lambda: len(open(children, encoding="ascii").readlines()) > before)
        self.assertLess(daemon.stop(), 3)
        with open(children, encoding="ascii") as file:
            left = [pid for pid in file.read().split() if runs(pid)]
        self.assertEqual(left, [])


if __name__ == "__main__":
    testbed.unittest.main()
