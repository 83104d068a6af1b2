"""What a service manager sees of the daemon: sd_notify(3) messages and the watchdog's signs of life."""

import os
import signal
import socket
import threading
import time

from testbed import SPAM, LiveTest, mail, wait_for

POLL = 8    # seconds of silence that a waiting role is allowed
STALL = 5   # and that a working one is


class ServiceManager:
    """The other end of NOTIFY_SOCKET. It listens all the time, as a service manager does: the kernel
    keeps ten messages for who does not, and then the daemon's next one waits."""

    def __init__(self, directory):
        self.path = os.path.join(directory, "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.messages = []  # of (time, text)
        self.listener = threading.Thread(target=self.listen)
        self.listener.start()

    def listen(self):
        while data := self.socket.recv(4096):
            self.messages += [(time.monotonic(), line) for line in data.decode().splitlines()]

    def heard(self, text, since=0.0):
        """Whether a message came after a moment."""
        return any(line == text and when > since for when, line in self.messages)

    def close(self):
        self.socket.shutdown(socket.SHUT_RD)
        self.listener.join()
        self.socket.close()


class Service(LiveTest):
    def setUp(self):
        super().setUp()
        self.manager = ServiceManager(self.servers.dir)
        self.addCleanup(self.manager.close)

    def served(self, **options):
        daemon = self.daemon(**options)
        daemon.start(NOTIFY_SOCKET=self.manager.path, WATCHDOG_USEC="3000000")
        wait_for("READY=1", lambda: self.manager.heard("READY=1"))
        return daemon

    def test_life_of_a_service(self):
        """Ready, reloading and ready again, stopping: each is told."""
        daemon = self.served()
        wait_for("a first sign of life", lambda: self.manager.heard("WATCHDOG=1"))
        begun = time.monotonic()
        daemon.reload()
        wait_for("RELOADING=1", lambda: self.manager.heard("RELOADING=1", begun))
        wait_for("READY=1", lambda: self.manager.heard("READY=1", begun))
        daemon.stop()
        self.assertTrue(self.manager.heard("STOPPING=1"))

    def test_role_that_hangs(self):
        """A role that waits is left alone; one that hangs is replaced, and loses no mail."""
        daemon = self.served(mailbox=f"poll_seconds = {POLL};", limits="analyse_seconds = 1;",
                             extra=f"stall_seconds = {STALL};")
        self.deliver(mail("Prima", SPAM))
        self.box.settled(1)
        begun = time.monotonic()
        wait_for("a wait longer than a hang", lambda: time.monotonic() > begun + STALL + 3)
        self.assertTrue(self.manager.heard("WATCHDOG=1", begun + STALL))
        self.assertNotIn("hangs", daemon.log())
        roles = self.roles(daemon)
        self.assertEqual(len(roles), 2)
        for pid in roles:
            os.kill(pid, signal.SIGSTOP)
        self.deliver(mail("Seconda", SPAM + " seconda"))
        wait_for("both to be killed", lambda: daemon.log().count("hangs and is killed") >= 2,
                 POLL + STALL + 30)
        self.box.settled(2)
        wait_for("both replies", lambda: len(self.servers.all_replies()) == 2)
        begun = time.monotonic()
        wait_for("signs of life again", lambda: self.manager.heard("WATCHDOG=1", begun))
        self.assertFalse(set(roles) & set(self.roles(daemon)))

    @staticmethod
    def roles(daemon):
        pid = daemon.process.pid
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(child) for child in file.read().split()]
