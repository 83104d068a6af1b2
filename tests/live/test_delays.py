"""What is measured by the clock. These tests run alone: beside others, their load would be measured."""

import os
import statistics
import subprocess
import time
import unittest

from network import ANNA, MailboxTest
from testbed import SPAM, TRIAGED, LiveTest, mail, private_kilobytes, wait_for


class Figures(LiveTest):
    def ticks(self, daemon):
        """User and system time of all its processes, in clock ticks (proc(5), stat)."""
        total = 0
        for pid in daemon.descendants():
            with open(f"/proc/{pid}/stat", encoding="ascii") as file:
                fields = file.read().rsplit(")", 1)[1].split()
            total += int(fields[11]) + int(fields[12])
        return total

    def test_idle_costs(self):
        """Idle: no measurable CPU, and all processes together under 40 MB of private memory."""
        daemon = self.daemon().start()
        self.deliver(mail("Prima", SPAM))
        self.box.settled(1)
        before = self.ticks(daemon)
        time.sleep(5)  # what is measured is the passing of time itself
        self.assertLessEqual(self.ticks(daemon) - before, 2)
        kilobytes = private_kilobytes(daemon.descendants())
        print(f"private memory of all processes: {kilobytes / 1024:.1f} MB")
        if "TRIAGED_SANITIZED" not in os.environ:
            self.assertLess(kilobytes, 40 * 1024)

    def test_latency(self):
        """From the server's IDLE notice to the reply in the customer's mailbox, which is later
        than its acceptance: under 150 ms; from delivery under 1 s (medians of 20)."""
        rounds = 20
        self.daemon(reply="per_sender = { messages = 0; hours = 1; };").start()
        self.deliver(mail("Prima", SPAM))
        self.replies_to("anna.bassi@example.org", 1)
        client = self.servers.imap(self.user)
        client.send(b"X1 IDLE\r\n")
        client.readline()
        from_notice, from_delivery = [], []
        for number in range(rounds):
            delivered = time.time()
            self.deliver(mail(f"Numero {number}", f"{SPAM} n. {number}", sender=f"cliente{number}@example.org"))
            while b"EXISTS" not in client.readline():
                pass
            noticed = time.time()
            self.replies_to(f"cliente{number}@example.org", 1)
            folder = os.path.join(self.servers["CUSTOMERS"], f"cliente{number}@example.org", "Maildir", "new")
            arrived = os.stat(os.path.join(folder, os.listdir(folder)[0])).st_mtime
            from_notice.append(1000 * (arrived - noticed))
            from_delivery.append(1000 * (arrived - delivered))
        client.shutdown()
        print(f"from the notice: median {statistics.median(from_notice):.0f} ms, "
              f"{min(from_notice):.0f}-{max(from_notice):.0f}; from delivery: median "
              f"{statistics.median(from_delivery):.0f} ms, {min(from_delivery):.0f}-{max(from_delivery):.0f}")
        self.assertLess(statistics.median(from_notice), 150)
        self.assertLess(statistics.median(from_delivery), 1000)


class Beside(MailboxTest):
    """One in trouble does not delay the others."""

    def test_stalled_server(self):
        """One server falls silent within a mail; on the other the customer is answered as ever."""
        peer = self.peer("daemon-imap-stall", **self.values())
        daemon = self.daemon()
        daemon.configure(groups=self.group(peer) + ", " + daemon.mailbox_group("assistenza", self.user, "all", ""))
        daemon.start()
        peer.hear_until(r"S: \* 1 FETCH \(UID 1 FLAGS \(\) INTERNALDATE.*BODY\[\]")
        delays = []
        for number in range(5):
            begun = time.monotonic()
            self.deliver(mail("Posta", f"{SPAM} {number}", sender=f"c{number}@example.org"))
            self.replies_to(f"c{number}@example.org", 1)
            delays.append(time.monotonic() - begun)
        print(f"from delivery to the reply beside a stalled mailbox: {max(delays):.2f} s at most of {len(delays)}")
        self.assertLess(max(delays), 5)
        self.box.settled(5)
        self.assertLess(daemon.stop(), 5)

    def test_stalled_server_in_a_pass(self):
        """With --once, too: the other mailbox's reply is out while the pass still waits."""
        peer = self.peer("daemon-imap-stall", **self.values())
        daemon = self.daemon()
        daemon.configure(groups=self.group(peer) + ", " + daemon.mailbox_group("assistenza", self.user, "all", ""))
        self.deliver(mail("Uno", SPAM))
        begun = time.monotonic()
        with subprocess.Popen([TRIAGED, "-c", daemon.config, "--once"], stderr=subprocess.DEVNULL) as process:
            self.replies_to(ANNA, 1)
            took = time.monotonic() - begun
            self.assertIsNone(process.poll(), "the pass still waits")
            process.terminate()
        print(f"reply beside a stalled mailbox, from the start of the pass: {took:.2f} s")
        self.assertLess(took, 10)

    def test_dead_recipient_delays_nobody(self):
        """Mails to a domain whose server dawdles (5 s each) come first; the others pass them by."""
        slow = [mail(f"Lento {number}", f"{SPAM} l{number}", sender=f"lento{number}@slow.test") for number in range(2)]
        self.deliver(*slow, *(mail(f"Posta {number}", f"{SPAM} {number}", sender=f"c{number}@example.org")
                              for number in range(20)))
        begun = time.monotonic()
        daemon = self.daemon().start()
        replies = wait_for("the others' replies",
                           lambda: len(found := self.servers.all_replies()) >= 20 and found, 20)
        took = time.monotonic() - begun
        print(f"20 replies beside a recipient that dawdles 5 s: {took:.1f} s from the start")
        self.assertLess(len([address for address, _ in replies if address.endswith("slow.test")]), 2)
        self.assertLess(took, 10)
        self.box.settled(22)
        self.assertEqual(len(self.servers.all_replies()), 22)
        self.assertLess(daemon.stop(), 5)


if __name__ == "__main__":
    unittest.main(verbosity=2)
