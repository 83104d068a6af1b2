// The Node peer of the bench: imapflow, mailparser, nodemailer; batched fetches and STOREs, a pool
// of four SMTP connections, the same rules.
//
// usage: node peer.mjs IMAP-PORT USER PASSWORD SMTP-PORT RULES

import { readFileSync } from "node:fs";
import { ImapFlow } from "imapflow";
import { simpleParser } from "mailparser";
import nodemailer from "nodemailer";

const BATCH = 100;
const SUPPORT = "assistenza@provider.example.it";
const [imapPort, user, pass, smtpPort, rulesFile] = process.argv.slice(2);

const rules = readFileSync(rulesFile, "utf8").split("\n").filter((line) => line.includes("\t"))
	.map((line) => { const [tag, pattern] = line.split("\t"); return { tag, pattern: new RegExp(pattern, "i") }; });

function texts(mail) {
	return [mail.text ?? "", ...mail.attachments.filter((part) => /^(text|message)\//.test(part.contentType))
		.map((part) => part.content.toString())];
}

function classify(mail) {
	for (const text of texts(mail)) {
		const found = rules.find((rule) => rule.pattern.test(text));
		if (found) return found.tag;
	}
	return null;
}

function replyTo(mail, tag) {
	return {
		from: `Assistenza <${SUPPORT}>`, to: mail.from.value[0].address, subject: `Re: ${mail.subject}`,
		inReplyTo: mail.messageId, references: mail.messageId, headers: { "Auto-Submitted": "auto-replied" },
		envelope: { from: "", to: [mail.from.value[0].address] },
		text: `Abbiamo riconosciuto ${tag}; questa riga sta per la guida che segue.\n`.repeat(14),
	};
}

const options = { host: "127.0.0.1", secure: false, ignoreTLS: true };
const transport = nodemailer.createTransport({ ...options, port: Number(smtpPort), pool: true, maxConnections: 4,
	maxMessages: Infinity });
const client = new ImapFlow({ host: "127.0.0.1", port: Number(imapPort), secure: false, doSTARTTLS: false,
	auth: { user, pass }, logger: false });
await client.connect();
const { exists } = await client.mailboxOpen("INBOX");
const sending = [];

for (let first = 1; first <= exists; first += BATCH) {
	const tags = new Map();
	const range = `${first}:${Math.min(first + BATCH - 1, exists)}`;
	const fetched = await client.fetchAll(range, { uid: true, source: true });
	await Promise.all(fetched.map(async ({ uid, source }) => {
		const mail = await simpleParser(source, { skipImageLinks: true, skipTextLinks: true, skipTextToHtml: true });
		const tag = classify(mail);
		if (!tag) return;
		tags.set(tag, [...(tags.get(tag) ?? []), uid]);
		sending.push(transport.sendMail(replyTo(mail, tag)));
	}));
	for (const [tag, uids] of tags)
		await client.messageFlagsAdd(uids, [tag, "triage-replied"], { uid: true, silent: true });
}
const accepted = (await Promise.all(sending)).length;
transport.close();
await client.logout();
console.log(exists, accepted);
