"""The Python peer of the bench: imaplib, email, smtplib; batched fetches and STOREs, four kept SMTP
connections in threads, the same rules.

usage: peer.py IMAP-PORT USER PASSWORD SMTP-PORT RULES
"""

import collections
import email
import email.message
import email.policy
import email.utils
import imaplib
import queue
import re
import smtplib
import sys
import threading

BATCH, CONNECTIONS = 100, 4
SUPPORT = "assistenza@provider.example.it"


def load_rules(file):
    with open(file, encoding="utf-8") as lines:
        pairs = [line.rstrip("\n").split("\t", 1) for line in lines if "\t" in line]
    return [(tag, re.compile(pattern, re.I)) for tag, pattern in pairs]


def classify(mail, rules):
    for part in mail.walk():
        if part.get_content_maintype() != "text":
            continue
        text = part.get_content()
        for tag, pattern in rules:
            if pattern.search(text):
                return tag
    return None


def reply_to(mail, tag):
    reply = email.message.EmailMessage(policy=email.policy.SMTP)
    reply["From"] = f"Assistenza <{SUPPORT}>"
    reply["To"] = email.utils.parseaddr(mail["From"])[1]
    reply["Subject"] = f"Re: {mail['Subject']}"
    reply["In-Reply-To"] = reply["References"] = mail["Message-ID"]
    reply["Message-ID"] = email.utils.make_msgid(domain="provider.example.it")
    reply["Auto-Submitted"] = "auto-replied"
    reply.set_content(f"Abbiamo riconosciuto {tag}; questa riga sta per la guida che segue.\n" * 14)
    return reply


def send(port, replies, accepted):
    client = smtplib.SMTP("127.0.0.1", port)
    for reply in iter(replies.get, None):
        client.sendmail("", [reply["To"]], reply.as_bytes())
        accepted.append(1)
    client.quit()


def do_batch(client, first, last, rules, replies):
    tags = collections.defaultdict(list)
    _, data = client.fetch(f"{first}:{last}", "(UID BODY.PEEK[])")
    for item in data:
        if not isinstance(item, tuple):
            continue
        mail = email.message_from_bytes(item[1], policy=email.policy.default)
        tag = classify(mail, rules)
        if tag is not None:
            tags[tag].append(re.search(rb"UID (\d+)", item[0]).group(1).decode())
            replies.put(reply_to(mail, tag))
    for tag, uids in tags.items():
        client.uid("STORE", ",".join(uids), "+FLAGS.SILENT", f"({tag} triage-replied)")


def main():
    imap_port, user, password, smtp_port, rules_file = sys.argv[1:]
    rules, replies, accepted = load_rules(rules_file), queue.Queue(), []
    senders = [threading.Thread(target=send, args=(int(smtp_port), replies, accepted)) for _ in range(CONNECTIONS)]
    for sender in senders:
        sender.start()
    client = imaplib.IMAP4("127.0.0.1", int(imap_port))
    client.login(user, password)
    count = int(client.select()[1][0])
    for first in range(1, count + 1, BATCH):
        do_batch(client, first, min(first + BATCH - 1, count), rules, replies)
    for _ in senders:
        replies.put(None)
    for sender in senders:
        sender.join()
    client.logout()
    print(count, len(accepted))


if __name__ == "__main__":
    main()
