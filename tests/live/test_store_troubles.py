"""The state directory in trouble: what the sysadmin is told, that nothing is sent which is not
recorded, and that the service goes on by itself where the cause can pass."""

import datetime
import glob
import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import time
import unittest

from network import ANNA, BRUNO, EX_OK, EX_TEMPFAIL, SPAM, NetworkTest
from testbed import OUTCOMES, children, mail, wait_for

EX_IOERR, EX_CONFIG = 74, 78
FAKETIME = next(iter(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")), None)
DAY = 24 * 3600


class StoreTest(NetworkTest):
    def database(self, daemon):
        return os.path.join(daemon.state, "triaged.db")

    def mount(self, daemon, options):
        """A file system of its own for the state."""
        os.makedirs(daemon.state, mode=0o700, exist_ok=True)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=0700," + options, "tmpfs", daemon.state], check=False)
        if done.returncode != 0:
            self.skipTest("this machine lets nobody mount")
        self.addCleanup(subprocess.run, ["umount", "-l", daemon.state], check=True)

    def remount(self, daemon, option):
        subprocess.run(["mount", "-o", "remount," + option, daemon.state], check=True)

    def fill(self, daemon):
        """Not a byte more; gives back the file to be removed."""
        path = os.path.join(daemon.state, "filler")
        with open(path, "wb", buffering=0) as file:
            try:
                while file.write(b"x" * 4096):
                    pass
            except OSError:
                pass
        return path

    def assert_refused(self, daemon, status, *words):
        """A pass that does nothing and says what is wrong: the mail stays as it is."""
        done = daemon.run("--once")
        self.assertEqual(done.returncode, status, done.stderr)
        for word in words:
            self.assertRegex(done.stderr, word)
        self.assertEqual([one["flags"] & OUTCOMES for one in self.box.mails()], [set()])
        self.assert_no_leak(daemon, done)
        self.assertEqual(self.servers.all_replies(), [])
        return done

    def assert_answered_once(self, daemon, *addresses):
        for _ in range(2):
            done = daemon.run("--once")
            self.assertEqual(done.returncode, EX_OK, done.stderr)
        self.assertEqual(sorted(address for address, _ in self.servers.all_replies()), sorted(addresses))
        self.assertEqual(set(self.outcomes(daemon)), {"replied"})


class Refused(StoreTest):
    """Before anything is done."""

    def test_open_to_others(self):
        self.deliver(mail("Uno", SPAM))
        daemon = self.daemon()
        os.makedirs(daemon.state)
        for mode in (0o755, 0o710, 0o701):
            os.chmod(daemon.state, mode)
            self.assert_refused(daemon, EX_CONFIG, rf"state directory '{daemon.state}' is open to others "
                                                   rf"\(mode {mode:04o}\): chmod 700")
        os.chmod(daemon.state, 0o700)
        self.assert_answered_once(daemon, ANNA)

    def test_read_only(self):
        self.deliver(mail("Uno", SPAM))
        daemon = self.daemon()
        self.mount(daemon, "size=4m,ro")
        self.assert_refused(daemon, EX_IOERR, f"state directory '{daemon.state}' is not writable: Read-only")
        self.remount(daemon, "rw")
        self.assert_answered_once(daemon, ANNA)

    def test_disk_full(self):
        self.deliver(mail("Uno", SPAM))
        daemon = self.daemon()
        self.mount(daemon, "size=3m")
        filler = self.fill(daemon)
        self.assert_refused(daemon, EX_TEMPFAIL, f"{daemon.state}.* (No space left|disk is full|space and the quota)")
        os.unlink(filler)
        self.assert_answered_once(daemon, ANNA)

    def test_file_size_limit(self):
        """As a quota: no file may grow, the disk itself is not full."""
        self.deliver(mail("Uno", SPAM))
        daemon = self.daemon()
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        for size in (0, 8192, 32768, 65536):
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
            try:
                self.assert_refused(daemon, EX_TEMPFAIL, f"{daemon.state}.* (File too large|space and the quota)")
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        self.assert_answered_once(daemon, ANNA)

    def used(self):
        """A daemon with a past."""
        self.deliver(mail("Zero", SPAM + " zero", sender=BRUNO))
        daemon = self.daemon()
        self.assertEqual(daemon.run("--once").returncode, EX_OK)
        self.servers.empty()
        self.deliver(mail("Uno", SPAM))
        return daemon

    def test_damaged(self):
        """Cut, emptied, removed, overwritten, of a newer version: stopped, and whole again when
        the backup is back."""
        daemon = self.used()
        file = self.database(daemon)
        with open(file, "rb") as saved:
            backup = saved.read()

        def newer():
            with sqlite3.connect(file) as database:
                database.execute("PRAGMA user_version = 99")
            database.close()

        def write(data):
            with open(file, "wb") as out:
                out.write(data)
        cases = [("cut", lambda: os.truncate(file, len(backup) // 2), "is damaged: stop triaged and restore it"),
                 ("cut in a page", lambda: os.truncate(file, 5000), "is damaged: stop triaged and restore it"),
                 ("emptied", lambda: os.truncate(file, 0), "restore it from a backup"),
                 ("removed", lambda: os.unlink(file), "restore it from a backup"),
                 ("overwritten", lambda: write(b"x" * len(backup)), "is no database any more: stop triaged and restore"),
                 ("of a newer version", newer, "newer")]
        for what, harm, words in cases:
            with self.subTest(what):
                harm()
                done = self.assert_refused(daemon, EX_IOERR, re.escape(file), words)
                self.assertLessEqual(done.stderr.count("\n"), 3)
                write(backup)
        self.assert_answered_once(daemon, ANNA)

    def test_locked(self):
        self.deliver(mail("Uno", SPAM))
        daemon = self.daemon()
        os.makedirs(daemon.state, mode=0o700)
        with sqlite3.connect(self.database(daemon), isolation_level=None) as database:
            database.execute("BEGIN EXCLUSIVE")
            self.assert_refused(daemon, EX_TEMPFAIL, f"store '{self.database(daemon)}' is locked by another process")
            database.execute("ROLLBACK")
        database.close()
        os.chmod(self.database(daemon), 0o600)
        self.assert_answered_once(daemon, ANNA)


class Running(StoreTest):
    """In the middle of the work: without a restart it goes on when the cause is gone."""

    def endure(self, daemon, words, harm, mend):
        """Harm the state under the running service, let mail come, mend it."""
        daemon.start()
        self.deliver(mail("Uno", SPAM))
        self.box.settled(1)
        wait_for("the copy in Sent", lambda: self.box.mails("Sent"))
        before = daemon.process.pid
        harm()
        self.deliver(mail("Due", SPAM + " due", sender=BRUNO))
        wait_for("the trouble in the log", lambda: re.search(words, daemon.log()))
        # Nothing that is not recorded is sent, nor tagged.
        self.assertEqual([address for address, _ in self.servers.all_replies()], [ANNA])
        self.assertEqual([one["flags"] & OUTCOMES for one in self.box.mails()], [{"triage-replied"}, set()])
        mend()
        begun = time.monotonic()
        self.box.settled(2)
        print(f"{self._testMethodName}: settled {time.monotonic() - begun:.1f} s after the cause was gone")
        self.replies_to(BRUNO, 1)
        self.assertEqual(daemon.process.pid, before)
        self.assertIsNone(daemon.process.poll())
        self.assert_no_leak(daemon)
        self.assertLess(daemon.stop(), 6)
        self.assert_answered_once(daemon, ANNA, BRUNO)

    def test_disk_full(self):
        daemon = self.daemon()
        self.mount(daemon, "size=4m")
        filler = []
        self.endure(daemon, "the disk is full: free some space|check the disk, its space and the quota",
                    lambda: filler.append(self.fill(daemon)), lambda: os.unlink(filler[0]))

    def test_locked(self):
        daemon = self.daemon()
        locker = []

        def lock():
            locker.append(sqlite3.connect(self.database(daemon), isolation_level=None, timeout=20))
            locker[0].execute("BEGIN IMMEDIATE")

        def release():
            locker[0].execute("ROLLBACK")
            locker[0].close()
        self.endure(daemon, "is locked by another process: see which one with fuser", lock, release)

    def test_mounted_read_only(self):
        """What is open can still be written; who begins anew finds that nothing can be, and tries
        until it can."""
        daemon = self.daemon()

        def cover():
            subprocess.run(["mount", "--bind", daemon.state, daemon.state], check=True)
            self.addCleanup(subprocess.run, ["umount", "-l", daemon.state], check=False, stderr=subprocess.DEVNULL)
            subprocess.run(["mount", "-o", "remount,bind,ro", daemon.state], check=True)
            # The roles; with a watcher go its analysts.
            for pid in children(daemon.process.pid):
                os.kill(pid, signal.SIGKILL)
        self.endure(daemon, f"state directory '{daemon.state}' is not writable: Read-only file system",
                    cover, lambda: subprocess.run(["umount", daemon.state], check=True))


@unittest.skipUnless(shutil.which("mkfs.ext4"), "needs e2fsprogs")
class FailingDisk(StoreTest):
    """The kernel makes the file system read-only under the running service, as it does with one
    whose blocks cannot be read. Only a mount after a check ends that, so the service is started
    anew."""

    def setUp(self):
        super().setUp()
        self.service = self.daemon()
        self.image = self.service.state + ".disk"
        with open(self.image, "wb") as file:
            file.truncate(16 * 1024 * 1024)
        os.makedirs(self.service.state)
        if subprocess.run(["mkfs.ext4", "-q", "-F", self.image], check=False).returncode != 0 or not self.attach():
            self.skipTest("this machine lets nobody mount a disk")
        self.addCleanup(subprocess.run, ["umount", "-l", self.service.state], check=False)
        os.chmod(self.service.state, 0o700)

    def attach(self):
        mount = ["mount", "-o", "loop,errors=remount-ro", self.image, self.service.state]
        return subprocess.run(mount, check=False).returncode == 0

    def break_disk(self):
        device = subprocess.run(["findmnt", "-no", "SOURCE", self.service.state],
                                check=True, capture_output=True, text=True).stdout.strip()
        with open(f"/sys/fs/ext4/{os.path.basename(device)}/trigger_fs_error", "w", encoding="ascii") as file:
            file.write("a block that cannot be read")

    def test_read_only(self):
        daemon = self.service.start()
        self.deliver(mail("Uno", SPAM))
        self.box.settled(1)
        wait_for("the copy in Sent", lambda: self.box.mails("Sent"))
        self.break_disk()
        self.deliver(mail("Due", SPAM + " due", sender=BRUNO))
        wait_for("the trouble in the log", lambda: re.search(
            rf"store '{self.database(daemon)}' cannot be written: check the disk.* not read-only", daemon.log()))
        self.assertEqual([address for address, _ in self.servers.all_replies()], [ANNA])
        self.assertEqual([one["flags"] & OUTCOMES for one in self.box.mails()], [{"triage-replied"}, set()])
        self.assertLess(daemon.stop(), 6)
        subprocess.run(["umount", daemon.state], check=True)
        subprocess.run(["fsck.ext4", "-p", self.image], check=False, capture_output=True)
        self.assertTrue(self.attach())
        self.assert_answered_once(daemon, ANNA, BRUNO)


@unittest.skipUnless(FAKETIME, "needs libfaketime")
class Clock(StoreTest):
    """A clock that is set, forth and back, while the service runs."""

    def test_steps(self):
        clock = os.path.join(self.servers.dir, "clock")

        def set_clock(offset):
            with open(clock + ".new", "w", encoding="ascii") as file:
                file.write(f"{offset:+d}\n")
            os.rename(clock + ".new", clock)
        set_clock(0)
        daemon = self.daemon()
        os.environ.update(LD_PRELOAD=FAKETIME, FAKETIME_TIMESTAMP_FILE=clock, FAKETIME_NO_CACHE="1",
                          DONT_FAKE_MONOTONIC="1")
        try:
            daemon.start()
        finally:
            for name in ("LD_PRELOAD", "FAKETIME_TIMESTAMP_FILE", "FAKETIME_NO_CACHE", "DONT_FAKE_MONOTONIC"):
                del os.environ[name]
        for number, offset in enumerate((0, 3 * 3600, -3 * 3600, DAY, -DAY, 0)):
            set_clock(offset)
            self.deliver(mail(f"Posta {number}", f"{SPAM} {number}", sender=f"c{number}@example.org"))
            mails = self.box.settled(number + 1)
            self.assertIn("triage-replied", mails[-1]["flags"], offset)
            self.replies_to(f"c{number}@example.org", 1)
            seen = datetime.datetime.fromisoformat(self.rows(daemon)[-1]["seen"]).timestamp()
            self.assertAlmostEqual(seen - time.time(), offset, delta=60, msg="the clock was set")
        self.assertLess(daemon.stop(), 5)
        self.assertEqual(len(self.servers.all_replies()), 6)


if __name__ == "__main__":
    unittest.main(verbosity=2)
