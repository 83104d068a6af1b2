"""What agents get to see in the mailbox: notes, folders, copies for ticket systems, their corrections."""

import email
import email.policy
import json
import os
import re
import unittest

from testbed import SOURCE, SPAM, LiveTest, mail, wait_for

NO_LIMITS = "per_sender = { messages = 0; hours = 1; };"


class AgentsTest(LiveTest):
    def site(self, daemon, name, text):
        """Add a file to a directory of the helpdesk's own classes."""
        own = os.path.join(daemon.dir, "catalogue.d")
        os.makedirs(own, exist_ok=True)
        with open(os.path.join(own, name), "w", encoding="utf-8") as file:
            file.write(text)
        with open(daemon.config, encoding="utf-8") as file:
            settings = file.read()
        if own not in settings:
            with open(daemon.config, "w", encoding="utf-8") as file:
                file.write(settings.replace('catalogue" ]', f'catalogue", "{own}" ]', 1))

    def fetch(self, folder="INBOX"):
        """The mails of a folder: uid, flags, internal date, parsed mail, bytes."""
        client = self.servers.imap(self.user, folder)
        if client.state != "SELECTED":
            client.logout()
            return []
        _, data = client.uid("FETCH", "1:*", "(UID FLAGS INTERNALDATE BODY.PEEK[])")
        client.logout()
        found = []
        for item in data:
            if not isinstance(item, tuple):
                continue
            head = item[0].decode()
            found.append({
                "uid": int(re.search(r"UID (\d+)", head).group(1)),
                "flags": set(re.search(r"FLAGS \(([^)]*)\)", head).group(1).split()) - {"\\Recent"},
                "internaldate": re.search(r'INTERNALDATE "([^"]+)"', head).group(1),
                "mail": email.message_from_bytes(item[1], policy=email.policy.default),
                "bytes": item[1],
            })
        return found

    def folder_holds(self, folder, count):
        return wait_for(f"{count} mails in {folder}",
                        lambda: len(found := self.fetch(folder)) >= count and found)

    def once(self, daemon):
        done = daemon.run("--once")
        self.assertEqual(done.returncode, 0, done.stderr)
        return done


class Notes(AgentsTest):
    def test_note_beside_the_ticket(self):
        """A note in the thread, read already, in text and HTML, and no ticket of its own."""
        self.deliver(mail("Posta bloccata", SPAM + " <b>&", message_id="<t1@example.org>"))
        daemon = self.daemon(mailbox='note = "folder";')
        self.once(daemon)
        ticket, note = self.fetch()
        self.assertEqual(note["flags"], {"\\Seen"})
        self.assertNotIn("\\Seen", ticket["flags"])
        header = note["mail"]
        self.assertEqual(header["x-triaged-note"], "helpdesk-1")
        self.assertEqual(header["in-reply-to"], "<t1@example.org>")
        self.assertIn("<t1@example.org>", header["references"])
        self.assertEqual(header["auto-submitted"], "auto-generated")
        self.assertEqual(header.get_content_type(), "multipart/alternative")
        text = header.get_body(("plain",)).get_content()
        html = header.get_body(("html",)).get_content()
        for words in (text, html):
            self.assertIn("spam-detected", words)
            self.assertIn("spam detected", words)
            self.assertIn("anna.bassi@example.org", words)
            self.assertIn("Risposta inviata a anna.bassi@example.org.", words)
            self.assertIn("data dell'errore", words)
        self.assertNotIn("<b>&", html)
        for _ in range(2):
            self.once(daemon)
        self.assertEqual(len(self.fetch()), 2)
        self.assertEqual(len(daemon.journal()), 1)
        self.assertEqual(len(self.servers.all_replies()), 1)

    def test_note_tells_why_an_agent_is_needed(self):
        """With the outcome that it came to, not with the plan."""
        self.servers.control("stop-smtp")
        self.deliver(mail("Posta bloccata", SPAM))
        daemon = self.daemon(mailbox='note = "folder";')
        self.assertEqual(daemon.run("--once").returncode, 75)
        self.assertEqual(len(self.fetch()), 1, "no note before the outcome")
        row = daemon.ctl("outbox", "list").stdout
        number = re.search(r"^\s*(\d+)\s+\d+\s+reply", row, re.MULTILINE).group(1)
        self.assertEqual(daemon.ctl("outbox", "cancel", number).returncode, 0)
        self.servers.control("start-smtp")
        self.once(daemon)
        note = self.fetch()[1]["mail"].get_body(("plain",)).get_content()
        self.assertIn("In attesa di un operatore", note)

    def test_note_of_another_instance_is_no_ticket(self):
        self.deliver(mail("Posta bloccata", SPAM))
        self.once(self.daemon(mailbox='note = "folder";'))
        other = self.daemon(name="other", instance="helpdesk-2", mailbox='note = "folder";')
        self.once(other)
        natures = sorted(row["nature"] for row in other.journal())
        self.assertEqual(natures, ["own", "person"])
        self.assertEqual([row["class"] for row in other.journal() if row["nature"] == "own"], ["not-a-ticket"])

    def test_what_only_looks_like_a_note_is_journaled(self):
        """A customer may not make a mail vanish by a header of ours."""
        self.deliver(mail("Posta bloccata", SPAM, headers="X-Triaged-Note: helpdesk-1\r\n",
                          message_id="<note.1.00000000000000000000@provider.example.it>"))
        daemon = self.daemon(mailbox='note = "folder";')
        self.once(daemon)
        self.assertEqual(len(daemon.journal()), 1)
        self.assertIn("triage-no-reply", self.fetch()[0]["flags"])

    def test_backlog_and_other_mail_get_none(self):
        self.deliver(mail("Prima", SPAM))
        daemon = self.daemon(mailbox='note = "folder";', start="now").start()
        self.box.settled(1)
        self.deliver(mail("Newsletter", "Offerte", headers="List-Id: <x.example.org>\r\nPrecedence: list\r\n"))
        self.box.settled(2)
        daemon.stop()
        self.assertEqual(len(self.fetch()), 2)


class Folders(AgentsTest):
    MOVE = 'extend = { id = "spam-detected"; move_to = "Errori à"; };'

    def moving_daemon(self, **options):
        daemon = self.daemon(reply=NO_LIMITS, **options)
        self.site(daemon, "move.conf", self.MOVE)
        return daemon

    def moved(self):
        return self.fetch('"Errori &AOA-"')

    def test_class_moves_after_the_answer(self):
        """The ticket with its tags, its note and its follow-ups stand in one folder."""
        self.deliver(mail("Posta bloccata", SPAM, message_id="<first@example.org>"))
        daemon = self.moving_daemon(mailbox='note = "folder";')
        self.once(daemon)
        self.assertEqual(self.fetch(), [])
        ticket, note = self.moved()
        self.assertTrue({"triage-spam-detected", "triage-replied"} <= ticket["flags"])
        self.assertIn("x-triaged-note", note["mail"])
        place = daemon.journal()[0]
        self.assertEqual((place["folder"], place["uid"]), ("Errori à", ticket["uid"]))
        reply = self.replies_to("anna.bassi@example.org", 1)[0]
        self.deliver(mail(reply["subject"], "Il destinatario è x@example.com, era ieri alle 15.",
                          headers=f"In-Reply-To: {reply['message-id']}\r\n"
                                  f"References: <first@example.org> {reply['message-id']}\r\n"))
        self.once(daemon)
        self.assertEqual(self.fetch(), [])
        self.assertEqual(len([one for one in self.moved() if "x-triaged-note" not in one["mail"]]), 2)

    def test_tags_follow_a_moved_mail(self):
        """A reply that is released later still tags its mail where it stands then."""
        self.deliver(mail("Uno", SPAM), mail("Due", SPAM + " due"))
        daemon = self.daemon(reply="per_sender = { messages = 1; hours = 24; };")
        self.site(daemon, "move.conf", self.MOVE)
        self.once(daemon)
        held = [one for one in self.moved() if "triage-held" in one["flags"]]
        self.assertEqual(len(held), 1)
        number = re.search(r"^\s*(\d+)\s+\d+\s+reply", daemon.ctl("outbox", "list").stdout, re.MULTILINE).group(1)
        self.assertEqual(daemon.ctl("outbox", "release", number).returncode, 0)
        self.once(daemon)
        for one in self.moved():
            self.assertIn("triage-replied", one["flags"])
            self.assertNotIn("triage-held", one["flags"])

    def test_mail_that_an_agent_took_away(self):
        """Nothing to move is no trouble, and nothing is done twice."""
        self.servers.control("stop-smtp")
        self.deliver(mail("Posta bloccata", SPAM))
        daemon = self.moving_daemon()
        self.assertEqual(daemon.run("--once").returncode, 75)
        client = self.servers.imap(self.user, readonly=False)
        client.uid("STORE", "1", "+FLAGS.SILENT", "(\\Deleted)")
        client.expunge()
        client.logout()
        self.servers.control("start-smtp")
        number = re.search(r"^\s*(\d+)\s+\d+\s+reply", daemon.ctl("outbox", "list").stdout, re.MULTILINE).group(1)
        daemon.ctl("outbox", "retry", number)
        self.once(daemon)
        self.assertEqual(len(self.servers.all_replies()), 1)

    def test_servers_without_move(self):
        """COPY and UID EXPUNGE; and where COPYUID does not tell, the mail is looked for."""
        self.servers.control("stop-imap")
        conf = os.path.join(self.servers.dir, "dovecot", "dovecot.conf")
        with open(conf, encoding="utf-8") as file:
            settings = file.read()
        for number, uidplus in enumerate(("UIDPLUS ", "")):
            with open(conf, "w", encoding="utf-8") as file:
                file.write(settings + f"\nimap_capability = IMAP4rev1 LITERAL+ {uidplus}IDLE SPECIAL-USE LIST-EXTENDED\n")
            self.servers.control("start-imap")
            self.deliver(mail("Posta bloccata", f"{SPAM} n. {number}"))
            daemon = self.moving_daemon()
            self.once(daemon)
            self.assertEqual([one for one in self.fetch() if "\\Deleted" not in one["flags"]], [])
            self.assertEqual(len(self.moved()), number + 1)
            place = daemon.journal()[0]
            self.assertEqual((place["folder"], place["uid"]), ("Errori à", self.moved()[-1]["uid"]))
            self.servers.control("stop-imap")
        self.servers.control("start-imap")

    def test_moved_back_stays(self):
        self.deliver(mail("Posta bloccata", SPAM))
        daemon = self.moving_daemon()
        self.once(daemon)
        client = self.servers.imap(self.user, '"Errori &AOA-"', readonly=False)
        client.uid("MOVE", "1", "INBOX")
        client.logout()
        for _ in range(2):
            self.once(daemon)
        self.assertEqual(len(self.fetch()), 1)
        self.assertEqual(len(self.servers.all_replies()), 1)


class HandOver(AgentsTest):
    FORMS = ('handover = "Helpdesk"; handover_headers = [ "X-OTRS-Queue: Posta::{class}", '
             '"X-OTRS-Loop: yes", "X-Zammad-Send-Auto-Response: false", "X-Only-Detail: {detail}" ];')

    def test_annotated_copy(self):
        """The same mail with our fields, without forged ones, once the answer is out."""
        forged = ("X-Triaged-Class: vip\r\nx-otrs-queue : Boss\r\n X-folded\r\nX-Zammad-Ticket-Priority: 3\r\n"
                  "X-OTRS-\r\n\tLoop: no\r\n")
        self.deliver(mail("Posta bloccata", SPAM, headers=forged, message_id="<t1@example.org>"))
        self.once(self.daemon(mailbox=self.FORMS))
        original, = self.fetch()
        copy, = self.fetch("Helpdesk")
        header = copy["mail"]
        self.assertEqual(header["message-id"], "<t1@example.org>")
        self.assertEqual(copy["internaldate"], original["internaldate"])
        self.assertEqual(header.get_all("x-triaged-class"), ["spam-detected"])
        self.assertEqual(header.get_all("x-triaged-reply"), ["replied"])
        self.assertEqual(header["x-triaged-missing"], "sender,recipient,date")
        self.assertIn("error_text=552 5.2.0", header["x-triaged-found"])
        self.assertEqual(header.get_all("x-otrs-queue"), ["Posta::spam-detected"])
        self.assertEqual(header.get_all("x-otrs-loop"), ["yes"])
        self.assertIsNone(header["x-only-detail"])
        for gone in (b"Boss", b"vip", b"Ticket-Priority", b"X-folded", b"Loop: no"):
            self.assertNotIn(gone, copy["bytes"])
        self.assertEqual(copy["bytes"].split(b"\r\n\r\n", 1)[1], original["bytes"].split(b"\r\n\r\n", 1)[1])
        self.assertNotIn("\\Seen", copy["flags"])

    def test_nothing_unfinished_is_handed_over(self):
        self.servers.control("stop-smtp")
        self.deliver(mail("Posta bloccata", SPAM))
        daemon = self.daemon(mailbox=self.FORMS)
        self.assertEqual(daemon.run("--once").returncode, 75)
        self.assertIn("triage-spam-detected", self.fetch()[0]["flags"])
        self.assertEqual(self.fetch("Helpdesk"), [])
        self.servers.control("start-smtp")
        number = re.search(r"^\s*(\d+)\s+\d+\s+reply", daemon.ctl("outbox", "list").stdout, re.MULTILINE).group(1)
        daemon.ctl("outbox", "retry", number)
        self.once(daemon)
        self.assertEqual(len(self.fetch("Helpdesk")), 1)

    def test_every_kind_of_mail_is_handed_over(self):
        """Also what is no ticket, with its class: a ticket system sees nothing else."""
        self.deliver(mail("Newsletter", "Offerte", headers="List-Id: <x.example.org>\r\nPrecedence: list\r\n"),
                     mail("Posta", SPAM))
        daemon = self.daemon(mailbox=self.FORMS, mode="draft")
        for _ in range(2):
            self.once(daemon)
        found = {(one["mail"]["x-triaged-class"], one["mail"]["x-triaged-reply"]) for one in self.fetch("Helpdesk")}
        self.assertEqual(found, {("not-a-ticket", "no-reply (precedence)"), ("spam-detected", "drafted (mode draft)")})

    def test_recipes(self):
        """Each is taken as it is, and its fields stand in the copy."""
        fields = {"znuny": ("x-otrs-queue", "Posta::spam-detected"), "rt": ("x-triaged-class", "spam-detected"),
                  "zammad": ("x-zammad-send-auto-response", "false")}
        for number, (system, (name, value)) in enumerate(fields.items()):
            recipe = os.path.relpath(os.path.join(SOURCE, "packaging", "recipes", system, "handover.conf"),
                                     os.path.join(self.servers.dir, system))
            self.deliver(mail(f"Posta {number}", f"{SPAM} n. {number}"))
            daemon = self.daemon(name=system, mailbox=f'\n@include "{recipe}"\n', reply=NO_LIMITS)
            self.once(daemon)
            self.assertEqual({one["mail"][name] for one in self.fetch("Helpdesk")}, {value})
            client = self.servers.imap(self.user, "Helpdesk", readonly=False)
            client.uid("STORE", "1:*", "+FLAGS.SILENT", "(\\Deleted)")
            client.expunge()
            client.logout()

    def test_settings_are_checked(self):
        for wrong, words in (('handover = "INBOX";', "folder of its own"),
                             ('handover_headers = [ "X-A: b" ];', "without 'handover'"),
                             ('handover = "H"; handover_headers = [ "Subject: x" ];', "no field such as"),
                             ('handover = "H"; handover_headers = [ "X-A: {clas}" ];', "{class}"),
                             ('handover = "H"; handover_headers = [ "X-Triaged-Class: x" ];', "are set without")):
            done = self.daemon(mailbox=wrong).run("--check-config")
            self.assertEqual(done.returncode, 78)
            self.assertIn(words, done.stderr)


class Corrections(AgentsTest):
    def store(self, uid, action, *tags, folder="INBOX"):
        client = self.servers.imap(self.user, folder, readonly=False)
        client.uid("STORE", str(uid), action, "(" + " ".join(tags) + ")")
        client.logout()

    def events(self, daemon, number=1):
        shown = json.loads(daemon.ctl("show", "--json", str(number)).stdout)
        return [(event["what"], event["detail"]) for event in shown["events"]
                if event["what"] in ("correction", "retagged")]

    def test_agent_corrects_the_class(self):
        """Noticed while the service waits, journaled, and not undone by a follow-up."""
        self.deliver(mail("Posta bloccata", SPAM, message_id="<first@example.org>"))
        daemon = self.daemon(reply=NO_LIMITS).start()
        self.box.settled(1)
        reply = self.replies_to("anna.bassi@example.org", 1)[0]
        self.store(1, "-FLAGS", "triage-spam-detected")
        self.store(1, "+FLAGS", "triage-sender-blacklisted", "\\Seen", "$Label1", "agents-own")
        wait_for("the correction in the log", lambda: "becomes=sender-blacklisted" in daemon.log())
        events = self.events(daemon)
        self.assertEqual([what for what, _ in events][-1], "correction")
        self.assertTrue(events[-1][1].startswith("spam-detected -> sender-blacklisted, "), events)
        self.assertNotIn("agents-own", str(events))
        headers = (f"In-Reply-To: {reply['message-id']}\r\n"
                   f"References: <first@example.org> {reply['message-id']}\r\n")
        self.deliver(mail(reply["subject"], "Il mittente e' anna.bassi@example.org, il destinatario x@example.com, "
                          "era ieri alle 15. L'errore: 552 5.2.0 igxL1p00E1WDM2s01gxMXG spam detected", headers=headers))
        self.box.settled(2)
        daemon.stop()
        first = self.fetch()[0]["flags"]
        self.assertIn("triage-sender-blacklisted", first)
        self.assertNotIn("triage-spam-detected", first)
        self.assertIn("\\Seen", first)
        shown = daemon.ctl("show", "1").stdout
        self.assertIn("spam-detected -> sender-blacklisted", shown)

    def test_what_an_agent_found_is_not_asked_for_again(self):
        self.deliver(mail("Posta bloccata", SPAM, message_id="<first@example.org>"))
        daemon = self.daemon(reply=NO_LIMITS)
        self.once(daemon)
        self.store(1, "-FLAGS", "triage-missing-date")
        self.once(daemon)
        self.assertEqual(self.events(daemon), [("retagged", "-triage-missing-date, by assistenza")])
        for _ in range(2):
            self.once(daemon)
        self.assertEqual(len(self.events(daemon)), 1)
        self.assertNotIn("triage-missing-date", daemon.journal()[0]["tags"])

    def test_our_own_tags_are_no_corrections(self):
        """Tags, replies, holds and retagging of many mails teach nothing."""
        for number in range(5):
            self.deliver(mail(f"Posta {number}", f"{SPAM} n. {number}"))
        daemon = self.daemon(reply="per_sender = { messages = 2; hours = 1; };").start()
        self.box.settled(5)
        self.deliver(mail("Ancora", SPAM + " ancora"))
        self.box.settled(6)
        daemon.stop()
        self.once(daemon)
        for number in range(1, 7):
            self.assertEqual(self.events(daemon, number), [])

    def test_correction_where_a_class_moves_its_mail(self):
        self.deliver(mail("Posta bloccata", SPAM))
        daemon = self.daemon(reply=NO_LIMITS)
        self.site(daemon, "move.conf", Folders.MOVE)
        for _ in range(2):
            self.once(daemon)
        self.store(1, "-FLAGS", "triage-spam-detected", folder='"Errori &AOA-"')
        self.store(1, "+FLAGS", "triage-policy-violation", folder='"Errori &AOA-"')
        self.once(daemon)
        self.assertEqual([what for what, _ in self.events(daemon)], ["correction"])

    def test_a_server_without_condstore(self):
        """The latest mails are looked at instead."""
        self.servers.control("stop-imap")
        conf = os.path.join(self.servers.dir, "dovecot", "dovecot.conf")
        with open(conf, "a", encoding="utf-8") as file:
            file.write("imap_capability = IMAP4rev1 LITERAL+ UIDPLUS IDLE CHILDREN SPECIAL-USE LIST-EXTENDED\n")
        self.servers.control("start-imap")
        self.deliver(mail("Posta bloccata", SPAM))
        daemon = self.daemon(mailbox="poll_seconds = 1;").start()
        self.box.settled(1)
        self.store(1, "-FLAGS", "triage-spam-detected")
        self.store(1, "+FLAGS", "triage-sender-blacklisted")
        wait_for("the correction in the log", lambda: "becomes=sender-blacklisted" in daemon.log())
        daemon.stop()


class Stories(AgentsTest):
    def test_show_tells_the_whole_story(self):
        """Mails, evidence, items, verdicts, gates, replies, copies, moves and agents, in order."""
        self.deliver(mail("Posta bloccata", SPAM, message_id="<first@example.org>"))
        daemon = self.daemon(reply=NO_LIMITS, mailbox='note = "folder"; handover = "Helpdesk";')
        self.site(daemon, "move.conf", Folders.MOVE)
        self.once(daemon)
        reply = self.replies_to("anna.bassi@example.org", 1)[0]
        client = self.servers.imap(self.user, '"Errori &AOA-"', readonly=False)
        client.uid("STORE", "1", "-FLAGS", "(triage-missing-date)")
        client.logout()
        self.deliver(mail(reply["subject"], "Non ho capito, vorrei parlare con un operatore.",
                          headers=f"In-Reply-To: {reply['message-id']}\r\n"
                                  f"References: <first@example.org> {reply['message-id']}\r\n"))
        self.once(daemon)
        story = daemon.ctl("show", "2").stdout.split("\nstory\n")[1]
        for words in ("mail 1: received from anna.bassi@example.org: Posta bloccata", "mail 1: evidence (pasted",
                      "mail 1: found error_text", "mail 1: judged spam-detected", "mail 1: reply: send",
                      "handover to folder Helpdesk", "move to folder Errori à", "note in assistenza",
                      "reply sent, attempts 1, code 250", "mail 1: retagged: -triage-missing-date, by assistenza",
                      "mail 2: reply: hold"):
            self.assertIn(words, story)
        self.assertGreater(story.find("mail 2: judged"), story.find("mail 1: judged"))
        lines = [json.loads(line) for line in daemon.ctl("show", "--json", "1").stdout.splitlines()]
        self.assertEqual({moment["mail"] for moment in lines[0]["story"]}, {1, 2})
        self.assertEqual(lines[0]["story"], sorted(lines[0]["story"], key=lambda moment: moment["at"]))


if __name__ == "__main__":
    unittest.main()
