"""SIGKILL at random moments under load: nothing lost, nothing doubled, nobody left behind.

Each kill waits for a random amount of work to be done first, never for time to pass. The
moments and victims come from a seed, which is printed; TRIAGED_SEED=N plays it again as far as
the machine lets it.
"""

import concurrent.futures
import json
import os
import random
import re
import signal
import unittest

from testbed import OUTCOMES, SPAM, LiveTest, children, mail, wait_for

ROLES = ["master", "watcher", "nursery", "analyst", "courier"]
ROUNDS = int(os.environ.get("TRIAGED_KILL_ROUNDS", 11))
KILLS = ROUNDS * len(ROLES)
MAILS = 500
SEED = int(os.environ.get("TRIAGED_SEED", random.SystemRandom().randrange(1 << 31)))
UNKNOWN = "the reply's fate is unknown"
CONNECTIONS = 2  # the default of smtp.connections


def started(pid):
    """When a process began (proc(5), stat): with its pid that is who it is; None: it has ended."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def lease_holder(state, name):
    """The pid that holds a lease of the state directory (proc(5), locks); None: nobody does."""
    try:
        inode = os.stat(os.path.join(state, name)).st_ino
    except FileNotFoundError:
        return None
    with open("/proc/locks", encoding="ascii") as locks:
        for line in locks:
            fields = line.split()
            if fields[1] == "POSIX" and fields[5].endswith(f":{inode}"):
                return int(fields[4])
    return None


class Victims:
    """The processes of a daemon by their roles; remembers all it has seen."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.seen = set()

    def holder(self, lease):
        """A lease's holder, if it is a child of the master that runs now."""
        pid = lease_holder(self.daemon.state, lease)
        return pid if pid in children(self.daemon.process.pid) else None

    def find(self, role, rng):
        watcher = self.holder("lease-watcher%2Fassistenza")
        nursery = next(iter(children(watcher)), None) if watcher else None
        analysts = children(nursery) if nursery else []
        return {"master": self.daemon.process.pid, "watcher": watcher, "nursery": nursery,
                "analyst": rng.choice(analysts) if analysts else None,
                "courier": self.holder("lease-courier")}[role]

    def note(self):
        for pid in self.daemon.descendants():
            self.seen.add((pid, started(pid)))

    def kill(self, role, rng):
        pid = wait_for(f"a living {role}", lambda: self.find(role, rng), 60)
        self.note()
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return  # it died with its parent between the look and the kill
        if role == "master":
            self.daemon.process.wait()
            self.daemon.start()

    def left_behind(self):
        """Processes of former masters that still run."""
        now = set(self.daemon.descendants())
        return [pid for pid, begun in self.seen
                if pid not in now and begun is not None and started(pid) == begun]


def load(rng):
    """500 mails as (Message-ID, bytes, whether it is to be answered), in random order."""
    mails = []
    for number in range(MAILS):
        kind = rng.choices(["ticket", "list", "thanks", "machine"], [80, 8, 6, 6])[0]
        message_id = f"<{kind}.{number}@load.example.org>"
        text = {"ticket": f"{SPAM} Pratica {number}.", "list": f"Offerte della settimana {number}",
                "thanks": f"Tutto risolto, grazie mille! {number}",
                "machine": f"Sono fuori ufficio fino al {number}."}[kind]
        headers = {"list": f"List-Id: <l{number}.example.org>\r\nPrecedence: list\r\n",
                   "machine": "Auto-Submitted: auto-replied\r\n"}.get(kind, "")
        mails.append((message_id, mail(f"Posta {number}", text, sender=f"cliente{number}@example.org",
                                       headers=headers, message_id=message_id), kind == "ticket"))
    return mails


class Kills(LiveTest):
    def progress(self, daemon):
        """How many mails are journaled, and of how many the outcome is certain."""
        done = daemon.ctl("status", "--json")
        if not done.stdout:
            return 0, 0
        counts = json.loads(done.stdout)["mails"]
        total = sum(one["count"] for one in counts)
        return total, total - sum(one["count"] for one in counts if one["outcome"] == "pending")

    def kill_under_load(self, daemon, mails, rng):
        """Every role once in each round, in an order by chance, at moments by chance."""
        victims = Victims(daemon)
        victims.note()
        roles = [role for _ in range(ROUNDS) for role in rng.sample(ROLES, len(ROLES))]
        before = 0
        with concurrent.futures.ThreadPoolExecutor(1) as feeder:
            for number, role in enumerate(roles):
                upto = (number + 1) * len(mails) // len(roles)
                fed = feeder.submit(self.deliver, *(one for _, one, _ in mails[before:upto]))
                stage, wanted = rng.randrange(2), before + rng.randint(0, upto - before)
                wait_for(f"{wanted} mails at stage {stage}",
                         lambda: self.progress(daemon)[stage] >= wanted, 60)
                victims.kill(role, rng)
                fed.result()
                before = upto
        return victims

    def assert_replies(self, daemon, mails):
        """Exactly one for each ticket, or none or one where its fate is unknown; no other."""
        rows = {row["message_id"]: row for row in daemon.journal()}
        replied = [row for row in rows.values() if row["outcome"] == "replied"]
        unknown = {key for key, row in rows.items() if row["outcome"] == "held"}
        found = {}

        def delivered():
            found.clear()
            for _, reply in self.servers.all_replies():
                found.setdefault(str(reply["in-reply-to"]).strip(), []).append(str(reply["message-id"]))
            return len(set(found) - unknown) >= len(replied)
        wait_for("all replies to be delivered", delivered)
        self.assertEqual(len(rows), len(mails))
        for message_id, _, answerable in mails:
            ids, outcome = found.get(message_id, []), rows[message_id]["outcome"]
            if not answerable:
                self.assertEqual((ids, outcome), ([], "no-reply"), message_id)
            elif message_id in unknown:
                self.assertEqual(rows[message_id]["reason"], UNKNOWN, message_id)
                self.assertLessEqual(len(ids), 1, message_id)
            else:
                self.assertEqual((len(ids), outcome), (1, "replied"), message_id)
        self.assertLessEqual(len(unknown), CONNECTIONS * 2 * ROUNDS)
        return len(replied), len(unknown)

    def wait_for_outbox(self, daemon):
        """Until nothing is left in it but replies whose fate is unknown."""
        listed = lambda: daemon.ctl("outbox", "list").stdout
        try:
            wait_for("the outbox", lambda: not re.search(r" (queued|claimed|attempted) ", listed()), 60)
        except AssertionError:
            self.fail("this is left in the outbox:\n" + listed() + daemon.log()[-4000:])

    def test_random_kills(self):
        print(f"seed {SEED}")
        rng = random.Random(SEED)
        mails = load(rng)
        daemon = self.daemon(reply="global = { messages = 0; minutes = 20; };"
                                   "per_sender = { messages = 0; hours = 1; };").start()
        victims = self.kill_under_load(daemon, mails, rng)
        wait_for("every mail to be settled", lambda: self.progress(daemon)[1] >= MAILS, 120)
        self.wait_for_outbox(daemon)
        replied, unknown = self.assert_replies(daemon, mails)
        for one in self.box.mails():
            self.assertEqual(len(one["flags"] & OUTCOMES), 1, one)
            self.assertNotIn("triage-error", one["flags"])
            if one["message_id"].startswith("<ticket"):
                self.assertIn("triage-spam-detected", one["flags"])
        copies = [one["message_id"] for one in self.box.mails("Sent")]
        self.assertEqual((len(copies), len(set(copies))), (replied, replied))
        wait_for("the old masters' children to be gone", lambda: not victims.left_behind())
        print(f"{KILLS} kills, {MAILS} mails, {replied} replies, {unknown} held as unknown")


class Orphans(LiveTest):
    def test_children_go_with_their_master(self):
        daemon = self.daemon().start()
        self.deliver(mail("Prima", SPAM))
        self.box.settled(1)
        victims = Victims(daemon)
        victims.note()
        self.assertGreaterEqual(len(victims.seen), 6)
        daemon.process.kill()
        daemon.process.wait()
        wait_for("all its processes to end", lambda: all(started(pid) != begun for pid, begun in victims.seen))

    def test_nobody_works_beside_old_children(self):
        """Children that are too stuck to go with their master keep their place until they do."""
        daemon = self.daemon().start()
        self.deliver(mail("Prima", SPAM))
        self.box.settled(1)
        victims = Victims(daemon)
        victims.note()
        stuck = children(daemon.process.pid)
        self.assertEqual(len(stuck), 2)
        for pid in stuck:
            os.kill(pid, signal.SIGSTOP)
            self.addCleanup(lambda pid=pid: started(pid) and os.kill(pid, signal.SIGKILL))
        daemon.process.kill()
        daemon.process.wait()
        daemon.start()
        self.deliver(mail("Dopo", SPAM + " dopo", sender="c.rossi@example.org"))
        for place in ("watcher/assistenza", "courier"):
            wait_for(f"the place of the {place} to be found taken",
                     lambda place=place: f"is already the {place}" in daemon.log())
        self.assertEqual(len(daemon.journal()), 1)
        self.assertFalse(self.box.mails()[1]["flags"] & OUTCOMES)
        for pid in stuck:
            os.kill(pid, signal.SIGCONT)
        self.box.settled(2)
        self.replies_to("c.rossi@example.org", 1)
        self.assertEqual(len(self.servers.all_replies()), 2)
        self.assertEqual(victims.left_behind(), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
