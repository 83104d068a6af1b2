"""The store as the admin treats it while the service works: backed up, restored, forgotten."""

import json
import os
import re
import shutil
import signal
import threading
import time

from testbed import SPAM, LiveTest, mail, wait_for

ANNA, BRUNO, CARLA = "anna.bassi@example.org", "bruno@example.com", "carla@example.net"
SECRET = "parole-che-nessuno-deve-leggere"


class Admin(LiveTest):
    def state_holds(self, daemon, text):
        """The files of the state directory whose bytes hold a text, in either case."""
        found = []
        for root, _, names in os.walk(daemon.state):
            for name in names:
                with open(os.path.join(root, name), "rb") as file:
                    if text.encode().lower() in file.read().lower():
                        found.append(name)
        return found

    def ctl(self, daemon, *arguments, status=0):
        done = daemon.ctl(*arguments)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout

    def test_forget_while_it_works(self):
        """While mail of others comes in, a person is exported and forgotten: no byte of her is left,
        nobody is answered twice, and she is still held to the limit."""
        daemon = self.daemon(reply="per_sender = { messages = 2; hours = 24; };").start()
        for number in range(2):
            self.deliver(mail(f"{SECRET} {number}", f"{SPAM} {number} {SECRET}", sender=ANNA))
        self.deliver(mail("Con Anna", f"{SPAM} Scrivevo a {ANNA}. {SECRET}", sender=BRUNO))
        self.box.settled(3)
        self.replies_to(ANNA, 2)
        wait_for("the copies", lambda: len(self.box.mails("Sent")) == 3)
        exported = [json.loads(line) for line in self.ctl(daemon, "export", "--address", ANNA.upper()).splitlines()]
        self.assertEqual(exported[0]["mails"], 2)
        self.assertEqual(len(exported[0]["named_in_mails"]), 1)
        self.assertIn(SECRET, exported[1]["subject"])
        self.assertIn("Subject: Re:", json.dumps(exported[1]["outbox"]))
        stop = threading.Event()

        def load():
            number = 0
            while not stop.is_set():
                self.deliver(mail("Carico", f"{SPAM} {number}", sender=f"c{number}@example.org"))
                number += 1
                stop.wait(0.05)
        loader = threading.Thread(target=load)
        loader.start()
        try:
            wait_for("to be forgotten", lambda: daemon.ctl("forget", "--address", ANNA).returncode == 0, 60, 0.5)
        finally:
            stop.set()
            loader.join()
        self.assertEqual(self.state_holds(daemon, ANNA), [])
        self.assertEqual(self.state_holds(daemon, SECRET), [])
        self.assertRegex(self.ctl(daemon, "status"), r"last-forget .*mails erased")
        self.assertIn("forgotten", self.ctl(daemon, "show", "1"))
        self.assertIn("whole", self.ctl(daemon, "verify"))
        # The third within the limit of two.
        before = len(self.box.mails())
        self.deliver(mail("Ancora", SPAM + " terza", sender=ANNA))
        mails = self.box.settled(before + 1)
        self.assertIn("triage-held", mails[-1]["flags"])
        daemon.stop()
        self.assertEqual(daemon.run("--once").returncode, 0)
        self.assertEqual(len(self.servers.inbox_of(ANNA)), 2)
        self.assertEqual(len(self.servers.inbox_of(BRUNO)), 1)
        self.assertNotIn(" error", daemon.log().replace("last-error", ""))

    def test_prune_while_it_works(self):
        """All that is finished is erased at once; the mails are still known."""
        daemon = self.daemon().start()
        self.deliver(mail(SECRET, SPAM, sender=ANNA))
        self.box.settled(1)
        wait_for("the copy", lambda: self.box.mails("Sent"))
        wait_for("the outbox to be empty", lambda: "empty" in daemon.ctl("outbox", "list").stdout or
                 not daemon.ctl("outbox", "list").stdout.strip())
        self.assertIn("1 mails erased", self.ctl(daemon, "prune", "--older-than", "2030-01-01"))
        self.assertEqual(self.state_holds(daemon, ANNA), [])
        self.assertEqual(self.state_holds(daemon, SECRET), [])
        client = self.servers.imap(self.user, readonly=False)
        client.uid("COPY", "1", "INBOX")
        client.logout()
        self.box.settled(2)
        daemon.stop()
        self.assertEqual(len(self.servers.all_replies()), 1)

    def test_restore(self):
        """The store is lost after the backup: who was answered since is not answered again."""
        daemon = self.daemon().start()
        self.deliver(mail("Prima", SPAM, sender=ANNA))
        self.box.settled(1)
        backup = os.path.join(daemon.dir, "backup")
        self.ctl(daemon, "backup", backup)
        self.assertEqual(os.stat(backup).st_mode & 0o777, 0o600)
        self.assertIn("is there already", daemon.ctl("backup", backup).stderr)
        self.ctl(daemon, "verify", backup)
        self.deliver(mail("Dopo", SPAM + " due", sender=BRUNO))
        self.box.settled(2)
        self.replies_to(BRUNO, 1)
        daemon.stop()
        self.assertIn("move it away", daemon.ctl("restore", backup).stderr)
        shutil.move(daemon.state, daemon.state + ".lost")
        self.ctl(daemon, "restore", backup)
        self.ctl(daemon, "verify")
        daemon.start()
        wait_for("the backlog to be bounded", lambda: "the store was restored" in daemon.log())
        self.deliver(mail("Nuova", SPAM + " tre", sender=CARLA))
        self.box.settled(3)
        self.replies_to(CARLA, 1)
        daemon.stop()
        for address in (ANNA, BRUNO, CARLA):
            self.assertEqual(len(self.servers.inbox_of(address)), 1, address)


class Signals(LiveTest):
    def test_bad_reload(self):
        """What cannot work is refused with its place, and the old configuration goes on."""
        daemon = self.daemon().start()
        self.deliver(mail("Prima", SPAM))
        self.box.settled(1)
        roles = set(daemon.descendants())
        good, secret = daemon.config, daemon.password
        with open(good, encoding="utf-8") as file:
            text = file.read()
        other = os.path.join(daemon.dir, "other")
        with open(other, "w", encoding="ascii") as file:
            file.write("parola\n")
        os.chmod(other, 0o644)
        cases = [(secret, "/nowhere/secret", r"triaged\.conf:6: 'password_file': /nowhere/secret: No such file"),
                 (secret, other, r"triaged\.conf:7: 'password_file': .*chmod 0600 it"),
                 ('mode = "send"', 'mode = "sent"', r"triaged\.conf:4: setting 'mode' must be one of"),
                 ("mailboxes = (", "mailboxes = (;", r"triaged\.conf:6: syntax error")]
        for old, new, words in cases:
            with open(good, "w", encoding="utf-8") as file:
                file.write(text.replace(old, new))
            daemon.reload()
            wait_for(words, lambda words=words: re.search("the old one stays in force.*" + words, daemon.log()))
        self.assertEqual(set(daemon.descendants()), roles)
        self.deliver(mail("Dopo", SPAM + " dopo"))
        self.box.settled(2)
        self.replies_to(ANNA, 2)
        with open(good, "w", encoding="utf-8") as file:
            file.write(text)
        daemon.reload()
        wait_for("a good one", lambda: "the configuration was reloaded" in daemon.log())

    def test_looks_at_once(self):
        """SIGUSR1: whatever the polls say."""
        daemon = self.daemon(mailbox="poll_seconds = 3600; idle = false;").start()
        wait_for("a first look", lambda: '"last-success"' in daemon.ctl("status", "--json").stdout)
        self.deliver(mail("Subito", SPAM))
        begun = time.monotonic()
        daemon.signal(signal.SIGUSR1)
        self.replies_to(ANNA, 1)
        print(f"from SIGUSR1 to the reply: {time.monotonic() - begun:.2f} s")

    def test_restart_under_load(self):
        """Restarted and reloaded while mail comes in: each is answered once."""
        daemon = self.daemon(reply="global = { messages = 0; minutes = 20; };").start()
        count, rounds = 60, 6
        for turn in range(rounds):
            for number in range(turn * count // rounds, (turn + 1) * count // rounds):
                self.deliver(mail(f"Posta {number}", f"{SPAM} {number}", sender=f"c{number}@example.org"))
            if turn % 2:
                daemon.reload()
            else:
                daemon.stop()
                daemon.start()
        mails = self.box.settled(count)
        self.assertEqual({"triage-replied" in one["flags"] for one in mails}, {True})
        wait_for("all replies", lambda: len(self.servers.all_replies()) >= count)
        daemon.stop()
        self.assertEqual(daemon.run("--once").returncode, 0)
        replies = self.servers.all_replies()
        self.assertEqual(len(replies), count)
        self.assertEqual(len({address for address, _ in replies}), count)
        self.assertIn("whole", daemon.ctl("verify").stdout)
