"""IMAP servers and networks in trouble: the conversations of tests/talks with the real triaged."""

import re
import signal
import unittest

from network import ANNA, BRUNO, EX_OK, EX_TEMPFAIL, EX_UNAVAILABLE, SECRET, SPAM, STRICT_HOST, Cutter, MailboxTest
from testbed import Mailbox, mail, wait_for

FAILED = "the pass over the mailbox failed mailbox=rotta "

# What a server says of one mail, again and again, so that it can never be fetched.
BAD = [("an absurd literal", "{99999999999999999999}\\r\\n"), ("a line without end", "x" * 50),
       ("lists without end", "(" * 50), ("NUL bytes", "\\0\\r\\n"), ("garbage", "\\xff{]\\r\\n)(\\r\\n")]

# Where trust is not established or not given: the peer sees that no login is said.
UNTRUSTED = [
    ("imap-starttls-stripped", "imap", STRICT_HOST, EX_UNAVAILABLE, "does not offer STARTTLS: use an imaps://"),
    ("imap-starttls-refused", "imap", STRICT_HOST, EX_UNAVAILABLE, "STARTTLS"),
    ("imap-tls-untrusted", "imap", "127.0.0.1", EX_UNAVAILABLE, "certificate.*set ca_file"),
    ("imap-tls-expired", "imap", "127.0.0.1", EX_UNAVAILABLE, "certificate has expired"),
    ("imap-tls-other-name", "imap", "127.0.0.1", EX_UNAVAILABLE, "certificate|no alternative"),
    ("imaps-untrusted", "imaps", "127.0.0.1", EX_UNAVAILABLE, "certificate.*set ca_file"),
    ("imap-login-refused", "imap", "127.0.0.1", EX_UNAVAILABLE, "login refused: check user and password"),
    ("imap-login-unavailable", "imap", "127.0.0.1", EX_TEMPFAIL, "UNAVAILABLE"),
    ("imap-bye-greeting", "imap", "127.0.0.1", EX_TEMPFAIL, "BYE"),
    ("imap-inuse", "imap", "127.0.0.1", EX_TEMPFAIL, "INUSE"),
    ("imap-no-folder", "imap", "127.0.0.1", EX_UNAVAILABLE, "SELECT: server says NO"),
]


class Mailboxes(MailboxTest):
    def test_lost_and_found(self):
        """Dropped in a literal, BYE between mails, mails and answers that look like ours, a folder
        that is made anew: both mails are tagged and answered, once, in the same pass."""
        for talk in ("daemon-imap-drop", "daemon-imap-bye", "daemon-imap-hostile", "daemon-imap-uidvalidity"):
            with self.subTest(talk):
                self.servers.empty()
                daemon, done = self.run_pass(talk)
                self.assertEqual(self.outcomes(daemon), ["replied"] * 2)
                self.assert_answered(ANNA, BRUNO)
                self.assertEqual("UIDVALIDITY has changed" in done.stderr, "uidvalidity" in talk)

    def test_bad_mail(self):
        """The mail that breaks the connection each time is passed, as others come over the same
        connection; the others are answered in the same pass."""
        cases = [("daemon-imap-bad-mail", what, bad) for what, bad in BAD] + [
            ("daemon-imap-drop-first", "a drop", ""), ("daemon-imap-withheld", "NO", "")]
        for talk, what, bad in cases:
            with self.subTest(what):
                self.servers.empty()
                daemon, done = self.run_pass(talk, bad=bad)
                self.assertRegex(done.stderr, "a mail could not be analysed mail=rotta/7/1 "
                                              "error=.it could not be fetched: ")
                self.assertEqual(self.outcomes(daemon), ["error", "replied"])
                self.assert_answered(BRUNO)

    def test_bad_mail_among_many(self):
        """One that breaks the connection while it is read ahead, behind the batch in hand and the
        next ones, wherever it stands: all others come in the same pass."""
        for place in (55, 90):
            with self.subTest(place):
                self.servers.empty()
                mails = [mail(f"Numero {number}", "Buongiorno.") for number in range(1, 151)]
                mails[place - 1] = mail("Rotto", "Questo spezza la linea: 7f1c9e.")
                self.deliver(*mails)
                cutter = Cutter(self.servers["IMAP_PORT"], b"spezza la linea: 7f1c9e")
                self.addCleanup(cutter.close)
                daemon = self.daemon(mode="tag")
                login = f'user = "{self.user}"; password_file = "{daemon.password}"; tls = "none";'
                daemon.configure(mode="tag", groups=f"""{{ name = "rotta"; folder = "INBOX"; start = "all"; sent = "";
                    imap = {{ url = "imap://127.0.0.1:{cutter.port}"; {login} }}; }}""")
                done = daemon.run("--once")
                self.assertEqual(done.returncode, EX_OK, done.stderr[-1000:])
                outcomes = self.outcomes(daemon)
                self.assertEqual((len(outcomes), outcomes.count("error")), (150, 1))
                self.assertGreaterEqual(cutter.cuts, 3, "tried again before it is given up")
                self.assertEqual(done.stderr.count("it could not be fetched: connection lost"), 1)

    def test_network_at_fault(self):
        """Where no mail comes, or there is none to compare with, no mail is marked: all are answered
        when the network is back."""
        for talk, later in (("daemon-imap-all-drop", "daemon-imap-hostile"), ("daemon-imap-alone", "daemon-imap-hostile")):
            with self.subTest(talk):
                self.servers.empty()
                daemon, done = self.run_pass(talk, EX_TEMPFAIL)
                self.assertEqual(done.stderr.count("\n"), 1)
                self.assertRegex(done.stderr, FAILED + ".*connection lost")
                self.assertEqual(self.outcomes(daemon), [])
                daemon, _ = self.run_pass(later, daemon=daemon)
                self.assertEqual(self.outcomes(daemon), ["replied"] * 2)
                self.assert_answered(ANNA, BRUNO)

    def test_expunged_meanwhile(self):
        """A mail that is gone by the time it is fetched is no trouble at all."""
        daemon, done = self.run_pass("daemon-imap-expunged")
        self.assertNotIn("could not", done.stderr)
        self.assertEqual(self.outcomes(daemon), ["replied"])
        self.assert_answered(BRUNO)

    def test_keywords_refused(self):
        """Announced or not: answered once all the same; the status says why no tags show."""
        for talk, words in (("daemon-imap-keywords", "PERMANENTFLAGS"), ("daemon-imap-store-no", "too many keywords")):
            with self.subTest(talk):
                self.servers.empty()
                daemon, done = self.run_pass(talk)
                self.assertRegex(done.stderr, f"the server does not store tags mailbox=rotta .*{words}")
                self.assertRegex(daemon.ctl("status").stdout, f"keywords.*{words}")
                self.assertEqual(self.outcomes(daemon), ["replied"] * 2)
                self.assert_answered(ANNA, BRUNO)

    def test_nothing_leaks(self):
        """Log and status name the cause, once; no password is said (the peer sees to that)."""
        daemon = self.daemon()
        for talk, scheme, host, status, words in UNTRUSTED:
            with self.subTest(talk):
                peer = self.peer(talk)
                daemon.configure(groups=self.group(peer, scheme, host))
                done = daemon.run("--once")
                self.assertEqual(done.returncode, status, done.stderr)
                self.assertRegex(done.stderr, rf"{FAILED}.*({words})")
                self.assertEqual(done.stderr.count("\n"), 1, "said once")
                self.assertRegex(daemon.ctl("status", "--json").stdout, words)
                self.assert_no_leak(daemon, done)
                self.assertNotIn(SECRET, peer.finish().replace(SECRET + " is wrong", ""))

    def test_header_beyond_the_limit(self):
        """However little of a mail is read, the gates see the whole of its header."""
        long = "X-Filler: " + "x" * 60 + "\r\n"
        self.deliver(mail("Uno", SPAM, headers=long * 200 + "Auto-Submitted: auto-generated\r\n"))
        daemon = self.daemon(limits="message_bytes = 1024;")
        self.assertEqual(daemon.run("--once").returncode, EX_OK)
        self.assertEqual([row["reason"] for row in self.rows(daemon)], ["auto-submitted"])
        self.assert_answered()


class Beside(MailboxTest):
    """One in trouble does not delay the others."""

    def test_refused_login(self):
        """With --once, too: the other mailbox is done, the status tells of the one that is not."""
        other = self.servers["SUPPORT_SDBOX"]
        self.deliver(mail("Uno", SPAM), user=other)
        peer = self.peer("imap-login-refused")
        daemon = self.daemon()
        daemon.configure(groups=self.group(peer) + ", " + daemon.mailbox_group("help", other, "all", ""))
        done = daemon.run("--once")
        self.assertEqual(done.returncode, EX_UNAVAILABLE)
        self.assertRegex(done.stderr, FAILED)
        self.assertIn("triage-replied", Mailbox(self.servers, other).mails()[0]["flags"])
        self.assert_answered(ANNA)

    def test_server_restarted(self):
        """Under load, twice: every mail is tagged and answered once; the end is logged, too."""
        count = 60
        daemon = self.daemon(reply="global = { messages = 0; minutes = 20; };").start()
        self.deliver(*(mail(f"Posta {number}", f"{SPAM} {number}", sender=f"c{number}@example.org")
                       for number in range(count)))
        for _ in range(2):
            self.servers.control("stop-imap")
            self.servers.control("start-imap")

        def replied():
            self.retry_now(daemon)  # those for whose login Postfix asked Dovecot in vain
            daemon.signal(signal.SIGUSR1)
            return sum("triage-replied" in one["flags"] for one in self.box.mails()) == count
        wait_for("all to be tagged and answered", replied, 90)
        wait_for("the end of the outage in the log", lambda: "the mailbox is back" in daemon.log())
        self.assertLess(daemon.stop(), 5)
        # Not those in the customers' mailboxes are counted: Postfix puts off what it cannot hand
        # to Dovecot, and delivers once more what Dovecot had taken when it was stopped.
        sent = re.findall(r"outcome=sent .*message-id=(\S+)", daemon.log())
        self.assertEqual(len(sent), count)
        self.assertEqual(len(set(sent)), count)


if __name__ == "__main__":
    unittest.main(verbosity=2)
