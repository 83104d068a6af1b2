"""A ticket as a conversation: what agents and customers see of its mails, in real folders."""

import json
import re
import unittest

from testbed import SPAM, LiveTest, mail, wait_for

ANNA = "anna.bassi@example.org"
NO_SENDER_LIMIT = "per_sender = { messages = 0; hours = 1; };"


def answering(reply, extra=""):
    """The header by which a customer's program answers a mail."""
    references = f"{reply['references'] or ''} {reply['message-id']}".split()
    return f"In-Reply-To: {reply['message-id']}\r\nReferences: {' '.join(references)}\r\n{extra}"


def quoted(reply):
    """Its text as most programs quote it."""
    lines = reply.get_content().splitlines()
    return ("\r\n\r\nIl giorno gio 5 nov 2026 alle ore 10:00 Assistenza "
            "<assistenza@provider.example.it> ha scritto:\r\n\r\n" + "\r\n".join("> " + line for line in lines))


class ConversationTest(LiveTest):
    def begin(self, text=SPAM, message_id="<first@example.org>", **options):
        """A service, a first mail and our answer to it."""
        options.setdefault("reply", NO_SENDER_LIMIT)
        self.running = self.daemon(**options).start()
        self.deliver(mail("Errore", text, message_id=message_id))
        self.box.settled(1)
        return self.replies_to(ANNA, 1)[0]

    def replies(self):
        return self.servers.all_replies()

    def tags(self, count):
        """The tags of the mails, once none of them changes any more."""
        self.box.settled(count)
        wait_for("the tags to be stored", lambda: not [
            row for row in map(json.loads, self.running.ctl("outbox", "list", "--json").stdout.splitlines())
            if row["state"] in ("queued", "claimed", "attempted")])
        return [{tag for tag in one["flags"] if tag.startswith("triage")} for one in self.box.mails()]

    def shown(self, number):
        return json.loads(self.running.ctl("show", "--json", str(number)).stdout)


class Recognition(ConversationTest):
    def test_signed_id(self):
        """Who answers a mail of ours belongs to it, from whichever address and under any subject."""
        reply = self.begin()
        self.deliver(mail("ecco", "Il destinatario è x@example.com.", sender="ufficio@example.com",
                          headers=f"In-Reply-To: {reply['message-id']}\r\n"))
        tags = self.tags(2)
        self.assertIn("triage-spam-detected", tags[1])
        self.assertEqual(self.shown(2)["conversation"]["mail"], 2)
        answer, = self.replies_to("ufficio@example.com", 1)
        self.assertIn("x@example.com", answer.get_content())

    def test_token_in_a_chain_of_prefixes(self):
        """The token finds the conversation of somebody who takes part in it."""
        reply = self.begin()
        token = re.search(r"\[TR-[0-9A-Z]{6}\]", reply["subject"]).group(0)
        self.deliver(mail(f"R: I: Re: Errore {token.lower()}", "Il destinatario è x@example.com."))
        tags = self.tags(2)
        self.assertTrue({"triage-spam-detected", "triage-replied"} <= tags[1])
        self.assertEqual(self.shown(2)["conversation"]["ticket"], token.strip("[]"))

    def test_own_earlier_mail(self):
        """Two mails arrive before we answered; the second one names the first."""
        self.running = self.daemon(reply=NO_SENDER_LIMIT)
        self.deliver(mail("Errore", SPAM, message_id="<first@example.org>"),
                     mail("R: Errore", "Dimenticavo: il destinatario è x@example.com.",
                          headers="References: <first@example.org>\r\n"))
        self.running.start()
        tags = self.tags(2)
        self.assertNotIn("triage-missing-recipient", tags[0])
        self.assertEqual(self.shown(1)["conversation"]["ticket"], self.shown(2)["conversation"]["ticket"])

    def test_token_of_a_stranger(self):
        """The token alone opens nothing: a new ticket, a pointer for the agent, none of its data."""
        reply = self.begin(SPAM + " Il destinatario è segreto@example.com.")
        token = re.search(r"TR-[0-9A-Z]{6}", reply["subject"]).group(0)
        self.deliver(mail(f"Re: Errore [{token}]", "Il server risponde 554 5.7.1 kR0a1p00Z2sFm6901kR1bb policy violation",
                          sender="mallory@example.net", headers="References: <first@example.org>\r\n"))
        tags = self.tags(2)
        self.assertIn("triage-policy-violation", tags[1])
        self.assertIn("triage-missing-date", tags[0])
        answer, = self.replies_to("mallory@example.net", 1)
        self.assertNotIn("segreto", answer.get_content())
        shown = self.shown(2)
        self.assertNotEqual(shown["conversation"]["ticket"], token)
        self.assertEqual(shown["conversation"]["pointer"], token)
        self.assertIn(token, self.running.ctl("show", "2").stdout)

    def test_stolen_name(self):
        """A stranger who names a participant as author, and himself for the answer, is a stranger."""
        reply = self.begin()
        token = re.search(r"TR-[0-9A-Z]{6}", reply["subject"]).group(0)
        self.deliver(mail(f"Re: Errore [{token}]", SPAM, headers="Reply-To: mallory@example.net\r\n"))
        self.tags(2)
        self.assertNotEqual(self.shown(2)["conversation"]["ticket"], token)


class Accumulation(ConversationTest):
    def test_to_the_end(self):
        """Item after item until all is there; the tags of every mail follow."""
        reply = self.begin()
        self.assertIn("triage-missing-recipient", self.tags(1)[0])
        self.deliver(mail(reply["subject"], "Il destinatario è x@example.com." + quoted(reply),
                          headers=answering(reply)))
        second = self.replies_to(ANNA, 2)[1]
        self.assertRegex(second.get_content(), r"(?s)Abbiamo annotato:.*x@example\.com.*ci serve ancora")
        self.assertNotIn("il destinatario: l'indirizzo", second.get_content())
        for tags in self.tags(2):
            self.assertNotIn("triage-missing-recipient", tags)
            self.assertIn("triage-missing-date", tags)
        self.deliver(mail(second["subject"],
                          f"Il mittente è {ANNA}, ed era il 5 novembre alle 8:30." + quoted(second),
                          headers=answering(second)))
        third = self.replies_to(ANNA, 3)[2]
        self.assertIn("un operatore prosegue", third.get_content())
        self.assertNotIn("ci serve ancora", third.get_content())
        for tags in self.tags(3):
            self.assertEqual(tags, {"triage-spam-detected", "triage-complete", "triage-replied"})
        self.assertEqual(self.shown(1)["missing"], [])
        self.assert_all_unseen()

    def test_newest_wins(self):
        reply = self.begin(SPAM + " Il destinatario è vecchio@example.com.")
        self.deliver(mail(reply["subject"], "Scusate, il destinatario è nuovo@example.com." + quoted(reply),
                          headers=answering(reply)))
        second = self.replies_to(ANNA, 2)[1]
        self.assertIn("nuovo@example.com (al posto di vecchio@example.com)", second.get_content())
        self.tags(2)
        shown = self.shown(2)["conversation"]
        self.assertEqual([(one["item"], one["old"], one["new"]) for one in shown["contradictions"]],
                         [("recipient", "vecchio@example.com", "nuovo@example.com")])
        self.assertIn("recipient: vecchio@example.com gave way to nuovo@example.com",
                      self.running.ctl("show", "2").stdout)

    def test_new_evidence_changes_the_class(self):
        reply = self.begin("Buongiorno, da ieri la posta non parte, cosa devo fare?")
        self.deliver(mail(reply["subject"], "L'errore è questo: 552 5.2.0 igxL1p00E1WDM2s01gxMXG spam detected",
                          headers=answering(reply)))
        for tags in self.tags(2):
            self.assertIn("triage-spam-detected", tags)
            self.assertNotIn("triage-unknown", tags)
        self.assertEqual(self.shown(2)["conversation"]["class_change"], {"from": "unknown", "to": "spam-detected"})
        self.assertIn("class changed from unknown to spam-detected", self.running.ctl("show", "1").stdout)
        self.assertIn("«spam detected»", self.replies_to(ANNA, 2)[1].get_content())

    def test_an_agents_tag_stays(self):
        """A class that an agent has corrected is not touched by what comes later; the checklist goes on."""
        reply = self.begin()
        client = self.servers.imap(self.user, readonly=False)
        client.uid("STORE", "1", "-FLAGS", "(triage-spam-detected)")
        client.uid("STORE", "1", "+FLAGS", "(triage-sender-blacklisted)")
        client.logout()
        self.deliver(mail(reply["subject"], "Il destinatario è x@example.com.", headers=answering(reply)))
        tags = self.tags(2)[0]
        self.assertIn("triage-sender-blacklisted", tags)
        self.assertNotIn("triage-spam-detected", tags)
        self.assertNotIn("triage-missing-recipient", tags)


class HandOver(ConversationTest):
    def held(self, text, reason):
        reply = self.begin()
        self.deliver(mail(reply["subject"], text + quoted(reply), headers=answering(reply)))
        self.assertIn("triage-held", self.tags(2)[1])
        shown = self.shown(2)
        self.assertEqual((shown["reply"]["action"], shown["reply"]["reason"]), ("hold", reason))
        self.deliver(mail(reply["subject"], "Il destinatario è x@example.com.", headers=answering(reply)))
        tags = self.tags(3)
        self.assertIn("triage-held", tags[2])
        self.assertNotIn("triage-missing-recipient", tags[0])
        self.assertEqual(self.shown(3)["reply"]["reason"], "handed-over")
        self.assertEqual(len(self.replies()), 1)

    def test_not_helped(self):
        self.held("Ho già fatto tutto ma non funziona lo stesso.", "not-helped")

    def test_human_wanted(self):
        self.held("Voglio parlare con un operatore.", "human-wanted")

    def test_limit(self):
        reply = self.begin(reply=NO_SENDER_LIMIT + "per_conversation = { messages = 2; };")
        self.deliver(mail(reply["subject"], "Il destinatario è x@example.com.", headers=answering(reply)))
        self.replies_to(ANNA, 2)
        self.deliver(mail(reply["subject"], f"Il mittente è {ANNA}.", headers=answering(reply)))
        self.assertIn("triage-held", self.tags(3)[2])
        self.assertEqual(self.shown(3)["reply"]["reason"], "conversation-limit")
        self.assertEqual(self.shown(3)["conversation"]["phase"], "handed-over")
        self.assertEqual(len(self.replies()), 2)

    def test_thank_you_closes(self):
        reply = self.begin()
        self.deliver(mail(reply["subject"], "Perfetto, ora funziona tutto, grazie mille!" + quoted(reply),
                          headers=answering(reply)))
        tags = self.tags(2)
        self.assertEqual(tags[1], {"triage-not-a-ticket", "triage-no-reply"})
        self.assertIn("triage-missing-date", tags[0])
        self.assertEqual(self.shown(2)["conversation"]["phase"], "closed")
        self.assertEqual(len(self.replies()), 1)


class Agents(ConversationTest):
    def only_tags(self, reply):
        """A follow-up that we would have answered is left to the agent, and the tags go on."""
        self.deliver(mail(reply["subject"], "Il destinatario è x@example.com.", headers=answering(reply)))
        count = len(self.box.mails())
        tags = self.tags(count)
        self.assertIn("triage-held", tags[-1])
        self.assertNotIn("triage-missing-recipient", tags[0])
        shown = self.shown(len(self.running.journal()))
        self.assertEqual(shown["reply"]["reason"], "agent-answered")
        self.assertEqual(shown["conversation"]["phase"], "agent")
        self.assertEqual(len(self.replies()), 1)

    def append_to_sent(self, bytes_):
        client = self.servers.imap(self.user, readonly=False)
        self.assertEqual(client.append("Sent", None, None, bytes_)[0], "OK")
        client.logout()

    def test_in_sent(self):
        reply = self.begin()
        self.append_to_sent(mail("Re: Errore", "Buongiorno, ci penso io.", sender="assistenza@provider.example.it",
                                 to=ANNA, headers="In-Reply-To: <first@example.org>\r\n"))
        self.only_tags(reply)

    def test_agents_own_address(self):
        """In the mailbox itself, from an address of the list: it is no ticket either."""
        reply = self.begin(agents=["*@agenti.example.it"])
        self.deliver(mail("Re: Errore", "Buongiorno, ci penso io. 552 5.2.0 igxL1p00E1WDM2s01gxMXG spam detected",
                          sender="carla@agenti.example.it", headers=answering(reply)))
        tags = self.tags(2)
        self.assertEqual(tags[1], {"triage-not-a-ticket", "triage-no-reply"})
        self.only_tags(reply)

    def test_our_own_copies_are_nobodys_answer(self):
        """The copies of our replies in Sent, and mails of other threads there, stop nothing."""
        reply = self.begin()
        wait_for("the copy in Sent", lambda: self.box.mails("Sent"))
        for number in range(20):
            self.append_to_sent(mail(f"Altro {number}", "ciao", sender="assistenza@provider.example.it", to=ANNA,
                                     headers="References: <other@example.org>\r\n"))
        self.deliver(mail(reply["subject"], "Il destinatario è x@example.com.", headers=answering(reply)))
        self.assertIn("triage-replied", self.tags(2)[1])


if __name__ == "__main__":
    unittest.main(verbosity=2)
