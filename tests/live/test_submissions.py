"""SMTP servers in trouble: the conversations of tests/talks with the real triaged."""

import re
import signal
import unittest

from network import ANNA, BRUNO, EX_OK, EX_TEMPFAIL, SPAM, STRICT_HOST, NetworkTest
from testbed import OUTCOMES, mail, wait_for

TROUBLE = "the SMTP server is in trouble, replies wait "

# One reply, one talk: what the log says, what becomes of the mail and of its reply.
TALKS = [
    ("smtp-421-greeting", TROUBLE + ".*too many connections", "pending", "queued"),
    ("smtp-554-greeting", TROUBLE + ".*no service for you", "pending", "queued"),
    ("smtp-452-rcpt", TROUBLE + "step=rcpt ", "pending", "queued"),
    ("smtp-530-mail", TROUBLE + "step=mail .*authentication required", "pending", "queued"),
    ("smtp-451-final", "outcome=retry state=queued step=message code=451", "pending", "queued"),
    ("smtp-drop-rcpt", "outcome=retry state=queued step=rcpt .*connection lost", "pending", "queued"),
    ("smtp-garbage-drop", TROUBLE + "step=connect ", "pending", "queued"),
    ("smtp-garbage-mail", TROUBLE + "step=mail ", "pending", "queued"),
    ("smtp-endless-line", TROUBLE + "step=mail ", "pending", "queued"),
    ("smtp-endless-reply", TROUBLE + "step=mail ", "pending", "queued"),
    ("smtp-garbage-dot", "outcome=unknown state=unknown step=message", "held", "unknown"),
    ("smtp-drop-dot", "outcome=unknown state=unknown step=message", "held", "unknown"),
    ("smtp-550-mail", TROUBLE + "step=mail .*no null senders here", "held", "refused"),
    ("smtp-554-relay", TROUBLE + "step=rcpt .*relay access denied", "held", "refused"),
    ("smtp-550-rcpt", "outcome=refused state=refused step=rcpt code=550 .*no such user", "held", "refused"),
    ("smtp-550-data", "outcome=refused state=refused step=data code=554 .*no valid recipients", "held", "refused"),
    ("smtp-550-final", "outcome=refused state=refused step=message code=554 .*spam", "held", "refused"),
    ("smtp-too-large", "outcome=refused state=refused step=mail ", "held", "refused"),
]

# Where trust is not established or not given: the peer sees that neither login nor mail is said.
UNTRUSTED = [
    ("smtp-starttls-stripped", "smtp", STRICT_HOST, "does not offer STARTTLS: use .*smtps://"),
    ("smtp-starttls-refused", "smtp", STRICT_HOST, "STARTTLS"),
    ("smtp-starttls-injected", "smtp", STRICT_HOST, "[Ww]eird server reply"),
    ("smtp-tls-untrusted", "smtp", "127.0.0.1", "certificate.*set ca_file"),
    ("smtp-tls-expired", "smtp", "127.0.0.1", "certificate has expired"),
    ("smtp-tls-other-name", "smtp", "127.0.0.1", "certificate|no alternative"),
    ("smtps-untrusted", "smtps", "127.0.0.1", "certificate.*set ca_file"),
    ("smtp-auth-refused", "smtp", "127.0.0.1", "login refused: check user and password"),
    ("smtp-auth-unavailable", "smtp", "127.0.0.1", "temporary failure"),
    ("smtp-auth-not-offered", "smtp", "127.0.0.1", "offers no AUTH"),
]


class Submission(NetworkTest):
    def submit(self, talk, *mails, scheme="smtp", host="127.0.0.1", login=False, smtp="connections = 1;"):
        """One pass over mails with the talk as the SMTP server."""
        self.deliver(*mails)
        peer = self.peer(talk)
        daemon = self.daemon(smtp_server=self.server(peer, scheme, host, login), smtp=smtp)
        done = daemon.run("--once")
        said = peer.finish()
        self.assert_no_leak(daemon, done)
        return daemon, done, said

    def test_each_talk(self):
        """The outcome, the outbox, the log and the exit status of every trouble with one reply."""
        for talk, words, outcome, state in TALKS:
            with self.subTest(talk):
                self.servers.empty()
                daemon, done, _ = self.submit(talk, mail("Uno", SPAM))
                self.assertRegex(done.stderr, words)
                self.assertEqual(self.outcomes(daemon), [outcome])
                self.assertEqual([row["state"] for row in self.outbox(daemon)], [state])
                self.assertEqual(done.returncode, EX_TEMPFAIL if state == "queued" else EX_OK, done.stderr)
                flags = self.box.mails()[0]["flags"] & OUTCOMES
                self.assertEqual(flags, set() if state == "queued" else {"triage-held"})
                self.assertEqual(TROUBLE.strip() in done.stderr, "last-error" in daemon.ctl("status").stdout)

    def test_trouble_that_passes(self):
        """421, greylisting: put off, the next mail is tried on, nothing is lost or doubled."""
        for talk, words in (("smtp-421-rcpt", "going down"), ("smtp-451-then-sent", "greylisted")):
            with self.subTest(talk):
                self.servers.empty()
                daemon, done, _ = self.submit(talk, mail("Uno", SPAM), mail("Due", SPAM + " due", sender=BRUNO))
                self.assertEqual(done.returncode, EX_TEMPFAIL, done.stderr)
                self.assertRegex(done.stderr, rf"outcome=retry state=queued.*code=4[25]1.*server=.{words}")
                self.assertEqual(self.outcomes(daemon), ["pending", "replied"])
                self.assertNotIn("triage-held", str(self.box.mails()))
                self.assert_later_sent_once(daemon, [ANNA])
                self.assertEqual(self.outcomes(daemon), ["replied"] * 2)

    def test_kept_connection_closed(self):
        """Between two mails: the second goes over a new one, at once."""
        daemon, done, _ = self.submit("smtp-stale", mail("Uno", SPAM), mail("Due", SPAM + " due", sender=BRUNO))
        self.assertEqual(done.returncode, EX_OK, done.stderr)
        self.assertEqual(self.outcomes(daemon), ["replied"] * 2)

    def test_seven_bits_are_enough(self):
        """A server without 8BITMIME gets every reply, and not one byte above 127."""
        _, done, said = self.submit("smtp-451-then-sent", mail("Perché?", SPAM), mail("Più", SPAM, sender=BRUNO))
        self.assertEqual(done.returncode, EX_TEMPFAIL, done.stderr)
        self.assertIn("Content-Transfer-Encoding", said)
        self.assertTrue(said.isascii())

    def test_no_smtputf8(self):
        """An address that this server cannot be told: held for an agent, the next one is answered."""
        self.servers.deliver(mail("Uno", SPAM, sender="niccolò@example.org"), user=self.user, sender="n@example.org")
        daemon, done, _ = self.submit("smtp-no-utf8")
        self.assertEqual(done.returncode, EX_OK, done.stderr)
        self.assertRegex(done.stderr, "outcome=refused state=refused step=mail .*SMTPUTF8")
        self.assertEqual(self.outcomes(daemon), ["held"])
        self.deliver(mail("Due", SPAM + " due"))
        self.assert_later_sent_once(daemon, [ANNA])

    def test_refused_recipient(self):
        """550: the address is closed for a while; of a refused null sender no address suffers."""
        for talk, second in (("smtp-550-rcpt", "bounced-before"), ("smtp-550-mail", None)):
            with self.subTest(talk):
                self.servers.empty()
                daemon, _, _ = self.submit(talk, mail("Uno", SPAM))
                self.deliver(mail("Due", SPAM + " due"))
                daemon.configure()
                self.assertEqual(daemon.run("--once").returncode, EX_OK)
                rows = self.rows(daemon)
                self.assertEqual(rows[0]["reason"], "the reply was refused")
                self.assertEqual(rows[1]["outcome"], "no-reply" if second else "replied")
                if second:
                    self.assertEqual(rows[1]["reason"], second)

    def test_lost_after_the_dot(self):
        """Nobody knows: held, shown, not sent again; an agent may release it."""
        daemon, _, _ = self.submit("smtp-drop-dot", mail("Uno", SPAM))
        self.assertEqual(self.rows(daemon)[0]["reason"], "the reply's fate is unknown")
        self.assert_later_sent_once(daemon, [])
        self.assertEqual(daemon.ctl("outbox", "release", str(self.outbox(daemon)[0]["id"])).returncode, EX_OK)
        self.assert_later_sent_once(daemon, [ANNA])
        self.assertEqual(self.box.mails()[0]["flags"] & OUTCOMES, {"triage-replied"})

    def test_lost_after_the_dot_and_resent(self):
        """As the admin chose: the same mail once more."""
        daemon, _, said = self.submit("smtp-drop-dot", mail("Uno", SPAM), smtp='on_unknown = "resend";')
        first = re.search(r"Message-ID: (\S+)", said, re.IGNORECASE).group(1)
        self.assert_later_sent_once(daemon, [ANNA])
        reply, = self.replies_to(ANNA, 1)
        self.assertEqual(str(reply["message-id"]), first)

    def test_nothing_leaks(self):
        """The reply waits, log and status name the cause; with a good server it goes out, once."""
        self.deliver(mail("Uno", SPAM))
        daemon = self.daemon()
        for talk, scheme, host, words in UNTRUSTED:
            with self.subTest(talk):
                peer = self.peer(talk)
                daemon.configure(smtp_server=self.server(peer, scheme, host, login=True))
                self.retry_now(daemon)
                done = daemon.run("--once")
                self.assertEqual(done.returncode, EX_TEMPFAIL, done.stderr)
                self.assertRegex(done.stderr, rf"{TROUBLE}.*({words})")
                self.assertRegex(daemon.ctl("status", "--json").stdout, words)
                self.assert_no_leak(daemon, done)
                peer.finish()
        self.assert_later_sent_once(daemon, [ANNA])

    def test_silence(self):
        """Stopped before the dot, it is certain that nothing went out: done again at once. After
        it nobody knows. The service stops in time."""
        for talk, until, state, replies in (("smtp-hang-rcpt", "C: RCPT", "retry state=queued", [ANNA]),
                                            ("smtp-hang-dot", r"C: \.$", "unknown state=unknown", [])):
            with self.subTest(talk):
                self.servers.empty()
                self.deliver(mail("Uno", SPAM))
                peer = self.peer(talk)
                daemon = self.daemon(smtp_server=self.server(peer, "smtp")).start()
                peer.hear_until(until)
                self.assertLess(daemon.stop(), 5)
                self.assertIn(f"outcome={state}", daemon.log())
                self.assert_later_sent_once(daemon, replies)

    def test_server_back(self):
        """Trouble is logged once, tried again with growing pauses, and its end is logged."""
        daemon = self.daemon()
        self.servers.control("stop-smtp")
        try:
            daemon.start()
            self.deliver(mail("Uno", SPAM), mail("Due", SPAM + " due", sender=BRUNO))
            wait_for("the trouble", lambda: daemon.log().count("outcome=retry") >= 2)
            self.assertEqual(daemon.log().count(TROUBLE), 1)
        finally:
            self.servers.control("start-smtp")
        self.retry_now(daemon)
        daemon.signal(signal.SIGUSR1)
        self.box.settled(2)
        self.assertIn("the SMTP server is back", daemon.log())
        wait_for("both replies", lambda: len(self.servers.all_replies()) == 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
