"""triagectl status in every state that a sysadmin meets: what is said, and the exit status."""

import json
import os
import re
import sqlite3
import subprocess

from testbed import SPAM, LiveTest, mail, wait_for

EX_OK, EX_UNAVAILABLE, EX_TEMPFAIL = 0, 69, 75


class Status(LiveTest):
    def status(self, daemon):
        """The exit status and the text; what the machine is told agrees, once things stand still."""
        done = daemon.ctl("status")
        machine = daemon.ctl("status", "--json")
        if machine.returncode != done.returncode or not machine.stdout:
            return None, ""
        told = json.loads(machine.stdout)
        self.assertEqual(told["healthy"], done.returncode == EX_OK)
        self.assertEqual(bool(told["problems"]), done.returncode != EX_OK)
        self.assertLess(done.stdout.count("\n"), 40, "one screen")
        return done.returncode, done.stdout

    def becomes(self, daemon, status, words):
        """Wait until the status is so and says so."""
        def look():
            code, text = self.status(daemon)
            return code == status and re.search(words, text)
        wait_for(f"status {status}: {words}", look, 60, 0.2)

    def test_healthy(self):
        daemon = self.daemon().start()
        self.deliver(mail("Uno", SPAM))
        self.box.settled(1)
        self.becomes(daemon, EX_OK, "^healthy\n")
        daemon.stop()
        self.assertEqual(self.status(daemon)[0], EX_OK, "also where cron calls --once")

    def test_mailbox_down(self):
        daemon = self.daemon().start()
        self.becomes(daemon, EX_OK, "^healthy")
        self.servers.control("stop-imap")
        self.becomes(daemon, EX_UNAVAILABLE, "mailbox 'assistenza' is out of reach since [0-9 :-]+: .*onnect")
        self.servers.control("start-imap")
        self.becomes(daemon, EX_OK, "^healthy")

    def test_never_reached(self):
        daemon = self.daemon()
        good = daemon.mailbox_group("assistenza", self.user, "all", "")
        daemon.configure(groups=good + ", " + good.replace('"assistenza"', '"altra"', 1).replace(
            self.servers["IMAPS_PORT"], "1"))
        daemon.run("--once")
        self.becomes(daemon, EX_UNAVAILABLE, "mailbox 'altra' is out of reach: .*onnect")
        self.assertNotIn("'assistenza'", self.status(daemon)[1])

    def test_not_running(self):
        """It looked last an hour ago, and nobody holds the mailbox."""
        daemon = self.daemon()
        daemon.run("--once")
        with sqlite3.connect(os.path.join(daemon.state, "triaged.db")) as database:
            database.execute("UPDATE note SET at = at - 3600000000 WHERE key = 'last-success'")
        database.close()
        self.becomes(daemon, EX_UNAVAILABLE, "looked into last at .*, and no process watches it")

    def test_smtp_down(self):
        self.servers.control("stop-smtp")
        daemon = self.daemon(mailbox="poll_seconds = 2;").start()
        self.deliver(mail("Uno", SPAM))
        self.becomes(daemon, EX_UNAVAILABLE, "no reply goes out, at .* the SMTP server said: .*onnect")
        # The admin's words work on the live store.
        entry = next(json.loads(row) for row in daemon.ctl("outbox", "list", "--json").stdout.splitlines()
                     if '"reply"' in row)
        self.assertIn("is queued again", daemon.ctl("outbox", "retry", str(entry["id"])).stdout)
        self.assertIn("is cancelled", daemon.ctl("outbox", "cancel", str(entry["id"])).stdout)
        wait_for("the agents' tag", lambda: "triage-held" in self.box.mails()[0]["flags"])
        self.servers.control("start-smtp")
        self.deliver(mail("Due", SPAM + " due", sender="b@example.org"))
        self.replies_to("b@example.org", 1)
        self.becomes(daemon, EX_OK, "^healthy")

    def test_breaker_open(self):
        daemon = self.daemon(reply="global = { messages = 2; minutes = 20; };").start()
        for number in range(4):
            self.deliver(mail("Uno", f"{SPAM} {number}", sender=f"c{number}@example.org"))
        self.box.settled(4)
        self.becomes(daemon, EX_TEMPFAIL, "ALL REPLIES ARE HELD since")

    def test_outbox_stuck(self):
        daemon = self.daemon()
        self.deliver(mail("Uno", SPAM, sender="x@later.test"))
        daemon.run("--once")
        with sqlite3.connect(os.path.join(daemon.state, "triaged.db")) as database:
            database.execute("UPDATE outbox SET queued_at = queued_at - 4 * 3600000000 WHERE kind = 'reply'")
        database.close()
        self.becomes(daemon, EX_TEMPFAIL, "outbox: 1 reply queued since .*\n.*outbox list says why")
        self.assertIn("451", daemon.ctl("outbox", "list").stdout)

    def test_disk_full(self):
        daemon = self.daemon()
        os.makedirs(daemon.state, mode=0o700)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m,mode=0700", "tmpfs", daemon.state], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", daemon.state], check=False)
        self.deliver(mail("Uno", SPAM))
        daemon.run("--once")
        self.becomes(daemon, EX_TEMPFAIL, "the disk of '.*' is full: [0-9]+ MB are left")
