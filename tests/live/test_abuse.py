"""Loops, machines without marks, forged senders, floods: the number of mails stays bounded.

Every test drives the loop itself: a mail goes in, the daemon settles it, and what came out
decides what goes in next. So none of them waits to see that nothing happens.
"""

import email.utils
import json
import os
import re
import signal
import time
import unittest

from testbed import OUTCOMES, SPAM, LiveTest, Mailbox, mail, memory_kilobytes, wait_for

# What that ticket lacks, one by one: each of these mails is worth a reply.
ASKED_FOR = ("Il mittente è anna@uno.example.org.", "Il destinatario è bruno@due.example.org.", "È successo ieri alle 10.")
FULL = "TRIAGED_FULL" in os.environ
FLOOD = int(os.environ.get("TRIAGED_FLOOD", 5000))
FLOOD_MEMORY = 64 * 1024  # kB, of all processes
ROUNDS = 8
ANNA = "anna.bassi@example.org"


def outcome(one):
    found = one["flags"] & OUTCOMES
    assert len(found) == 1, one
    return found.pop()


def bounce_of(reply, to, status="5.1.1", action="failed", message_id=None, recipient=None):
    """The delivery report that a mail host sends about one of our replies."""
    recipient = recipient or str(reply["to"])
    original = message_id or str(reply["message-id"])
    return (f"Return-Path: <>\r\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example.org>\r\nTo: {to}\r\n"
            f"Subject: Undelivered Mail Returned to Sender\r\nDate: {email.utils.formatdate()}\r\n"
            f"Message-ID: {email.utils.make_msgid(domain='mx.example.org')}\r\nAuto-Submitted: auto-replied\r\n"
            "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
            "--b\r\nContent-Type: text/plain\r\n\r\nIt could not be delivered.\r\n\r\n"
            "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n"
            f"Final-Recipient: rfc822; {recipient}\r\nAction: {action}\r\nStatus: {status}\r\n"
            f"Diagnostic-Code: smtp; 550 {status} <{recipient}>: no such user\r\n\r\n"
            f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nFrom: {to}\r\nTo: {recipient}\r\n"
            f"Subject: {reply['subject']}\r\nMessage-ID: {original}\r\n\r\n--b--\r\n").encode()


class AbuseTest(LiveTest):
    def ask(self, *mails):
        """Deliver mails one by one, each when the one before is settled; their outcomes."""
        outcomes = []
        for one in mails:
            count = len(self.box.mails()) + 1
            self.deliver(one)
            outcomes.append(outcome(max(self.box.settled(count), key=lambda mail: mail["uid"])))
        return outcomes

    def reasons(self, daemon):
        """Why mails were held or not answered: a list in the order of their arrival."""
        rows = sorted(daemon.journal(), key=lambda row: row["id"])
        return [row["reason"] for row in rows if row["outcome"] in ("held", "no-reply")]

    def answer_every_reply(self, answer, address=ANNA):
        """Play somebody who answers each reply at once: how many replies that one gets."""
        self.ask(mail("Posta bloccata", SPAM, sender=address))
        self.replies_to(address, 1)
        for number in range(ROUNDS):
            replies = self.servers.inbox_of(address)
            if self.ask(answer(number, replies[-1])) == ["triage-replied"]:
                self.replies_to(address, len(replies) + 1)
        return len(self.servers.inbox_of(address))


class Loops(AbuseTest):
    def test_responder_without_marks(self):
        """It answers every reply with a new subject and tells nobody that it is a machine."""
        daemon = self.daemon(reply="per_sender = { messages = 5; hours = 24; };").start()
        count = self.answer_every_reply(lambda number, reply: mail(
            f"Pratica {number} presa in carico", f"La sua segnalazione {number} e' la numero {number}: {SPAM}"))
        self.assertEqual(count, 5)
        self.assertEqual(set(self.reasons(daemon)), {"sender-limit"})
        self.assertEqual(len(self.servers.all_replies()), 5)

    def test_responder_with_many_addresses(self):
        """It even writes from another address each time: the global limit ends it."""
        daemon = self.daemon(reply="global = { messages = 4; minutes = 20; };").start()
        outcomes = self.ask(*(mail(f"Pratica {number}", f"{SPAM} {number}", sender=f"nr{number}@robot.example.org")
                              for number in range(ROUNDS)))
        self.assertEqual(outcomes, ["triage-replied"] * 4 + ["triage-held"] * (ROUNDS - 4))
        self.assertEqual(set(self.reasons(daemon)), {"global-limit"})

    def test_customer_who_answers_within_a_second(self):
        """A conversation gets its share of replies, then an agent has it."""
        daemon = self.daemon(reply="per_sender = { messages = 0; hours = 1; };"
                                   "per_conversation = { messages = 3; };").start()
        count = self.answer_every_reply(lambda number, reply: mail(
            str(reply["subject"]), f"Prova numero {number}. {ASKED_FOR[number % len(ASKED_FOR)]}",
            headers=f"In-Reply-To: {reply['message-id']}\r\nReferences: {reply['message-id']}\r\n"))
        self.assertEqual(count, 3)
        self.assertEqual(self.reasons(daemon).count("conversation-limit"), 1)
        self.assertEqual(set(self.reasons(daemon)), {"conversation-limit", "handed-over"})

    def two_desks(self, gateway=None):
        """Two instances, each of which takes the other for a customer; how many replies went out."""
        if gateway is not None:
            with open(os.path.join(self.servers.dir, "postfix", "gateway"), "w", encoding="ascii") as file:
                file.write(gateway)
            with open(os.path.join(self.servers.dir, "postfix", "main.cf"), "a", encoding="ascii") as file:
                file.write(f"header_checks = regexp:{self.servers.dir}/postfix/gateway\n"
                           "always_add_missing_headers = yes\n")
            self.servers.control("stop-smtp")
            self.servers.control("start-smtp")
        users = [self.user, self.servers["SUPPORT_SDBOX"]]
        desks = [self.daemon(name=f"desk{number}", instance=f"helpdesk-{number}", identity=user, aliases=[user],
                             users=[("box", user)], smtp=f'envelope_from = "{user}";' if gateway else "").start()
                 for number, user in enumerate(users)]
        for me, other in (users, users[::-1]):
            self.deliver(mail("Posta bloccata", f"{SPAM} {me}", sender=other, to=me), user=me)
        boxes = [Mailbox(self.servers, user) for user in users]

        def at_rest():
            mails = [one for box in boxes for one in box.mails()]
            replied = [one for one in mails if "triage-replied" in one["flags"]]
            settled = all(one["flags"] & OUTCOMES for one in mails)
            return settled and len(mails) == 2 + len(replied) and len(replied)
        replies = wait_for("the two to fall silent", at_rest, 60)
        return replies, [reason for desk in desks for reason in self.reasons(desk)]

    def test_two_instances(self):
        """Each knows the other's reply for a machine's."""
        replies, reasons = self.two_desks()
        self.assertEqual(replies, 2)
        self.assertEqual(set(reasons), {"auto-submitted"})

    def test_two_instances_behind_a_gateway_that_strips_all_marks(self):
        marks = "Auto-Submitted|X-Auto-Response-Suppress|X-Triaged-Loop|Message-ID|In-Reply-To|References"
        replies, reasons = self.two_desks(f"/^({marks}):/ IGNORE\n")
        self.assertGreater(replies, 2)
        self.assertLessEqual(replies, 10)
        self.assertEqual(len(reasons), 2)
        self.assertLessEqual(set(reasons), {"sender-limit", "conversation-limit", "not-a-ticket"})

    def test_subscribed_to_a_list(self):
        """Neither a list with its marks nor a bare expander that gives our own reply back."""
        daemon = self.daemon().start()
        listed = mail("[soci] Posta bloccata", SPAM, to="soci@lists.example.org",
                      headers="List-Id: <soci.lists.example.org>\r\nPrecedence: list\r\n")
        bare = mail("Posta bloccata a tutti", SPAM + " tutti", sender="soci@lists.example.org",
                    to="soci@lists.example.org")
        to_us = mail("Posta bloccata in copia", SPAM + " copia", sender="soci@lists.example.org",
                     headers="Cc: soci@lists.example.org\r\n")
        self.assertEqual(self.ask(listed, bare, to_us), ["triage-no-reply", "triage-no-reply", "triage-replied"])
        reply, = self.replies_to("soci@lists.example.org", 1)
        returned = b"Return-Path: <soci@lists.example.org>\r\n" + reply.as_bytes()
        self.assertEqual(self.ask(returned), ["triage-no-reply"])
        self.assertEqual(self.reasons(daemon)[:2], ["precedence", "not-addressed-to-us"])
        self.assertEqual(len(self.servers.all_replies()), 1)


class Senders(AbuseTest):
    def test_forged_own_address(self):
        """Nobody makes us write to ourselves: not as From, alias, Reply-To, nor in other letters."""
        daemon = self.daemon().start()
        forged = [mail("Uno", SPAM, sender="assistenza@provider.example.it"),
                  mail("Due", SPAM + " due", sender=self.user),
                  mail("Tre", SPAM + " tre", headers="Reply-To: Assistenza <ASSISTENZA@provider.example.IT>\r\n"),
                  mail("Quattro", SPAM + " quattro", sender="Assistenza@Provider.Example.it")]
        self.assertEqual(self.ask(*forged), ["triage-no-reply"] * len(forged))
        self.assertEqual(set(self.reasons(daemon)), {"own"})
        self.assertEqual(self.servers.all_replies(), [])

    def test_refused_recipient_gets_no_second_reply(self):
        """A permanent refusal closes the address; one that is put off, or another one, stays open."""
        daemon = self.daemon().start()
        gone, late = "anna@refused.test", "anna@later.test"
        self.deliver(mail("Uno", SPAM, sender=gone))
        self.assertEqual(outcome(self.box.settled(1)[0]), "triage-held")
        self.assertEqual(self.ask(mail("Due", SPAM + " due", sender=gone), mail("Tre", SPAM + " tre", sender=ANNA)),
                         ["triage-no-reply", "triage-replied"])
        self.assertEqual(self.reasons(daemon), ["the reply was refused", "bounced-before"])
        self.deliver(mail("Quattro", SPAM, sender=late))
        wait_for("the attempt", lambda: "451" in daemon.ctl("outbox", "list").stdout)
        self.deliver(mail("Cinque", SPAM + " cinque", sender=late))
        wait_for("a second reply in the outbox",
                 lambda: daemon.ctl("outbox", "list").stdout.count(late) == 2)

    def test_bounce_of_our_reply(self):
        """With an envelope sender of ours bounces come back: a hard one closes the address that the
        reply went to, whomever it names, and only if it returns a Message-ID that we signed."""
        daemon = self.daemon(smtp=f'envelope_from = "{self.user}";',
                             reply="per_sender = { messages = 0; hours = 1; };").start()
        self.ask(mail("Uno", SPAM))
        reply, = self.replies_to(ANNA, 1)
        self.assertEqual(reply["return-path"], f"<{self.user}>")
        token = re.match(r"<(TR-\w+)\.(\d+)\.", str(reply["message-id"]))
        forged = f"<{token.group(1)}.{token.group(2)}.aaaaaaaaaaaaaaaaaaaa@provider.example.it>"
        outcomes = self.ask(bounce_of(reply, self.user, message_id=forged),
                            bounce_of(reply, self.user, status="4.2.2", action="delayed"),
                            mail("Due", SPAM + " due"))
        self.assertEqual(outcomes, ["triage-no-reply", "triage-no-reply", "triage-replied"])
        outcomes = self.ask(bounce_of(reply, self.user, recipient="c.rossi@example.org"), mail("Tre", SPAM + " tre"),
                            mail("Quattro", SPAM + " quattro", sender="c.rossi@example.org"))
        self.assertEqual(outcomes, ["triage-no-reply", "triage-no-reply", "triage-replied"])
        self.assertEqual(self.reasons(daemon)[-1], "bounced-before")

    def test_one_mail_by_two_ways(self):
        """To our address and our alias: two copies, whose Received lines differ; one is answered."""
        daemon = self.daemon().start()
        one = mail("Uno", SPAM, message_id="<one@example.org>")
        other = b"Received: from alias.example.org by mx.example.org; Tue, 10 Nov 2026 10:00:00 +0100\r\n" + one
        again = mail("Un altro", SPAM + " altro", message_id="<one@example.org>")
        self.assertEqual(self.ask(one, other, again), ["triage-replied", "triage-no-reply", "triage-replied"])
        self.assertEqual(self.reasons(daemon), ["answered before"])
        self.assertIn("triage-spam-detected", self.box.mails()[1]["flags"])

    def test_no_backscatter(self):
        """Only what our own mail host says on top counts: not a forged line below it, nor of another."""
        ours, other = "mx.provider.example.it", "mx.evil.example.org"
        rows = [(f"{ours}; dmarc=fail header.from=example.org", "triage-no-reply"),
                (f"{ours}; spf=fail smtp.mailfrom=example.org", "triage-no-reply"),
                (f"{ours}; spf=fail; dkim=pass header.d=example.org", "triage-replied"),
                (f"{ours}; dmarc=pass|{ours}; dmarc=fail", "triage-replied"),
                (f"{ours}; dmarc=fail|{ours}; dmarc=pass", "triage-no-reply"),
                (f"{other}; dmarc=fail", "triage-replied"),
                (f"{other}; dmarc=pass|{ours}; dmarc=fail", "triage-no-reply"),
                (f"{ours}.evil.example.org; dmarc=fail", "triage-replied"),
                (f'{other}; dmarc=pass reason="{ours}; dmarc=fail"', "triage-replied")]
        self.daemon().start()
        mails = [mail(f"Posta {number}", f"{SPAM} {number}", sender=f"cliente{number}@example.org",
                      headers="".join(f"Authentication-Results: {line}\r\n" for line in lines.split("|")))
                 for number, (lines, _) in enumerate(rows)]
        self.assertEqual(self.ask(*mails), [wanted for _, wanted in rows])


class Floods(AbuseTest):
    def flood(self, senders):
        """A mail from each of senders (numbers), in their order, all at once."""
        self.servers.drop(*(mail(f"Posta {number}", f"{SPAM} Pratica {number}.",
                                 sender=f"cliente{sender}@ditta{sender}.example.org")
                            for number, sender in enumerate(senders)))

    def test_flood(self):
        """All tagged, replies within the limits, the rest held with the reason, memory bounded."""
        daemon = self.daemon()
        # five of the fifty write every second mail
        self.flood(number // 2 % (50 if number % 2 else 5) for number in range(FLOOD))
        daemon.start()
        most = {"Pss:": 0, "Private_": 0}
        begun = time.monotonic()

        def look():
            self.assertIsNone(daemon.process.poll(), daemon.log())
            pids = daemon.descendants()
            most.update({field: max(most[field], memory_kilobytes(pids, field)) for field in most})
            status = json.loads(daemon.ctl("status", "--json").stdout or '{"mails": []}')
            count = sum(one["count"] for one in status["mails"] if one["outcome"] != "pending")
            return count >= FLOOD and not [row for row in status["outbox"] if row["state"] != "held"]
        wait_for("all to be done", look, 600, pause=1)
        took = time.monotonic() - begun
        mails = self.box.mails()
        print(f"{FLOOD} mails in {took:.0f} s, at most {most['Pss:'] / 1024:.1f} MB in all processes, "
              f"{most['Private_'] / 1024:.1f} MB of them private")
        self.assertEqual(len(mails), FLOOD)
        self.assertEqual([one for one in mails if "triage-spam-detected" not in one["flags"]], [])
        replied = [one for one in mails if outcome(one) == "triage-replied"]
        self.assertEqual(len(replied), 200)
        wait_for("Postfix to deliver", lambda: len(self.servers.all_replies()) >= 200)
        self.assertEqual(len(self.servers.all_replies()), 200)
        for number in range(50):
            sender = f"cliente{number}@ditta{number}.example.org"
            self.assertLessEqual(len(self.servers.inbox_of(sender)), 5, sender)
        self.assertEqual(set(self.reasons(daemon)), {"global-limit", "sender-limit"})
        if "TRIAGED_SANITIZED" not in os.environ:
            self.assertLess(most["Pss:"], FLOOD_MEMORY)

    def test_breaker(self):
        """It opens at the global limit, says so once in the log, shows in the status, and what it
        held goes out only at an agent's word."""
        daemon = self.daemon(reply="global = { messages = 3; minutes = 20; };").start()
        self.assertNotIn("HELD since", daemon.ctl("status").stdout)
        self.flood(range(8))
        mails = self.box.settled(8)
        self.assertEqual(sorted(map(outcome, mails)), ["triage-held"] * 5 + ["triage-replied"] * 3)
        self.assertEqual(daemon.log().count("the breaker opens"), 1)
        self.assertIn("ALL REPLIES ARE HELD since", daemon.ctl("status").stdout)
        self.assertEqual(self.reasons(daemon), ["global-limit"] * 5)
        held = re.findall(r"^\s*(\d+)\s+\d+\s+reply\s+held", daemon.ctl("outbox", "list").stdout, re.MULTILINE)
        self.assertEqual(len(held), 5)
        self.assertEqual(daemon.ctl("outbox", "release", held[0]).returncode, 0)
        daemon.signal(signal.SIGUSR1)
        wait_for("the released reply", lambda: len(self.servers.all_replies()) == 4)
        wait_for("its tag", lambda: sum(outcome(one) == "triage-replied" for one in self.box.settled(8)) == 4)

    @unittest.skipUnless(FULL, "takes more than a minute: set TRIAGED_FULL=1")
    def test_breaker_closes(self):
        """By its rule: when the window holds no more than half the limit."""
        daemon = self.daemon(reply="global = { messages = 2; minutes = 1; };").start()
        self.flood(range(4))
        self.box.settled(4)
        self.assertIn("ALL REPLIES ARE HELD", daemon.ctl("status").stdout)
        self.deliver(mail("Durante", SPAM + " durante", sender="durante@example.org"))
        self.assertEqual(outcome(self.box.settled(5)[4]), "triage-held")

        def replied_again():
            number = len(self.box.mails())
            self.deliver(mail(f"Dopo {number}", f"{SPAM} dopo {number}", sender=f"dopo{number}@example.org"))
            return outcome(self.box.settled(number + 1)[number]) == "triage-replied"
        wait_for("the breaker to close", replied_again, 90)
        self.assertIn("the breaker closes", daemon.log())
        self.assertNotIn("ALL REPLIES ARE HELD", daemon.ctl("status").stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
