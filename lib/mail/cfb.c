#include "mail/cfb.h"

#include <string.h>

/* Places in the header ([MS-CFB] 2.2). */
#define SECTOR_SHIFT_AT 30
#define DIRECTORY_AT 48
#define DIFAT_CHAIN_AT 68
#define DIFAT_AT 76
#define DIFAT_IN_HEADER 109

#define ENTRY_SIZE 128
#define LEFT_SIBLING_AT 68 /* in an entry ([MS-CFB] 2.6.1) */
#define RIGHT_SIBLING_AT 72
#define SECTOR_LAST 0xFFFFFFFAu /* above it stand marks: end of chain, free ... */
#define SECTOR_END 0xFFFFFFFEu

typedef struct {
	const guint8 *data;
	gsize length;
	guint shift; /* of a sector's size */
} File;

static guint32
read_u32(const File *file, guint64 at)
{
	guint32 value;
	if (at + sizeof value > file->length)
		return SECTOR_END;
	memcpy(&value, file->data + at, sizeof value);
	return GUINT32_FROM_LE(value);
}

/* The n-th number in a sector. */
static guint32
read_in_sector(const File *file, guint32 sector, guint32 n)
{
	return read_u32(file, (((guint64)sector + 1) << file->shift) + 4 * (guint64)n);
}

/* The sector that holds the n-th piece of the allocation table. */
static guint32
table_sector(const File *file, guint32 n)
{
	guint32 last = (1u << file->shift) / 4 - 1;
	if (n < DIFAT_IN_HEADER)
		return read_u32(file, DIFAT_AT + 4 * (guint64)n);
	guint32 sector = read_u32(file, DIFAT_CHAIN_AT);
	for (n -= DIFAT_IN_HEADER; n >= last && sector <= SECTOR_LAST; n -= last)
		sector = read_in_sector(file, sector, last);
	return sector <= SECTOR_LAST ? read_in_sector(file, sector, n) : SECTOR_END;
}

static guint32
next_sector(const File *file, guint32 sector)
{
	guint32 numbers = (1u << file->shift) / 4;
	guint32 table = table_sector(file, sector / numbers);
	return table <= SECTOR_LAST ? read_in_sector(file, table, sector % numbers)
	                            : SECTOR_END;
}

/* The first entry is the root and stands alone: libgsf would forget its siblings, with all
 * that is below them. Some writers put 0, the root itself, for none. */
static gboolean
root_is_alone(const File *file, guint32 sector)
{
	guint64 root = ((guint64)sector + 1) << file->shift;
	guint32 left = read_u32(file, root + LEFT_SIBLING_AT);
	guint32 right = read_u32(file, root + RIGHT_SIBLING_AT);
	return (left == 0 || left > SECTOR_LAST) && (right == 0 || right > SECTOR_LAST);
}

gboolean
cfb_is_fit(GBytes *bytes)
{
	File file = { 0 };
	file.data = g_bytes_get_data(bytes, &file.length);
	if (file.length < DIFAT_AT + 4 * DIFAT_IN_HEADER)
		return FALSE;
	file.shift = file.data[SECTOR_SHIFT_AT] | file.data[SECTOR_SHIFT_AT + 1] << 8;
	if (file.shift != 9 && file.shift != 12)
		return FALSE;
	guint32 sectors = CFB_ENTRIES_MAX * ENTRY_SIZE >> file.shift;
	guint32 sector = read_u32(&file, DIRECTORY_AT);
	if (sector > SECTOR_LAST || !root_is_alone(&file, sector))
		return FALSE;
	while (sector <= SECTOR_LAST && sectors > 0) {
		if ((guint64)sector << file.shift > file.length)
			return FALSE;
		sector = next_sector(&file, sector);
		sectors--;
	}
	return sector > SECTOR_LAST;
}
