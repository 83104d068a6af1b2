"""Stop triaged at its 1st, 2nd, 3rd ... crash point, let it finish: the end must be the same.

Needs a build with --enable-crash-points (TRIAGED_BUILD). One scenario of thirty mails: tickets
of all classes, machines' mail, drafts, sent copies, a follow-up, a copy of a known mail. For
each n a fresh mailbox and a fresh state; the process that passes the n-th commit or network
effect ends there and then, later passes do the rest. Mailbox, journal and sent mail must equal
those of the undisturbed run, save replies whose fate the network hid: held as unknown, shown,
and out at most once.

usage: crash_points.py [FIRST [LAST [STEP]]]
"""

import concurrent.futures
import os
import re
import shutil
import sys
import time

from testbed import CATALOGUE, OUTCOMES, Daemon, Mailbox, Servers, mail, ticket, wait_for

TICKETS = [2, 3, 5, 6, 10, 11, 12, 14, 16, 17, 18, 20, 21, 22, 23, 29, 31, 34, 38, 43, 50, 61, 69, 79, 90]
CRASHED = 99
PASSES = 6
JOBS = int(os.environ.get("TRIAGED_CRASH_JOBS", os.cpu_count() or 1))  # side by side, each with servers of its own


def scenario():
    """Thirty mails, as bytes."""
    spam = "Buongiorno, la posta non parte: 552 5.2.0 igxL1p00E1WDM2s01gxMXG spam detected."
    mails = [ticket(f"tickets/d{number:03d}.eml") for number in TICKETS]
    mails.append(mail("Prima", spam, message_id="<first@example.org>"))
    mails.append(mail("R: Prima", "Il destinatario e' info@example.com, ieri alle 10.", message_id="<second@example.org>",
                      headers="In-Reply-To: <first@example.org>\r\nReferences: <first@example.org>\r\n"))
    mails.append(mail("Newsletter", "Offerte", headers="List-Id: <x.example.org>\r\nPrecedence: list\r\n"))
    mails.append(mail("Grazie", "Tutto risolto, grazie mille!", sender="c.rossi@example.org"))
    mails.append(mails[25])
    return mails


def drafting_catalogue(directory):
    """A drop-in directory in which one class is only drafted, and one moves."""
    os.makedirs(directory, exist_ok=True)
    for name in ("policy-violation.conf", "policy-violation.it.txt", "policy-violation.en.txt"):
        shutil.copy(os.path.join(CATALOGUE, name), directory)
    file = os.path.join(directory, "policy-violation.conf")
    with open(file, encoding="utf-8") as text:
        bare = re.sub(r"\bmode\s*=\s*\"\w+\";", "", text.read())
        changed = re.sub(r"class\s*=\s*\{", 'class = { mode = "draft";', bare, count=1)
    with open(file, "w", encoding="utf-8") as text:
        text.write(changed)
    with open(os.path.join(directory, "moved.conf"), "w", encoding="utf-8") as text:
        text.write('extend = { id = "spam-detected"; move_to = "Errori"; };\n')


class Run:
    """One scenario from delivery to the end."""

    def __init__(self, servers, mails, number):
        self.servers = servers
        self.user = f"run{number}@support.test"
        servers.deliver(*mails, user=self.user)
        extra = os.path.join(servers.dir, "catalogue.d")
        drafting_catalogue(extra)
        # With one connection a crash cuts off one submission. The points are nearly the same each
        # time; as courier and watcher work side by side, a commit may be for more or less.
        self.daemon = Daemon(servers, name=f"run{number}", users=[("assistenza", self.user)],
                             smtp="connections = 1;",
                             mailbox='note = "folder"; handover = "Helpdesk";',
                             reply="global = { messages = 0; minutes = 20; };"
                                   "per_sender = { messages = 0; hours = 1; };"
                                   "per_conversation = { messages = 0; };")
        with open(self.daemon.config, encoding="utf-8") as file:
            text = file.read().replace(f'[ "{CATALOGUE}" ]', f'[ "{CATALOGUE}", "{extra}" ]')
        with open(self.daemon.config, "w", encoding="utf-8") as file:
            file.write(text)
        self.log = os.path.join(self.daemon.dir, "points")

    def go(self, at=None):
        """Pass after pass until nothing is left; the crash comes in the first that reaches it."""
        os.environ["TRIAGED_CRASH_LOG"] = self.log
        os.environ["TRIAGED_CRASH_AT"] = str(at or 0)
        for _ in range(PASSES):
            done = self.daemon.run("--once")
            if done.returncode == 0:
                break
        else:
            raise AssertionError(f"point {at}: not done after {PASSES} passes:\n{done.stderr}")
        spool = os.path.join(self.servers.dir, "postfix", "spool")
        wait_for("Postfix to deliver", lambda: not any(
            files for queue in ("maildrop", "incoming", "active", "deferred")
            for _, _, files in os.walk(os.path.join(spool, queue))))

    def points(self):
        with open(self.log, encoding="ascii") as file:
            return file.read().split()

    def end(self):
        """What is left behind, without what differs by right: ids, tokens, times."""
        bare = lambda subject: re.sub(r"\[TR-\w+\]", "[TR]", subject)
        # A note's id is signed with the secret of its run.
        is_note = lambda one: one["message_id"].startswith("<note.")
        flags = lambda mails: sorted((one["message_id"], one["uid"], sorted(one["flags"] - {"\\Recent"}))
                                     for one in mails if not is_note(one))
        notes = lambda mails: subjects(filter(is_note, mails))
        ids = lambda mails: sorted(one["message_id"] for one in mails)
        subjects = lambda mails: sorted(bare(one["subject"]) for one in mails)
        box = Mailbox(self.servers, self.user)
        moved = [dict(one, uid=0) for one in box.mails("Errori")]
        sent = {}
        for address, one in self.servers.all_replies():
            if not address.startswith("run"):
                sent.setdefault((address, bare(str(one["subject"]))), []).append(str(one["message-id"]))
        journal = sorted((row["message_id"] or "", row["class"] or "", row["outcome"]) for row in self.daemon.journal())
        return {"inbox": flags(box.mails()), "sent folder": subjects(box.mails("Sent")),
                "drafts": subjects(box.mails("Drafts")), "journal": journal, "replies": sent,
                "moved": flags(moved), "helpdesk": ids(box.mails("Helpdesk")),
                "notes": notes(box.mails()), "notes elsewhere": notes(moved)}

    def clear(self):
        for name in os.listdir(self.servers["CUSTOMERS"]):
            shutil.rmtree(os.path.join(self.servers["CUSTOMERS"], name), ignore_errors=True)
        shutil.rmtree(self.daemon.dir, ignore_errors=True)


def compare(number, name, wanted, found):
    """Raise unless found is the undisturbed end, or differs by replies held as unknown."""
    unknown = {(message, cls) for message, cls, outcome in found["journal"] if outcome == "held"} - \
              {(message, cls) for message, cls, outcome in wanted["journal"] if outcome == "held"}
    problems = []
    if len(unknown) > 1:
        problems.append(f"{len(unknown)} replies are held where one attempt was cut off")
    if unknown and not name.startswith("smtp") and not name.startswith("store-commit"):
        problems.append("a reply is held though no submission was cut off")
    for key, ids in found["replies"].items():
        if len(ids) > len(wanted["replies"].get(key, [])):
            problems.append(f"{len(ids)} replies {key}")
    lost = sum(map(len, wanted["replies"].values())) - sum(map(len, found["replies"].values()))
    if lost > len(unknown):
        problems.append(f"{lost} replies are lost")
    held = {message for message, _ in unknown}
    for kind in ("inbox", "moved", "journal"):
        left = [row for row in wanted[kind] if row[0] not in held]
        right = [row for row in found[kind] if row[0] not in held]
        if left != right:
            problems.append(f"{kind}: {[row for row in right if row not in left]} instead of "
                            f"{[row for row in left if row not in right]}")
    for kind in ("helpdesk", "notes", "notes elsewhere"):
        if wanted[kind] != found[kind]:
            problems.append(f"{kind}: {len(found[kind])} mails instead of {len(wanted[kind])}")
    for message, uid, tags in found["inbox"] + found["moved"]:
        if len(set(tags) & OUTCOMES) != 1:
            problems.append(f"mail {uid} has the outcome {set(tags) & OUTCOMES}")
    for kind in ("sent folder", "drafts"):
        if len(wanted[kind]) - len(found[kind]) not in ((0, 1) if unknown and kind == "sent folder" else (0,)):
            problems.append(f"{kind}: {len(found[kind])} instead of {len(wanted[kind])}")
    if problems:
        raise AssertionError(f"stopped at point {number} ({name}): " + "; ".join(problems))
    return len(unknown)


def calm_run(mails):
    """The undisturbed end, and the names of all points on the way to it."""
    servers = Servers()
    try:
        calm = Run(servers, mails, 0)
        calm.go()
        return calm.end(), calm.points()
    finally:
        servers.stop()


def stop_at(mails, wanted, numbers):
    """Stop at each of these points; how many replies were held as unknown."""
    servers, unknown = Servers(), 0
    try:
        for number in numbers:
            run = Run(servers, mails, number)
            run.go(number)
            points = run.points()
            name = points[number - 1] if number <= len(points) else "never reached"
            unknown += compare(number, name, wanted, run.end())
            run.clear()
        return unknown
    finally:
        servers.stop()


def main():
    mails = scenario()
    wanted, points = calm_run(mails)
    first = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    last = min(int(sys.argv[2]) if len(sys.argv) > 2 else len(points), len(points))
    step = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    print(f"{len(mails)} mails, {sum(map(len, wanted['replies'].values()))} replies, "
          f"{len(wanted['drafts'])} drafts, {len(points)} crash points", flush=True)
    begun, numbers = time.monotonic(), range(first, last + 1, step)
    with concurrent.futures.ProcessPoolExecutor(JOBS) as workers:
        shares = [workers.submit(stop_at, mails, wanted, numbers[share::JOBS]) for share in range(JOBS)]
        unknown = sum(share.result() for share in shares)
    print(f"stopped at {len(numbers)} points, the end was the same each time; {unknown} replies "
          f"of unknown fate were held; {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
