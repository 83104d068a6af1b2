"""triaged --check-config --online: what each server can do, and where the mistake stands."""

import os
import re
import unittest

from network import MailboxTest, NetworkTest, Peer

EX_CONFIG = 78
FACTS = [r"mailbox 'assistenza' at imaps://localhost:\d+", r'folder "INBOX": 0 mails',
         r"connection encrypted \(TLSv1\.[23]\), certificate until \d{4}-\d\d-\d\d \(\d+ days\)", "login accepted",
         r"stores any keyword \(PERMANENTFLAGS \\\*\)", r"\(IDLE\)", r"\(CONDSTORE\)", r"moves mails \(MOVE\)",
         r'Sent folder: "Sent"', r"submission at smtps://localhost:\d+", r"takes mails of up to \d+ bytes \(SIZE\)",
         r"takes the envelope sender <> \(null sender\)", "all good"]


class Online(NetworkTest):
    def check(self, daemon):
        done = daemon.run("--check-config", "--online")
        self.assertEqual(self.servers.all_replies(), [], "nothing is sent")
        self.assertEqual(self.box.mails("Drafts") + self.box.mails("Sent"), [])
        self.assert_no_leak(daemon, done)
        return done

    def lines_of(self, daemon, *names):
        """The numbers of the lines on which settings stand, written one to a line."""
        with open(daemon.config, encoding="utf-8") as file:
            text = re.sub(r"([;{(]) +(?=\w+ = )", r"\1\n", file.read())
        with open(daemon.config, "w", encoding="utf-8") as file:
            file.write(text)
        rows = text.splitlines()
        return [next(number for number, row in enumerate(rows, 1) if row.startswith(name)) for name in names]

    def test_all_is_well(self):
        done = self.check(self.daemon())
        self.assertEqual(done.returncode, 0, done.stderr)
        for fact in FACTS:
            self.assertRegex(done.stdout, fact)
        self.assertEqual(done.stderr, "")

    def test_mistakes(self):
        """Each is told with the line of its own setting and what to do; the other server is looked at."""
        port = self.servers["IMAPS_PORT"]
        cases = [
            ("folder", 'folder = "INBOX"', 'folder = "Nessuna"', "folder = ", "cannot open folder.*make the folder"),
            ("port", f":{port}", ":1", "url = ", "connect.*is the port right"),
            ("kind of port", f":{port}", f":{self.servers['IMAP_PORT']}", "url = ", "does the port fit"),
            ("host", "imaps://localhost", "imaps://nessuno.invalid", "url = ", "resolve.*is the name right"),
            ("name", "imaps://localhost", "imaps://[::ffff:127.0.0.1]", "url = ", "name the server in the url"),
            ("CA", f'ca_file = "{self.servers["CA_FILE"]}";', "", "url = ", "certificate.*set ca_file"),
            ("user", f'user = "{self.user}"', 'user = "\\\\"', "user = ", "login refused: check user and password")]
        for what, old, new, setting, words in cases:
            with self.subTest(what):
                daemon = self.daemon()
                with open(daemon.config, encoding="utf-8") as file:
                    text = file.read()
                with open(daemon.config, "w", encoding="utf-8") as file:
                    file.write(text.replace(old, new, 1))
                line, = self.lines_of(daemon, setting)
                done = self.check(daemon)
                self.assertEqual(done.returncode, EX_CONFIG)
                self.assertRegex(done.stderr, rf"triaged: {re.escape(daemon.config)}:{line}: mailbox 'assistenza': .*({words})")
                self.assertIn("submission at smtps", done.stdout)
                self.assertNotIn("all good", done.stdout)

    def test_passwords(self):
        """Wrong, missing, empty, open to others: said of each server, before anything is tried."""
        wrong = {"wrong": ("login refused: check user and password", "falsa\n", 0o600),
                 "empty": ("no secret in its first line", "\n", 0o600),
                 "open": ("chmod 0600 it", "x\n", 0o644),
                 "missing": ("No such file", None, 0)}
        for what, (words, secret, mode) in wrong.items():
            with self.subTest(what):
                daemon = self.daemon()
                if secret is None:
                    os.remove(daemon.password)
                else:
                    with open(daemon.password, "w", encoding="ascii") as file:
                        file.write(secret)
                    os.chmod(daemon.password, mode)
                done = self.check(daemon)
                self.assertEqual(done.returncode, EX_CONFIG)
                self.assertEqual(len(re.findall(words, done.stderr)), 2, done.stderr)
                self.assertEqual(daemon.run("--check-config").returncode, 0 if what == "wrong" else EX_CONFIG)

    def test_report_template(self):
        """A bad page of the report is found now, not when it is asked for."""
        daemon = self.daemon()
        own = os.path.join(daemon.dir, "catalogue", "report")
        os.makedirs(own)
        with open(os.path.join(own, "report.it.html"), "w", encoding="ascii") as file:
            file.write("<html>\n{{sinze}}\n")
        with open(daemon.config, encoding="utf-8") as file:
            text = file.read()
        with open(daemon.config, "w", encoding="utf-8") as file:
            file.write(text.replace('catalogue" ]', f'catalogue", "{os.path.dirname(own)}" ]'))
        done = daemon.run("--check-config")
        self.assertEqual(done.returncode, EX_CONFIG)
        self.assertIn("report.it.html:2: unknown name 'sinze', did you mean 'since'?", done.stderr)


class Hostile(MailboxTest):
    """What no good server does, by scripted peers."""

    def test_peers(self):
        cases = [("imap-tls-expired", "certificate has expired.*must be renewed"),
                 ("imap-tls-other-name", "name the server in the url"),
                 ("imap-tls-untrusted", "set ca_file"),
                 ("imap-starttls-stripped", "STARTTLS.*imaps://")]
        for talk, words in cases:
            with self.subTest(talk):
                peer = self.peer(talk)
                daemon = self.daemon()
                daemon.configure(groups=self.group(peer, "imap", "[::ffff:127.0.0.1]" if "stripped" in talk else "127.0.0.1"))
                done = daemon.run("--check-config", "--online")
                self.assertEqual(done.returncode, EX_CONFIG)
                self.assertRegex(done.stderr, rf":\d+: mailbox 'rotta': .*({words})")
                self.assertIn("takes the envelope sender", done.stdout)

    def test_null_sender_refused(self):
        peer = self.peer("smtp-550-mail")
        daemon = self.daemon()
        daemon.configure(smtp_server=f'url = "smtp://127.0.0.1:{peer.port}"; ca_file = "{Peer.certificates}/ca.pem";')
        done = daemon.run("--check-config", "--online")
        self.assertEqual(done.returncode, EX_CONFIG)
        self.assertRegex(done.stderr, "submission: the server refuses the envelope sender <>: 550 .*set 'envelope_from'")


if __name__ == "__main__":
    unittest.main(verbosity=2)
