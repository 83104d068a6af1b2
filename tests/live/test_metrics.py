"""The metrics: what they count, where they are found, and who may ask for them."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import unittest

import testbed
from testbed import SPAM, LiveTest, mail, wait_for

try:
    from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
except ImportError:
    read_openmetrics = None

OPENMETRICS = "application/openmetrics-text; version=1.0.0, text/plain;version=0.0.4;q=0.5"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a UNIX socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=20)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(20)
        self.sock.connect(self.path)


def ask(connection, path, method="GET", **headers):
    """Status, headers and text of one request; None when nobody listens."""
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    except OSError:
        return None
    finally:
        connection.close()


def get(port, path, method="GET", **headers):
    return ask(http.client.HTTPConnection("127.0.0.1", port, timeout=20), path, method, **headers)


def values(text):
    """{"name{labels}": value} of an exposition."""
    samples = (line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))
    return {name: float(value) for name, value in samples}


def promtool_complaints(text):
    done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True,
                          timeout=60, check=False)
    return (done.stdout + done.stderr).strip() if done.returncode or done.stderr else ""


class MetricsTest(LiveTest):
    """A daemon with a metrics file and an address."""

    def setUp(self):
        super().setUp()
        self.port = free_port()
        self.file = os.path.join(self.servers.dir, "textfile", "triaged.prom")
        os.makedirs(os.path.dirname(self.file))

    def settings(self, listen=None):
        listen = listen or f"127.0.0.1:{self.port}"
        return f'metrics_file = "{self.file}"; metrics_seconds = 1; metrics_listen = "{listen}";'

    def metrics(self):
        answer = get(self.port, "/metrics")
        return values(answer[2]) if answer and answer[0] == 200 else {}

    def wait_for_value(self, name, wanted, seconds=30):
        return wait_for(f"{name} {wanted}", lambda: (found := self.metrics()).get(name) == wanted and found, seconds)

    def wait_for_health(self, status, seconds=30, port=None):
        def look():
            answer = get(port or self.port, "/healthz")
            return answer if answer and answer[0] == status else None
        return wait_for(f"/healthz {status}", look, seconds)

    def exporter(self, daemon):
        """The pids of the exporter and its listener: the first child, and its own."""
        with open(f"/proc/{daemon.process.pid}/task/{daemon.process.pid}/children", encoding="ascii") as file:
            first = int(file.read().split()[0])
        with open(f"/proc/{first}/task/{first}/children", encoding="ascii") as file:
            return first, int(file.read().split()[0])


class TestCounting(MetricsTest):
    def test_counts_what_becomes_of_mails(self):
        daemon = self.daemon(extra=self.settings())
        daemon.start()
        self.wait_for_health(200)
        before = self.metrics()
        self.assertEqual(before["triaged_mailbox_up{mailbox=\"assistenza\"}"], 1)
        self.assertEqual(before['triaged_outbox_effects{kind="reply",state="queued"}'], 0)
        self.deliver(mail("Non parte", SPAM))
        self.replies_to("anna.bassi@example.org", 1)
        self.box.settled(1)
        found = self.wait_for_value('triaged_journal_mails{outcome="replied"}', 1)
        self.assertEqual(found['triaged_mails_total{class="spam-detected",action="send"}'], 1)
        self.assertEqual(found['triaged_attempts_total{kind="reply",result="done"}'], 1)
        self.assertEqual(found["triaged_reply_duration_seconds_count"], 1)
        self.assertEqual(found['triaged_reply_duration_seconds_bucket{le="+Inf"}'], 1)
        self.assertEqual(found["triaged_analysis_duration_seconds_count"], 1)
        self.assertGreater(found["triaged_analysis_duration_seconds_sum"], 0)
        self.assertGreater(found["triaged_smtp_last_success_timestamp_seconds"], 1.7e9)
        self.assertEqual(found['triaged_role_starts_total{role="watcher",mailbox="assistenza"}'], 1)
        # A gate, and a restart that forgets nothing.
        self.deliver(mail("Fuori sede", "Sono assente", headers="Auto-Submitted: auto-replied\r\n"))
        self.wait_for_value('triaged_gates_total{gate="auto-submitted"}', 1)
        daemon.stop()
        daemon.start()
        found = self.wait_for_value('triaged_role_starts_total{role="watcher",mailbox="assistenza"}', 2)
        self.assertEqual(found['triaged_mails_total{class="spam-detected",action="send"}'], 1)
        # Nothing of what customers write.
        text = get(self.port, "/metrics")[2]
        self.assertNotIn("@", text)
        self.assertNotIn("Non parte", text)

    @unittest.skipUnless(shutil.which("promtool"), "no promtool")
    def test_prometheus_reads_it(self):
        daemon = self.daemon(extra=self.settings())
        self.deliver(mail("Non parte", SPAM))
        daemon.start()
        self.wait_for_value("triaged_reply_duration_seconds_count", 1)
        plain = get(self.port, "/metrics")
        self.assertIn("version=0.0.4", plain[1]["content-type"])
        self.assertEqual(promtool_complaints(plain[2]), "")
        wait_for("the metrics file", lambda: os.path.exists(self.file))
        with open(self.file, encoding="utf-8") as file:
            self.assertEqual(promtool_complaints(file.read()), "")
        fresh = get(self.port, "/metrics", Accept=OPENMETRICS)
        self.assertIn("application/openmetrics-text", fresh[1]["content-type"])
        if read_openmetrics is not None:
            families = {family.name: family for family in read_openmetrics(fresh[2])}
            self.assertEqual(families["triaged_mails"].type, "counter")
            self.assertEqual(families["triaged_reply_duration_seconds"].type, "histogram")
            self.assertGreater(len(families), 15)


class TestFile(MetricsTest):
    def test_is_replaced_whole(self):
        daemon = self.daemon(extra=self.settings())
        daemon.start()
        wait_for("the metrics file", lambda: os.path.exists(self.file))
        seen = set()

        def look():
            with open(self.file, encoding="utf-8") as file:
                status = os.fstat(file.fileno())
                text = file.read()
            # Whoever reads it finds it whole, whenever that is.
            self.assertTrue(text.startswith("# HELP "))
            self.assertIn("\ntriaged_collect_duration_seconds ", text)
            self.assertTrue(text.endswith("\n"))
            self.assertEqual(stat.S_IMODE(status.st_mode), 0o644)
            seen.add(status.st_ino)
            return len(seen) > 2
        wait_for("the file to be replaced twice", look, pause=0.001)
        daemon.stop()
        self.assertEqual(os.listdir(os.path.dirname(self.file)), ["triaged.prom"])

    def test_that_cannot_be_written_is_told_once(self):
        daemon = self.daemon(extra=self.settings())
        os.rename(os.path.dirname(self.file), os.path.dirname(self.file) + ".away")
        daemon.start()
        wait_for("a complaint", lambda: "the metrics cannot be written" in daemon.log())
        self.deliver(mail("Non parte", SPAM))
        self.replies_to("anna.bassi@example.org", 1)
        os.rename(os.path.dirname(self.file) + ".away", os.path.dirname(self.file))
        wait_for("the metrics file", lambda: os.path.exists(self.file))
        wait_for("the good news", lambda: "the metrics are written again" in daemon.log())
        self.assertEqual(daemon.log().count("the metrics cannot be written"), 1)

    def test_of_a_single_pass(self):
        daemon = self.daemon(extra=self.settings())
        self.deliver(mail("Non parte", SPAM))
        self.assertEqual(daemon.run("--once").returncode, 0)
        with open(self.file, encoding="utf-8") as file:
            found = values(file.read())
        self.assertEqual(found['triaged_attempts_total{kind="reply",result="done"}'], 1)


class TestHealth(MetricsTest):
    def status_agrees(self, daemon):
        """Whoever asks is told of the same troubles, but for addresses; asked until nothing changed in between."""
        def look():
            before, after = get(self.port, "/healthz"), daemon.ctl("status", "--json")
            told = [problem["words"] for problem in json.loads(after.stdout)["problems"]]
            told = [re.sub(r"[^ ]*@[^ ]*", "<address>", words) for words in told]
            return before[2] == "".join(line + "\n" for line in ["unhealthy", *told])
        wait_for("the same of status and /healthz", look)

    def test_tells_which_mailbox_is_down(self):
        daemon = self.daemon(extra=self.settings()).start()
        self.assertEqual(self.wait_for_health(200)[2], "healthy\n")
        self.servers.control("stop-imap")
        _, _, text = self.wait_for_health(503)
        self.assertTrue(text.startswith("unhealthy\nmailbox 'assistenza' is out of reach since "), text)
        self.status_agrees(daemon)
        found = self.wait_for_value('triaged_mailbox_up{mailbox="assistenza"}', 0)
        self.assertEqual(found["triaged_healthy"], 0)
        self.assertEqual(found['triaged_outages_total{role="watcher",mailbox="assistenza"}'], 1)
        self.servers.control("start-imap")
        self.wait_for_health(200, 90)
        self.wait_for_value('triaged_mailbox_up{mailbox="assistenza"}', 1)

    def test_tells_of_the_smtp_server(self):
        daemon = self.daemon(extra=self.settings())
        daemon.start()
        self.wait_for_health(200)
        self.servers.control("stop-smtp")
        self.deliver(mail("Non parte", SPAM))
        _, _, text = self.wait_for_health(503)
        self.assertIn("no reply goes out, at ", text)
        self.assertNotIn("@", text)
        self.status_agrees(daemon)
        self.servers.control("start-smtp")
        self.wait_for_health(200, 90)
        self.wait_for_value('triaged_attempts_total{kind="reply",result="done"}', 1)


class TestListener(MetricsTest):
    def test_refuses_the_rest(self):
        self.daemon(extra=self.settings()).start()
        self.wait_for_health(200)
        self.assertEqual(get(self.port, "/")[0], 404)
        self.assertEqual(get(self.port, "/metrics/../healthz")[0], 404)
        refused = get(self.port, "/metrics", method="POST")
        self.assertEqual((refused[0], refused[1]["allow"]), (405, "GET, HEAD"))
        head = get(self.port, "/healthz", method="HEAD")
        self.assertEqual((head[0], head[2]), (200, ""))
        for bytes_ in (b"\0" * 4096, b"GET /" + b"a" * 100000, b"\x16\x03\x01\x02\x00\x01", b"GET /metrics HTTP/1.1\r\n" * 500):
            with socket.create_connection(("127.0.0.1", self.port), timeout=20) as peer:
                try:
                    peer.sendall(bytes_ + b"\r\n\r\n")
                    peer.shutdown(socket.SHUT_WR)
                    self.assertNotIn(b" 200 ", peer.recv(4096))
                except OSError:
                    pass
        self.assertEqual(get(self.port, "/healthz")[0], 200)

    def test_silent_peers_keep_nobody_out(self):
        self.daemon(extra=self.settings()).start()
        self.wait_for_health(200)
        peers = [socket.create_connection(("127.0.0.1", self.port)) for _ in range(20)]
        try:
            for peer in peers:
                peer.sendall(b"GET /metr")
            self.assertEqual(get(self.port, "/metrics")[0], 200)
        finally:
            for peer in peers:
                peer.close()

    def test_holds_nothing(self):
        daemon = self.daemon(extra=self.settings())
        daemon.start()
        self.wait_for_health(200)
        exporter, listener = self.exporter(daemon)
        with open(f"/proc/{listener}/status", encoding="ascii") as file:
            status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
        self.assertEqual((status["Seccomp"], status["NoNewPrivs"]), ("2", "1"))
        links = {os.readlink(f"/proc/{listener}/fd/{fd}") for fd in os.listdir(f"/proc/{listener}/fd")}
        self.assertFalse([link for link in links if daemon.dir in link and link != daemon.log_file], links)
        with open(f"/proc/{listener}/maps", encoding="ascii") as file:
            self.assertNotIn(daemon.state, file.read())
        # Killed by a request or by the admin, it is there again, and nobody else noticed.
        os.kill(listener, signal.SIGKILL)
        wait_for("another listener", lambda: get(self.port, "/metrics"))
        self.assertEqual(self.exporter(daemon)[0], exporter)
        self.assertIn("the metrics listener ended and is started again", daemon.log())

    def test_over_a_unix_socket(self):
        path = os.path.join(self.servers.dir, "metrics.sock")
        with socket.socket(socket.AF_UNIX) as abandoned:
            abandoned.bind(path)
        daemon = self.daemon(extra=self.settings("unix:" + path))
        daemon.start()
        wait_for("/healthz", lambda: (found := ask(UnixConnection(path), "/healthz")) and found[0] == 200)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o666)
        self.assertIn("triaged_build_info", ask(UnixConnection(path), "/metrics")[2])
        daemon.stop()
        self.assertFalse(os.path.exists(path))

    def test_moves_with_a_reload(self):
        daemon = self.daemon(extra=self.settings())
        daemon.start()
        self.wait_for_health(200)
        daemon.reload()
        wait_for("the reload", lambda: "the configuration was reloaded" in daemon.log())
        self.wait_for_health(200)
        other = free_port()
        daemon.configure(extra=self.settings(f"localhost:{other}"))
        daemon.reload()
        self.wait_for_health(200, port=other)
        self.assertIsNone(get(self.port, "/healthz"))

    def test_an_address_that_is_taken(self):
        daemon = self.daemon(extra=self.settings())
        with socket.socket() as squatter:
            squatter.bind(("127.0.0.1", self.port))
            squatter.listen()
            daemon.start()
            wait_for("a complaint", lambda: "the metrics cannot be served, trying again" in daemon.log())
            self.deliver(mail("Non parte", SPAM))
            self.replies_to("anna.bassi@example.org", 1)
        self.wait_for_health(200)
        self.assertEqual(daemon.log().count("the metrics cannot be served, trying again"), 1)

    def test_no_other_address(self):
        daemon = self.daemon(extra=self.settings("0.0.0.0:9762"))
        done = daemon.run("--check-config")
        self.assertEqual(done.returncode, 78)
        self.assertIn("'metrics_listen' must be of this host alone", done.stderr)


if __name__ == "__main__":
    testbed.unittest.main()
