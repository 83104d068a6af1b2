"""Tickets for the bench: the same ones at every run, as customers' mails of 2 to 60 KB.

Each is the text of one of tests/mails that triaged answers, or one of the templates below,
under a header of its own (its own sender, Message-ID and today's date), padded to its size as
mails are: by an old thread, a log, a returned mail or a picture.
"""

import base64
import email.utils
import functools
import os
import random
import re

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MAILS = os.path.join(SOURCE, "tests", "mails")
SMALLEST, LARGEST = 2 * 1024, 60 * 1000
TEXT = b"MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"

TEMPLATES = [
    "Buongiorno,\nda stamattina ogni mail che spedisco torna con\n\n"
    "    552 5.2.0 igxL1p00E1WDM2s01gxMXG spam detected\n\nCome posso fare?\n",
    "Salve, il vostro server risponde \"550 5.7.1 Relay access denied\" quando scrivo a clienti\n"
    "fuori dall'azienda. In ufficio funziona, da casa no.\n",
    "Outlook mi dice 0x8004210A, l'operazione ha superato il tempo limite in attesa di una risposta\n"
    "dal server di ricezione (POP). Che cosa devo cambiare?\n",
    "Gentili,\nun cliente non riceve: 554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using\n"
    "zen.spamhaus.org. Non abbiamo mai fatto spam.\n",
    "Il telefono dice che il mittente non \u00e8 riconosciuto: 550 5.1.0 sender rejected. Aiuto!\n",
]
WORDS = ("buongiorno ordine fattura consegna allegato cliente conferma preventivo riunione lunedi spedizione "
         "materiale offerta contratto firma copia prezzo magazzino ufficio telefono grazie cordiali saluti").split()


@functools.lru_cache(None)
def bodies():
    """The samples' own parts, from their MIME header on; each answered by triaged."""
    found = [TEXT + text.encode() for text in TEMPLATES]
    for name in sorted(os.listdir(MAILS)):
        if not name.endswith(".expect"):
            continue
        with open(os.path.join(MAILS, name), encoding="utf-8") as file:
            if not re.search(r"^Reply: goes out", file.read(), re.M):
                continue
        with open(os.path.join(MAILS, name[:-len("expect")] + "eml"), "rb") as file:
            header, _, body = file.read().replace(b"\r\n", b"\n").partition(b"\n\n")
        fields = re.findall(rb"^(?:MIME-Version|Content-[^:]+):.*\n(?:[ \t].*\n)*", header + b"\n", re.M | re.I)
        if len(body) < LARGEST // 2 and not re.search(rb"^(In-Reply-To|References):", header, re.M | re.I):
            found.append(b"".join(fields) + b"\n" + body)
    return found


def sentence(chance):
    return " ".join(chance.choice(WORDS) for _ in range(11)).capitalize() + "."


def thread(chance, size):
    """An old conversation, quoted."""
    lines = ["Da: Ufficio vendite", "A: Clienti", "Oggetto: preventivo", ""]
    while size > 0:
        lines.append("> " + sentence(chance))
        size -= len(lines[-1]) + 1
    return b"Content-Type: text/plain; charset=utf-8\n\n" + "\n".join(lines).encode() + b"\n"


def log(chance, size):
    text = thread(chance, size * 7 // 10).partition(b"\n\n")[2].replace(b"> ", b"12:01:07 smtp ")
    return (b"Content-Type: text/plain; name=posta.log\nContent-Disposition: attachment; filename=posta.log\n"
            b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(text))


def picture(chance, size):
    return (b"Content-Type: image/png; name=logo.png\nContent-Disposition: attachment; filename=logo.png\n"
            b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(chance.randbytes(size * 7 // 10)))


def returned(chance, size):
    """A mail of the customer's own, attached."""
    return (b"Content-Type: message/rfc822\n\nFrom: ufficio@example.org\nTo: cliente@example.com\n"
            b"Subject: Preventivo\nMIME-Version: 1.0\n" + thread(chance, size).replace(b"> ", b""))


PADDINGS = (thread, log, picture, returned)


def ticket(number, largest=LARGEST, now=None):
    """The bytes (CRLF) of ticket number; now: seconds since the epoch for its date."""
    chance = random.Random(number)
    body = chance.choice(bodies())
    size = round(1.05 * SMALLEST * (0.95 * largest / SMALLEST) ** chance.random())
    header = (f"Received: from mail.example.org by mx.provider.example.it; {email.utils.formatdate(now)}\n"
              f"From: Cliente {number} <cliente{number}@azienda{number % 997}.example.org>\n"
              f"To: assistenza@provider.example.it\nSubject: Problema con la posta {number}\n"
              f"Date: {email.utils.formatdate(now)}\nMessage-ID: <ticket{number}@example.org>\n").encode()
    lack = size - len(header) - len(body) - 300
    if lack > 0:
        edge = b"edge%d" % number
        inner = body.replace(b"MIME-Version: 1.0\n", b"", 1)
        padding = chance.choice(PADDINGS)(chance, lack)
        body = (b"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=" + edge + b"\n\n--" + edge + b"\n" +
                inner + b"\n--" + edge + b"\n" + padding + b"\n--" + edge + b"--\n")
    return (header + body).replace(b"\n", b"\r\n")
