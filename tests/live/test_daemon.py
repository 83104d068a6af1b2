"""The daemon between a real Dovecot and a real Postfix: what agents and customers get to see."""

import csv
import email.utils
import json
import os
import re
import signal
import unittest

from testbed import OUTCOMES, SOURCE, SPAM, LiveTest, Mailbox, children, mail, ticket, wait_for



def labels():
    with open(os.path.join(SOURCE, "tests/mails/tickets/labels.tsv"), encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def memory_holds(pid, needle):
    """Whether needle stands anywhere in the writable memory of a process (as root)."""
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps, open(f"/proc/{pid}/mem", "rb") as memory:
        for line in maps:
            fields = line.split()
            if not fields[1].startswith("rw"):
                continue
            begin, end = (int(part, 16) for part in fields[0].split("-"))
            try:
                memory.seek(begin)
                if needle in memory.read(end - begin):
                    return True
            except (OSError, ValueError):
                continue
    return False


class Answering(LiveTest):
    def test_every_labelled_ticket(self):
        """Each ticket is tagged and gets the reply its label allows: one, or none."""
        rows = labels()
        for row in rows:
            self.deliver(ticket("tickets/" + row["file"]))
        daemon = self.daemon(reply="global = { messages = 0; minutes = 20; };"
                                   "per_sender = { messages = 0; hours = 1; };").start()
        mails = self.box.settled(len(rows))
        self.assert_all_unseen()
        answered = 0
        for row, one in zip(rows, sorted(mails, key=lambda one: one["uid"])):
            outcome = one["flags"] & OUTCOMES
            self.assertEqual(len(outcome), 1, (row["file"], one))
            if row["auto_reply"] == "no":
                self.assertEqual(outcome, {"triage-no-reply"}, row["file"])
            answered += outcome == {"triage-replied"}
        wait_for("all replies", lambda: len(self.servers.all_replies()) >= answered)
        wait_for("all copies", lambda: len(self.box.mails("Sent")) >= answered)
        daemon.stop()
        self.assertEqual(len(self.servers.all_replies()), answered)
        self.assertEqual(len(self.box.mails("Sent")), answered)
        self.assertGreaterEqual(answered, 70)

    def test_the_reply(self):
        """The reply's envelope and header are the contract's; one copy stands in Sent."""
        self.daemon().start()
        self.deliver(mail("Posta bloccata", SPAM, message_id="<t1@example.org>",
                          headers="References: <t0@example.org>\r\n"))
        reply, = self.replies_to("anna.bassi@example.org", 1)
        self.assertEqual(reply["return-path"], "<>")
        self.assertEqual(reply["to"], "anna.bassi@example.org")
        self.assertEqual(email.utils.parseaddr(str(reply["from"])), ("Assistenza", "assistenza@provider.example.it"))
        self.assertRegex(reply["subject"], r"^Re: Posta bloccata \[TR-[0-9A-Z]{6}\]$")
        self.assertEqual(reply["in-reply-to"], "<t1@example.org>")
        self.assertEqual(str(reply["references"]).split(), ["<t0@example.org>", "<t1@example.org>"])
        self.assertEqual(reply["auto-submitted"], "auto-replied")
        self.assertEqual(reply["x-auto-response-suppress"], "All")
        self.assertEqual(reply["x-triaged-loop"], "helpdesk-1")
        self.assertEqual(reply.get_content_type(), "text/plain")
        self.assertEqual(reply.get_param("charset"), "utf-8")
        self.assertEqual(reply.get_param("format"), "flowed")
        self.assertIn("spam detected", reply.get_content())
        mails = self.box.settled(1)
        self.assertTrue({"triage-spam-detected", "triage-missing-date", "triage-replied"} <= mails[0]["flags"])
        sent = wait_for("the copy in Sent", lambda: self.box.mails("Sent"))
        self.assertEqual([one["message_id"] for one in sent], [reply["message-id"]])

    def test_modes(self):
        """observe touches nothing, tag only tags, draft drafts; none of them sends."""
        self.deliver(mail("Posta bloccata", SPAM))
        daemon = self.daemon(mode="observe")
        self.assertEqual(daemon.run("--once").returncode, 0)
        self.assertEqual([one["flags"] - {"\\Recent"} for one in self.box.mails()], [set()])
        self.assertEqual([row["class"] for row in daemon.journal()], ["spam-detected"])
        self.deliver(mail("Ancora bloccata", SPAM + " Grazie"))
        daemon.configure(mode="tag")
        self.assertEqual(daemon.run("--once").returncode, 0)
        self.assertIn("triage-spam-detected", self.box.mails()[1]["flags"])
        self.deliver(mail("Sempre bloccata", SPAM + " Saluti"))
        daemon.configure(mode="draft")
        self.assertEqual(daemon.run("--once").returncode, 0)
        self.assertIn("triage-drafted", self.box.mails()[2]["flags"])
        draft, = self.box.mails("Drafts")
        self.assertIn("\\Draft", draft["flags"])
        self.assertEqual(self.servers.all_replies(), [])
        self.assert_all_unseen()

    def test_no_sent_copy_when_turned_off(self):
        self.deliver(mail("Posta bloccata", SPAM))
        self.assertEqual(self.daemon(mailbox='sent = "";').run("--once").returncode, 0)
        self.assertEqual(len(self.servers.all_replies()), 1)
        self.assertEqual(self.box.mails("Sent"), [])

    def test_machines_get_no_reply(self):
        """Auto-replies, lists, bounces of ours and loops are tagged and never answered."""
        machines = ["Auto-Submitted: auto-replied", "Precedence: bulk", "List-Id: <x.example.org>",
                    "X-Auto-Response-Suppress: All", "X-Triaged-Loop: helpdesk-1", "X-Spam-Flag: YES"]
        for header in machines:
            self.deliver(mail("Errore " + header, SPAM + " " + header, headers=header + "\r\n"))
        self.servers.deliver(mail("Null", SPAM + " null"), user=self.user, sender="")
        self.assertEqual(self.daemon().run("--once").returncode, 0)
        for one in self.box.mails():
            self.assertIn("triage-no-reply", one["flags"], one)
        self.assertEqual(self.servers.all_replies(), [])

    def test_limits_hold(self):
        """Beyond the sender's limit nothing is sent; the mail is held for an agent."""
        for number in range(4):
            self.deliver(mail(f"Posta {number}", f"{SPAM} n. {number}"))
        daemon = self.daemon(reply="per_sender = { messages = 2; hours = 1; };")
        self.assertEqual(daemon.run("--once").returncode, 0)
        self.assertEqual(len(self.servers.all_replies()), 2)
        held = [one for one in self.box.mails() if "triage-held" in one["flags"]]
        self.assertEqual(len(held), 2)
        reasons = sorted(row["reason"] for row in daemon.journal() if row["outcome"] == "held")
        self.assertEqual(reasons, ["sender-limit", "sender-limit"])


class Passes(LiveTest):
    def test_follow_up_is_no_new_ticket(self):
        """What answers our question is no new ticket: the fallback would ask for other things."""
        daemon = self.daemon().start()
        self.deliver(mail("Errore", SPAM, message_id="<first@example.org>"))
        self.box.settled(1)
        reply = self.replies_to("anna.bassi@example.org", 1)[0]
        headers = f"In-Reply-To: {reply['message-id']}\r\nReferences: <first@example.org> {reply['message-id']}\r\n"
        self.deliver(mail(reply["subject"], "Il destinatario è x@example.com, era ieri alle 15.", headers=headers),
                     mail(reply["subject"], "Non ho capito, potete telefonarmi?", headers=headers),
                     mail(reply["subject"], "Grazie mille!", headers=headers))
        flags = [found["flags"] for found in self.box.settled(4)][1:]
        self.assertEqual([tags & OUTCOMES for tags in flags],
                         [{"triage-replied"}, {"triage-held"}, {"triage-no-reply"}])
        self.assertEqual(len(self.servers.all_replies()), 2)
        daemon.stop()

    def test_class_without_reply_blocks_nothing(self):
        """A class that only tags may have no reply; a limit that holds one must not need it."""
        daemon = self.daemon(reply="per_sender = { messages = 1; hours = 24; };")
        own = os.path.join(daemon.dir, "catalogue")
        os.mkdir(own)
        with open(os.path.join(own, "tagged.conf"), "w", encoding="ascii") as file:
            file.write('class = { id = "tagged"; title = "T"; mode = "tag"; signatures = ( { id = "s"; '
                       'layer = "site"; text = "only a tag"; examples = { match = [ "only a tag" ]; '
                       'no_match = [ "x" ]; }; } ); };')
        with open(daemon.config, encoding="utf-8") as file:
            settings = file.read()
        with open(daemon.config, "w", encoding="utf-8") as file:
            file.write(settings.replace('catalogue" ]', f'catalogue", "{own}" ]'))
        daemon.start()
        self.deliver(mail("Prima", SPAM), mail("Seconda", "Non riesco a inviare: 550 only a tag"),
                     mail("Terza", SPAM, sender="altra@example.org"))
        flags = [found["flags"] & OUTCOMES for found in self.box.settled(3)]
        self.assertEqual(flags, [{"triage-replied"}, {"triage-held"}, {"triage-replied"}])
        daemon.stop()

    def test_first_start_answers_only_what_arrives(self):
        self.deliver(mail("Prima", SPAM))
        self.daemon(start="now").start()
        first = self.box.settled(1)
        self.assertIn("triage-no-reply", first[0]["flags"])
        self.assertIn("triage-spam-detected", first[0]["flags"])
        self.deliver(mail("Dopo", SPAM + " di nuovo"))
        self.replies_to("anna.bassi@example.org", 1)
        self.assertEqual(len(self.servers.all_replies()), 1)

    def test_once_twice_sends_once(self):
        self.deliver(mail("Posta bloccata", SPAM))
        daemon = self.daemon()
        for _ in range(2):
            done = daemon.run("--once")
            self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(self.servers.all_replies()), 1)

    def test_dry_run_changes_nothing(self):
        self.deliver(mail("Posta bloccata", SPAM))
        before = self.box.mails()
        daemon = self.daemon()
        done = daemon.run("-n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('"class":"spam-detected"', done.stdout.replace(" ", ""))
        self.assertRegex(done.stdout, r'"file": ?"assistenza/\d+/1"')
        self.assertEqual(self.box.mails(), before)
        self.assertFalse(os.path.exists(daemon.state))
        self.assertEqual(self.servers.all_replies(), [])

    def test_copy_of_a_mail_is_not_answered_again(self):
        one = mail("Posta bloccata", SPAM)
        self.deliver(one)
        self.daemon().start()
        self.replies_to("anna.bassi@example.org", 1)
        client = self.servers.imap(self.user, readonly=False)
        client.uid("COPY", "1", "INBOX")
        client.logout()
        mails = self.box.settled(2)
        self.assertIn("triage-spam-detected", mails[1]["flags"])
        self.assertEqual(len(self.servers.all_replies()), 1)

    def test_uidvalidity_change(self):
        """Known mails are tagged again under their new UIDs and never answered again."""
        for number in range(3):
            self.deliver(mail(f"Posta {number}", f"{SPAM} n. {number}"))
        daemon = self.daemon()
        self.assertEqual(daemon.run("--once").returncode, 0)
        client = self.servers.imap(self.user, readonly=False)
        for flag in {flag for one in self.box.mails() for flag in one["flags"] if flag.startswith("triage")}:
            client.uid("STORE", "1:*", "-FLAGS.SILENT", f"({flag})")
        client.logout()
        self.servers.control("stop-imap")
        inbox = os.path.join(self.servers.dir, "support/assistenza/Maildir")
        for name in os.listdir(inbox):
            if name.startswith("dovecot"):
                os.unlink(os.path.join(inbox, name))
        self.servers.control("start-imap")
        self.assertEqual(daemon.run("--once").returncode, 0)
        for one in self.box.mails():
            self.assertTrue({"triage-spam-detected", "triage-replied"} <= one["flags"], one)
        self.assertEqual(len(self.servers.all_replies()), 3)

    def test_large_mail_is_read_in_part(self):
        filler = "x" * 70 + "\r\n"
        self.deliver(mail("Grande", SPAM + "\r\n" + filler * 3000))
        self.assertEqual(self.daemon(limits="message_bytes = 20000;").run("--once").returncode, 0)
        self.assertIn("triage-spam-detected", self.box.mails()[0]["flags"])

    def test_two_mailboxes(self):
        """A Maildir and an sdbox side by side."""
        other = self.servers["SUPPORT_SDBOX"]
        self.deliver(mail("Uno", SPAM))
        self.deliver(mail("Due", SPAM + " due"), user=other)
        daemon = self.daemon(users=[("assistenza", self.user), ("help", other)])
        self.assertEqual(daemon.run("--once").returncode, 0)
        for user in (self.user, other):
            self.assertIn("triage-replied", Mailbox(self.servers, user).mails()[0]["flags"])
        self.assertEqual(len(self.servers.all_replies()), 2)


class Troubles(LiveTest):
    def test_imap_outage(self):
        daemon = self.daemon().start()
        self.deliver(mail("Prima", SPAM))
        self.box.settled(1)
        self.replies_to("anna.bassi@example.org", 1)
        self.servers.control("stop-imap")
        wait_for("the outage in the log", lambda: "out of reach" in daemon.log())
        self.servers.control("start-imap")
        self.deliver(mail("Dopo", SPAM + " dopo"))
        self.box.settled(2)
        self.assertIsNone(daemon.process.poll())
        self.replies_to("anna.bassi@example.org", 2)
        self.assertEqual(len(self.servers.all_replies()), 2)

    def test_smtp_outage(self):
        self.servers.control("stop-smtp")
        daemon = self.daemon()
        self.deliver(mail("Posta", SPAM))
        self.assertEqual(daemon.run("--once").returncode, 75)
        self.assertIn("triage-spam-detected", self.box.mails()[0]["flags"])
        self.assertNotIn("triage-replied", self.box.mails()[0]["flags"])
        self.servers.control("start-smtp")
        row = daemon.ctl("outbox", "list").stdout
        number = re.search(r"^\s*(\d+)", row, re.MULTILINE).group(1)
        self.assertEqual(daemon.ctl("outbox", "retry", number).returncode, 0)
        self.assertEqual(daemon.run("--once").returncode, 0)
        self.assertIn("triage-replied", self.box.mails()[0]["flags"])
        self.assertEqual(len(self.servers.all_replies()), 1)

    def test_analyst_that_hangs_costs_one_analysis(self):
        daemon = self.daemon(limits="analyse_seconds = 1;", extra="analysts = 1;").start()
        self.deliver(mail("Prima", SPAM))
        self.box.settled(1)
        analyst = daemon.descendants()[-1]
        os.kill(analyst, signal.SIGSTOP)
        self.deliver(mail("Appesa", SPAM + " appesa"))
        mails = self.box.settled(2)
        self.assertIn("triage-error", mails[1]["flags"])
        self.deliver(mail("Dopo", SPAM + " dopo"))
        mails = self.box.settled(3)
        self.assertIn("triage-replied", mails[2]["flags"])
        kept = os.listdir(os.path.join(daemon.state, "quarantine"))
        self.assertEqual(len([name for name in kept if name.endswith(".eml")]), 1)
        self.assertIn("could not be analysed", daemon.log())

    def test_killed_roles_come_back(self):
        daemon = self.daemon().start()
        self.deliver(mail("Prima", SPAM))
        self.box.settled(1)
        for pid in daemon.descendants()[1:]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.deliver(mail("Dopo", SPAM + " dopo"))
        self.box.settled(2)
        self.assertEqual(len(self.servers.all_replies()), 2)

    def test_stop_within_seconds(self):
        daemon = self.daemon().start()
        self.deliver(mail("Prima", SPAM))
        self.box.settled(1)
        self.assertLess(daemon.stop(), 5)

    def test_reload(self):
        """A bad configuration is refused and the old one stays; a good one comes into force."""
        daemon = self.daemon().start()
        self.deliver(mail("Prima", SPAM))
        self.box.settled(1)
        with open(daemon.config, "a", encoding="utf-8") as file:
            file.write("instanse = 1;\n")
        daemon.reload()
        wait_for("the refusal in the log", lambda: "the old one stays" in daemon.log())
        self.assertRegex(daemon.log(), r"triaged\.conf:\d+: .*instanse.*instance")
        self.deliver(mail("Seconda", SPAM + " seconda"))
        self.box.settled(2)
        self.assertEqual(len(self.servers.all_replies()), 2)
        daemon.configure(mode="draft")
        daemon.reload()
        wait_for("the reload in the log", lambda: "was reloaded" in daemon.log())
        self.deliver(mail("Terza", SPAM + " terza"))
        mails = self.box.settled(3)
        self.assertIn("triage-drafted", mails[2]["flags"])
        self.assertEqual(len(self.servers.all_replies()), 2)

    def test_secrets_stay_out_of_sight(self):
        """No password in the log, the processes' command lines or environment; an open file is refused."""
        daemon = self.daemon().start()
        self.deliver(mail("Prima", SPAM))
        self.box.settled(1)
        password = self.servers["MAIL_PASSWORD"]
        for pid in daemon.descendants():
            for name in ("cmdline", "environ"):
                with open(f"/proc/{pid}/{name}", "rb") as file:
                    self.assertNotIn(password.encode(), file.read())
        daemon.stop()
        self.assertNotIn(password, daemon.log())
        self.assertNotIn("spam detected", daemon.log())
        os.chmod(daemon.password, 0o644)
        done = daemon.run("--check-config")
        self.assertEqual(done.returncode, 78)
        self.assertRegex(done.stderr, r"triaged\.conf:\d+: .*password")
        os.chmod(daemon.password, 0o600)
        self.assertEqual(daemon.run("--check-config").returncode, 0)
        os.chmod(daemon.state, 0o750)
        done = daemon.run("--check-config")
        self.assertEqual(done.returncode, 78)
        self.assertRegex(done.stderr, r"triaged\.conf:\d+: state directory .*chmod 700")

    def test_password_is_read_anew(self):
        """A password that is changed, or a token that expires, needs no restart."""
        daemon = self.daemon()
        with open(daemon.password, "w", encoding="ascii") as file:
            file.write("no longer right\n")
        daemon.start()
        wait_for("the refusal in the log", lambda: "login refused" in daemon.log())
        with open(daemon.password, "w", encoding="ascii") as file:
            file.write(self.servers["MAIL_PASSWORD"] + "\n")
        self.deliver(mail("Prima", SPAM))
        wait_for("the courier's refusal", lambda: "replies wait" in daemon.log())
        reply = json.loads(daemon.ctl("outbox", "list", "--json").stdout.splitlines()[0])
        daemon.ctl("outbox", "retry", str(reply["id"]))
        self.box.settled(1)


    def test_analysts_hold_no_credential(self):
        """The password is in the memory of the watcher and the courier, and of nobody else."""
        daemon = self.daemon().start()
        self.deliver(mail("Prima", SPAM))
        self.box.settled(1)
        password = self.servers["MAIL_PASSWORD"].encode() + b"\0"
        holders = {pid: memory_holds(pid, password) for pid in daemon.descendants()}
        watcher = next(pid for pid in holders if pid != daemon.process.pid and children(pid))
        nursery = children(watcher)[0]
        self.assertTrue(holders[watcher], "the search itself works")
        self.assertEqual(len(children(nursery)), 2)
        for pid in [daemon.process.pid, nursery] + children(nursery):
            self.assertFalse(holders[pid], f"process {pid} holds the password")


if __name__ == "__main__":
    unittest.main(verbosity=2)
