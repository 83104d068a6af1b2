#include "store/signing_key.h"
#include "base/digest.h"
#include "base/errors.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECRET_FILE "secret"
#define SECRET_BYTES 32
#define TOKEN_PREFIX "TR-"
#define TOKEN_CHARS 6
#define SIGNATURE_CHARS 20 /* 100 bits */
#define MESSAGE_ID_MAX 512

struct SigningKey {
	guint8 bytes[SECRET_BYTES];
	Hmac *hmac;
};

static const char crockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

SigningKey *
signing_key_new_random(void)
{
	SigningKey *key = g_new0(SigningKey, 1);
	/* Never short for 32 bytes once the kernel's pool is ready (getrandom(2)). */
	if (getrandom(key->bytes, SECRET_BYTES, 0) != SECRET_BYTES)
		g_error("getrandom: %s", g_strerror(errno));
	key->hmac = hmac_new(key->bytes, SECRET_BYTES);
	return key;
}

void
signing_key_free(SigningKey *key)
{
	if (key == NULL)
		return;
	explicit_bzero(key->bytes, SECRET_BYTES);
	hmac_free(key->hmac);
	g_free(key);
}

static gboolean
signing_key_set_error(const char *file, const char *words, GError **error)
{
	g_set_error(error, TRIAGED_ERROR, ERROR_STORE, "secret '%s' %s", file, words);
	return FALSE;
}

/* FALSE without an error when there is none yet. */
static gboolean
signing_key_read(SigningKey *key, const char *file, GError **error)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT
		               ? FALSE
		               : signing_key_set_error(file, g_strerror(errno), error);
	struct stat status;
	gboolean whole = fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
	                 status.st_size == SECRET_BYTES &&
	                 read(fd, key->bytes, SECRET_BYTES) == SECRET_BYTES;
	close(fd);
	if (!whole)
		return signing_key_set_error(file,
		        "is damaged: restore it from a backup, or remove it "
		        "(follow-ups to older "
		        "replies are then not recognised)",
		        error);
	if ((status.st_mode & 077) != 0)
		return signing_key_set_error(
		        file, "is open to others: chmod 600 it", error);
	return TRUE;
}

static gboolean
write_synced(int fd, const guint8 *bytes, gsize length)
{
	gboolean written = write(fd, bytes, length) == (gssize)length && fsync(fd) == 0;
	return close(fd) == 0 && written;
}

static void
directory_sync(const char *directory)
{
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

/* link(2) and not rename(2): of two processes that make one, the first wins. */
static gboolean
signing_key_write(const char *state, const char *file, GError **error)
{
	g_autoptr(SigningKey) key = signing_key_new_random();
	g_autofree char *draft = g_strdup_printf("%s.%d", file, (int)getpid());
	unlink(draft);
	int fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	gboolean made = fd >= 0 && write_synced(fd, key->bytes, SECRET_BYTES) &&
	                (link(draft, file) == 0 || errno == EEXIST);
	int reason = errno;
	unlink(draft);
	directory_sync(state);
	if (!made) {
		g_autofree char *what =
		        g_strdup_printf("secret '%s' cannot be made", file);
		error_set_disk(error, reason, what);
	}
	return made;
}

SigningKey *
signing_key_load(const char *state, gboolean create, GError **error)
{
	g_autofree char *file = g_build_filename(state, SECRET_FILE, NULL);
	g_autoptr(SigningKey) key = g_new0(SigningKey, 1);
	g_autoptr(GError) problem = NULL;
	gboolean loaded = signing_key_read(key, file, &problem);
	if (!loaded && problem == NULL) {
		if (!create)
			signing_key_set_error(file,
			        "is not there: start triaged, which makes it",
			        &problem);
		else if (signing_key_write(state, file, &problem))
			loaded = signing_key_read(key, file, &problem);
	}
	if (loaded) {
		key->hmac = hmac_new(key->bytes, SECRET_BYTES);
		return g_steal_pointer(&key);
	}
	g_propagate_error(error, g_steal_pointer(&problem));
	return NULL;
}

/* The first chars*5 bits of the text's HMAC, in Crockford's base32. */
static void
signing_key_sign(const SigningKey *key, const char *text, char *out, guint chars)
{
	guint8 digest[HMAC_BYTES];
	hmac_digest(key->hmac, text, digest);
	for (guint i = 0; i < chars; i++) {
		guint bit = i * 5;
		guint pair = digest[bit / 8] << 8 | digest[bit / 8 + 1];
		out[i] = crockford[pair >> (11 - bit % 8) & 31];
	}
	out[chars] = '\0';
}

char *
signing_key_make_token(const SigningKey *key, gint64 conversation, guint round)
{
	char code[TOKEN_CHARS + 1];
	g_autofree char *text =
	        g_strdup_printf("token %" G_GINT64_FORMAT " %u", conversation, round);
	signing_key_sign(key, text, code, TOKEN_CHARS);
	return g_strconcat(TOKEN_PREFIX, code, NULL);
}

/* The domain is left out of what is signed: gateways change its case. */
static void
sign_reply(const SigningKey *key, const char *token, gint64 mail, char *signature)
{
	g_autofree char *text =
	        g_strdup_printf("message-id %s %" G_GINT64_FORMAT, token, mail);
	signing_key_sign(key, text, signature, SIGNATURE_CHARS);
}

char *
message_id_sign(
        const SigningKey *key, const char *token, gint64 mail, const char *domain)
{
	char signature[SIGNATURE_CHARS + 1];
	sign_reply(key, token, mail, signature);
	return g_strdup_printf(
	        "<%s.%" G_GINT64_FORMAT ".%s@%s>", token, mail, signature, domain);
}

static gboolean
signature_is_equal(const char *one, const char *other)
{
	guint difference = strlen(one) ^ strlen(other);
	for (guint i = 0; i < SIGNATURE_CHARS && one[i] != '\0' && other[i] != '\0';
	        i++)
		difference |= one[i] ^ other[i];
	return difference == 0;
}

gboolean
message_id_verify(
        const SigningKey *key, const char *message_id, char **token, gint64 *mail)
{
	char code[TOKEN_LENGTH + 1], given[SIGNATURE_CHARS + 1],
	        wanted[SIGNATURE_CHARS + 1];
	long long number;
	if (message_id == NULL || strlen(message_id) > MESSAGE_ID_MAX)
		return FALSE;
	g_autofree char *upper = g_ascii_strup(message_id, -1);
	const char *start = upper[0] == '<' ? upper + 1 : upper;
	G_STATIC_ASSERT(TOKEN_LENGTH == 9 && SIGNATURE_CHARS == 20);
	if (sscanf(start, "%9[A-Z0-9-].%18lld.%20[A-Z0-9]@", code, &number, given) != 3)
		return FALSE;
	sign_reply(key, code, number, wanted);
	if (!signature_is_equal(given, wanted))
		return FALSE;
	if (token != NULL)
		*token = g_strdup(code);
	if (mail != NULL)
		*mail = number;
	return TRUE;
}

static void
sign_note(const SigningKey *key, gint64 mail, char *signature)
{
	g_autofree char *text = g_strdup_printf("note %" G_GINT64_FORMAT, mail);
	signing_key_sign(key, text, signature, SIGNATURE_CHARS);
}

char *
note_id_sign(const SigningKey *key, gint64 mail, const char *domain)
{
	char signature[SIGNATURE_CHARS + 1];
	sign_note(key, mail, signature);
	return g_strdup_printf(
	        "<note.%" G_GINT64_FORMAT ".%s@%s>", mail, signature, domain);
}

gboolean
note_id_verify(const SigningKey *key, const char *message_id)
{
	char given[SIGNATURE_CHARS + 1], wanted[SIGNATURE_CHARS + 1];
	long long number;
	if (message_id == NULL || strlen(message_id) > MESSAGE_ID_MAX)
		return FALSE;
	const char *start = message_id[0] == '<' ? message_id + 1 : message_id;
	if (sscanf(start, "note.%18lld.%20[A-Z0-9]@", &number, given) != 2)
		return FALSE;
	sign_note(key, number, wanted);
	return signature_is_equal(given, wanted);
}

char *
signing_key_hide(const SigningKey *key, const char *address)
{
	char code[SIGNATURE_CHARS + 1];
	g_autofree char *lower = g_utf8_strdown(address, -1);
	g_autofree char *text = g_strconcat("address ", lower, NULL);
	signing_key_sign(key, text, code, SIGNATURE_CHARS);
	return g_strconcat("#", code, NULL);
}

static gboolean
is_code_char(char letter)
{
	return letter != '\0' && strchr(crockford, g_ascii_toupper(letter)) != NULL;
}

char *
token_find(const char *text)
{
	for (; text != NULL && *text != '\0'; text++) {
		if (g_ascii_strncasecmp(text, TOKEN_PREFIX, strlen(TOKEN_PREFIX)) != 0)
			continue;
		const char *code = text + strlen(TOKEN_PREFIX);
		guint length = 0;
		while (length < TOKEN_CHARS && is_code_char(code[length]))
			length++;
		if (length == TOKEN_CHARS && !g_ascii_isalnum(code[length]))
			return g_ascii_strup(text, TOKEN_LENGTH);
	}
	return NULL;
}
