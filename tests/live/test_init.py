"""A newcomer's way: triagectl init against real servers, then the first observed ticket."""

import os
import shutil
import subprocess

from testbed import BUILD, SPAM, TRIAGECTL, LiveTest, mail

ADDRESS = "assistenza@provider.example.it"


class Init(LiveTest):
    def setUp(self):
        super().setUp()
        self.conf = self.daemon(name="newcomer")
        os.remove(self.conf.config)

    def servers_options(self):
        return ["--imap", f"imaps://localhost:{self.servers['IMAPS_PORT']}",
                "--smtp", f"smtps://localhost:{self.servers['SMTPS_PORT']}",
                "--user", self.user]

    def init(self, *arguments, answers=""):
        return subprocess.run(
            [TRIAGECTL, "-c", self.conf.config, "init", "--ca-file", self.servers["CA_FILE"],
             "--state", self.conf.state, *arguments],
            input=answers, capture_output=True, timeout=60, check=False, text=True)

    def assert_nothing_written(self):
        self.assertFalse(os.path.exists(self.conf.config))
        self.assertFalse(os.path.exists(self.conf.config + ".new"))

    def test_options_to_first_ticket(self):
        """Everything by option: the first ticket is judged, and nothing is changed by that."""
        done = self.init("--address", ADDRESS, "--name", 'Assistenza "Clienti"', *self.servers_options(),
                         "--password-file", self.conf.password)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("stores any keyword", done.stdout)
        self.assertNotIn("IMAP server", done.stdout)
        self.assertIn("systemctl enable --now triaged", done.stdout)
        checked = self.conf.run("--check-config", "--online")
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.deliver(mail("Posta bloccata", SPAM))
        passed = self.conf.run("--once")
        self.assertEqual(passed.returncode, 0, passed.stderr)
        one, = self.conf.journal()
        self.assertEqual(one["class"], "spam-detected")
        tags, = [found["flags"] for found in self.box.mails()]
        self.assertFalse([flag for flag in tags if flag.startswith("triage-")])
        self.assertEqual(self.servers.all_replies(), [])

    def test_questions(self):
        """Asked for everything, an empty line takes what is offered; the password stays private."""
        imap, smtp = self.servers_options()[1], self.servers_options()[3]
        done = self.init(answers="\n".join(
            [ADDRESS, "", imap, smtp, self.user, self.servers["MAIL_PASSWORD"], ""]))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"IMAP server \[imaps://[a-z.0-9:]*provider\.example\.it\]")
        secret = os.path.join(os.path.dirname(self.conf.config), "mailbox.password")
        self.assertEqual(os.stat(secret).st_mode & 0o777, 0o600)
        self.assertNotIn(self.servers["MAIL_PASSWORD"], done.stdout + done.stderr)
        with open(self.conf.config, encoding="utf-8") as file:
            written = file.read()
        self.assertNotIn(self.servers["MAIL_PASSWORD"], written)
        self.assertIn('mode = "observe";', written)
        self.assertRegex(written, rf'name +=  *"{ADDRESS}";')

    def test_what_does_not_work_is_not_written(self):
        """A wrong password, a server that is not there, an address that is none: nothing is left."""
        wrong = os.path.join(self.conf.dir, "wrong")
        with open(wrong, "w", encoding="ascii") as file:
            file.write("no such password\n")
        os.chmod(wrong, 0o600)
        done = self.init("--address", ADDRESS, *self.servers_options(), "--password-file", wrong)
        self.assertEqual(done.returncode, 78)
        self.assertIn("login refused", done.stderr)
        self.assert_nothing_written()
        done = self.init("--address", ADDRESS, *self.servers_options(), "--password-file",
                         self.conf.password, "--imap", "imaps://localhost:1")
        self.assertEqual(done.returncode, 78)
        self.assert_nothing_written()
        done = self.init("--address", "nobody", *self.servers_options())
        self.assertEqual(done.returncode, 64)
        self.assertIn("--address", done.stderr)
        self.assert_nothing_written()

    def test_what_is_there_stays(self):
        """A configuration in use is replaced only by force; one without a mailbox may be."""
        arguments = ["--address", ADDRESS, *self.servers_options(), "--password-file", self.conf.password]
        shutil.copy(os.path.join(BUILD, "packaging", "triaged.conf"), self.conf.config)
        self.assertEqual(self.init(*arguments).returncode, 0)
        with open(self.conf.config, encoding="utf-8") as file:
            first = file.read()
        done = self.init(*arguments, "--name", "Altri")
        self.assertEqual(done.returncode, 77)
        self.assertIn("--force", done.stderr)
        with open(self.conf.config, encoding="utf-8") as file:
            self.assertEqual(file.read(), first)
        self.assertEqual(self.init(*arguments, "--name", "Altri", "--force").returncode, 0)
        with open(self.conf.config + ".before-init", encoding="utf-8") as file:
            self.assertEqual(file.read(), first)
