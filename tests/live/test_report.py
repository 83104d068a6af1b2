"""The report: its page in a browser, 5,000 mails over 90 days, on a phone, on a desk, on paper
(skipped where there is no Chromium); and what it foretells, against what then happens.
"""

import collections
import csv
import json
import os
import shutil
import subprocess
import tempfile
import unittest

import browser
from testbed import BUILD, CATALOGUE, SOURCE, TRIAGECTL, LiveTest, mail, ticket

MAILS = 5000
WIDTHS = (320, 360, 768, 1280)

CONFIG = """
state = "{0}/state";
catalogue = [ "{1}" ];
identity = {{ name = "Assistenza"; address = "assistenza@example.it"; }};
mailboxes = ( {{ name = "assistenza"; imap = {{ url = "imap://127.0.0.1"; user = "a";
                password_command = "true"; }}; }} );
smtp = {{ url = "smtp://127.0.0.1"; }};
"""

# Elements that stand out of the window, for the message of a test that fails.
OUTSIDE = """[...document.querySelectorAll('body *')].filter(e =>
    e.getBoundingClientRect().right > WIDTH + 1 &&
    getComputedStyle(e).position !== 'absolute').slice(0, 5).map(e => e.outerHTML.slice(0, 120))"""


@unittest.skipUnless(browser.find(), "no Chromium")
class Report(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = tempfile.mkdtemp(prefix="triaged-report.")
        cls.config = os.path.join(cls.dir, "triaged.conf")
        cls.page = os.path.join(cls.dir, "page.html")
        with open(cls.config, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(cls.dir, CATALOGUE))
        subprocess.run([os.path.join(BUILD, "tests", "store", "make-journal"),
                        os.path.join(cls.dir, "state"), str(MAILS)], check=True)
        cls.report("--html", cls.page, "--what-if", "send")
        cls.figures = json.loads(cls.report("--json"))
        cls.browser = browser.Browser(360, 800)
        cls.browser.open(cls.page)

    @classmethod
    def tearDownClass(cls):
        cls.browser.close()
        shutil.rmtree(cls.dir)

    @classmethod
    def report(cls, *arguments):
        return subprocess.run([TRIAGECTL, "-c", cls.config, "report", *arguments],
                              check=True, capture_output=True, encoding="utf-8").stdout

    def text(self, selector):
        return self.browser.value(f"document.querySelector({json.dumps(selector)}).textContent")

    def count(self, selector):
        return self.browser.value(f"document.querySelectorAll({json.dumps(selector)}).length")

    def test_figures(self):
        tickets = f"{self.figures['tickets']:,}".replace(",", ".")
        self.assertTrue(self.text("#all-tickets").startswith(tickets))
        for row in self.figures["classes"]:
            if row["tickets"] > 0:
                shown = self.text(f"tr[data-class='{row['class']}'] td[data-name=Segnalazioni]")
                self.assertEqual(shown.split()[0], f"{row['tickets']:,}".replace(",", "."))

    def test_every_day_is_drawn_to_scale(self):
        top = max(sum(row["days"].get(day, 0) for row in self.figures["classes"])
                  for row in self.figures["classes"] for day in row["days"])
        self.assertEqual(self.text(".scale span"), str(top))
        drawn = self.browser.value("""[...document.querySelectorAll('.chart rect')]
            .reduce((sum, bar) => sum + bar.height.baseVal.value, 0)""")
        self.assertAlmostEqual(drawn * top / 100, self.figures["tickets"], delta=top)

    def test_nothing_is_complained_of_or_fetched(self):
        self.assertEqual(self.browser.complaints(), [])
        self.assertEqual(self.browser.requests(), ["file://" + self.page])

    def test_no_width_scrolls_sideways(self):
        for width in WIDTHS:
            with self.subTest(width=width):
                self.browser.resize(width, 800)
                wide = self.browser.value("document.documentElement.scrollWidth")
                self.assertLessEqual(wide, width, self.browser.value(OUTSIDE.replace("WIDTH", str(width))))
        self.browser.resize(360, 800)

    def test_charts_and_tables_say_what_they_are(self):
        self.assertEqual(self.browser.value("document.documentElement.lang"), "it")
        self.assertEqual(self.count("svg:not([aria-hidden=true]):not([role=img])"
                                    ":not([aria-hidden=true] svg)"), 0)
        self.assertGreater(self.count("svg[role=img] > title"), 0)
        self.assertEqual(self.count("table thead th:not([scope=col])"), 0)
        self.assertEqual(self.count("table tbody th:not([scope=row])"), 0)
        self.assertEqual(self.count("h1"), 1)

    def test_on_paper(self):
        pages = self.browser.pdf_pages()
        self.assertTrue(2 <= pages <= 12, f"{pages} pages")

    def test_nobody_is_named(self):
        self.assertNotIn("@", self.browser.value("document.body.textContent"))


def class_of(entry):
    """As the report names a class: "CLASS", or "CLASS/DETAIL"."""
    return "/".join(part for part in (entry["class"], entry["detail"]) if part)


class WhatIf(LiveTest):
    """The same tickets, observed by one daemon and answered by another."""

    def pass_over(self, name, mode):
        daemon = self.daemon(name=name, mode=mode)
        done = daemon.run("--once")
        self.assertEqual(done.returncode, 0, done.stderr)
        return daemon

    def foretold(self, daemon, mode):
        done = daemon.ctl("report", "--json", "--what-if", mode)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)["what_if"]

    def test_it_happens_as_foretold(self):
        with open(os.path.join(SOURCE, "tests/mails/tickets/labels.tsv"), encoding="utf-8") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                self.deliver(ticket("tickets/" + row["file"]))
        observing = self.pass_over("observing", "observe")
        self.assertEqual(self.servers.all_replies(), [])
        foretold = self.foretold(observing, "send")
        drafts = self.foretold(observing, "draft")
        sending = self.pass_over("sending", "send")
        happened = collections.Counter((class_of(entry), entry["action"]) for entry in sending.journal())
        for row in foretold["classes"]:
            for name, action in (("sent", "send"), ("drafted", "draft"), ("held", "hold"),
                                 ("no_reply", "suppress")):
                self.assertEqual(row[name], happened[row["class"], action], row)
        sent = sum(row["sent"] for row in foretold["classes"])
        self.assertGreaterEqual(sent, 60)
        self.assertEqual(sum(row["sent"] for row in drafts["classes"]), 0)
        self.assertGreaterEqual(sum(row["drafted"] for row in drafts["classes"]), sent)

    def test_an_error_nobody_knows(self):
        """What no signature knows is kept for the next ones, without who had it."""
        strange = "Sono Piero, quando invio esce: 554 frobnication of {} denied for {} by mx{}.strano.example"
        for number, sender in enumerate(("anna.bassi@example.org", "ugo.quadrelli@example.com")):
            self.deliver(mail("Posta ferma", strange.format(sender.split("@")[0], sender, number), sender))
        daemon = self.pass_over("observing", "observe")
        text, page = (daemon.ctl("report", *form).stdout for form in ((), ("--html", "-")))
        likes, = json.loads(daemon.ctl("report", "--json").stdout)["unmatched"]
        self.assertEqual(likes["mails"], 2)
        self.assertIn("554 frobnication of", likes["form"])
        for shown in (text, page, json.dumps(likes)):
            for name in ("piero", "Piero", "anna", "quadrelli", "strano", "example.org"):
                self.assertNotIn(name, shown)
        verbatim = daemon.ctl("report", "--with-addresses").stdout
        self.assertIn("ugo.quadrelli@example.com", verbatim)


if __name__ == "__main__":
    unittest.main()
