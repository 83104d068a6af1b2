/*
 * An Outlook item (mail, report, attachment or recipient) as MAPI properties: what a
 * winmail.dat and a .msg hold alike ([MS-OXPROPS], [MS-OXCMSG]).
 */
#pragma once

#include <glib.h>

enum {
	PROPERTY_MESSAGE_CLASS = 0x001A,
	PROPERTY_SUBJECT = 0x0037,
	PROPERTY_SUBMIT_TIME = 0x0039,
	PROPERTY_REPRESENTING_NAME = 0x0042,
	PROPERTY_REPRESENTING_ADDRESS = 0x0065,
	PROPERTY_TOPIC = 0x0070,
	PROPERTY_TRANSPORT_HEADERS = 0x007D,
	PROPERTY_RECIPIENT_TYPE = 0x0C15,
	PROPERTY_SENDER_NAME = 0x0C1A,
	PROPERTY_SUPPLEMENTARY_INFO = 0x0C1B,
	PROPERTY_SENDER_ADDRESS = 0x0C1F,
	PROPERTY_DISPLAY_CC = 0x0E03,
	PROPERTY_DISPLAY_TO = 0x0E04,
	PROPERTY_DELIVERY_TIME = 0x0E06,
	PROPERTY_BODY = 0x1000,
	PROPERTY_REPORT_TEXT = 0x1001,
	PROPERTY_RTF = 0x1009,
	PROPERTY_HTML = 0x1013,
	PROPERTY_MESSAGE_ID = 0x1035,
	PROPERTY_IN_REPLY_TO = 0x1042,
	PROPERTY_DISPLAY_NAME = 0x3001,
	PROPERTY_ADDRESS = 0x3003,
	PROPERTY_ATTACH_DATA = 0x3701,
	PROPERTY_ATTACH_NAME = 0x3704,
	PROPERTY_ATTACH_LONG_NAME = 0x3707,
	PROPERTY_ATTACH_TYPE = 0x370E,
	PROPERTY_ATTACH_CONTENT_ID = 0x3712,
	PROPERTY_SMTP_ADDRESS = 0x39FE,
	PROPERTY_INTERNET_CODEPAGE = 0x3FDE,
	PROPERTY_CODEPAGE = 0x3FFD,
	PROPERTY_SENDER_SMTP = 0x5D01,
	PROPERTY_REPRESENTING_SMTP = 0x5D02,
};

enum {
	VALUE_LONG = 0x0003,
	VALUE_OBJECT = 0x000D,
	VALUE_STRING8 = 0x001E,
	VALUE_UNICODE = 0x001F,
	VALUE_TIME = 0x0040,
	VALUE_BINARY = 0x0102,
};

typedef struct OutlookItem OutlookItem;

struct OutlookItem {
	GArray *properties;     /* the first one of an id counts */
	GPtrArray *attachments; /* of OutlookItem */
	GPtrArray *recipients;  /* of OutlookItem */
	OutlookItem *embedded;  /* of an attachment: the item it holds, or NULL */
	guint codepage;         /* of STRING8 values, 0 when not told */
};

OutlookItem *outlook_item_new(void);
void outlook_item_free(OutlookItem *item);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(OutlookItem, outlook_item_free)

/* Take the value. */
void outlook_item_add(OutlookItem *item, guint16 id, guint16 type, GBytes *value);

/* The value, or NULL. Borrowed. */
GBytes *outlook_item_bytes(const OutlookItem *item, guint16 id);

/* A string value as UTF-8, or NULL when there is none or it is empty. */
char *outlook_item_text(const OutlookItem *item, guint16 id);

/* A time as seconds since the epoch, or 0. */
gint64 outlook_item_time(const OutlookItem *item, guint16 id);

guint32 outlook_item_long(const OutlookItem *item, guint16 id);

/* The label of a Windows code page: 1252 -> "windows-1252"; NULL for 0. */
char *outlook_charset(guint codepage);

/* Write the item as a mail of at most max_size bytes; parts that do not fit are left out. */
GBytes *outlook_item_to_mail(const OutlookItem *item, gsize max_size);
