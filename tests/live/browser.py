"""A headless Chromium, driven through its debugging pipe: no driver, no port, no profile kept.

Messages are JSON objects, each ended by NUL, on the browser's descriptors 3 and 4
(--remote-debugging-pipe).
"""

import json
import os
import select
import shutil
import subprocess
import tempfile
import time

SECONDS = 60
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")


def find():
    """The browser's path, or None."""
    return next((path for path in map(shutil.which, PROGRAMS) if path), None)


class Browser:
    """One page of one browser."""

    def __init__(self, width, height):
        self.profile = tempfile.mkdtemp(prefix="triaged-browser.")
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        self.reader, self.writer = ours_in, ours_out
        self.process = subprocess.Popen(
            ["sh", "-c", 'exec "$@" 3<&%d 4>&%d' % (theirs_in, theirs_out), "sh", find(),
             "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--no-first-run", f"--user-data-dir={self.profile}", "--remote-debugging-pipe"],
            pass_fds=(theirs_in, theirs_out), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(theirs_in)
        os.close(theirs_out)
        self.buffer, self.last, self.session, self.events = b"", 0, None, []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(domain + ".enable")
        self.resize(width, height)

    def receive(self):
        end = time.monotonic() + SECONDS
        while b"\0" not in self.buffer:
            if not select.select([self.reader], [], [], end - time.monotonic())[0]:
                raise AssertionError(f"the browser says nothing for {SECONDS} s")
            data = os.read(self.reader, 65536)
            if not data:
                raise AssertionError("the browser is gone")
            self.buffer += data
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def ask(self, method, **parameters):
        self.last += 1
        message = {"id": self.last, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.writer, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.last:
                if "error" in answer:
                    raise AssertionError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def resize(self, width, height):
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height,
                 deviceScaleFactor=1, mobile=width < 600)

    def open(self, file):
        """Load a file and wait until it is there; what was said before is forgotten."""
        self.events = []
        self.ask("Page.navigate", url="file://" + file)
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self.receive())

    def value(self, expression):
        result = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in result:
            raise AssertionError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def complaints(self):
        """What a developer would see in the console."""
        self.value("0")  # what was said up to now comes first
        return [event["params"] for event in self.events
                if event.get("method") in ("Log.entryAdded", "Runtime.consoleAPICalled",
                                           "Runtime.exceptionThrown")]

    def requests(self):
        return [event["params"]["request"]["url"] for event in self.events
                if event.get("method") == "Network.requestWillBeSent"]

    def pdf_pages(self):
        """How many sheets of paper it takes."""
        import base64
        data = base64.b64decode(self.ask("Page.printToPDF", preferCSSPageSize=True)["data"])
        return data.count(b"/Type /Page\n") or data.count(b"/Type /Page ")

    def close(self):
        os.close(self.writer)
        os.close(self.reader)
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)
