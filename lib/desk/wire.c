#include "desk/wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TOGETHER_MAX (64u * 1024) /* bytes that are copied to be written at once */

gboolean
wire_write(int fd, const void *bytes, gsize length)
{
	const char *at = bytes;
	while (length > 0) {
		/* A dead peer is an error to report, not a signal to die of. */
		ssize_t written = send(fd, at, length, MSG_NOSIGNAL);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return FALSE;
		at += written;
		length -= (gsize)written;
	}
	return TRUE;
}

gboolean
wire_write_two(int fd, const void *record, gsize record_length, const void *bytes,
        gsize length)
{
	if (length > TOGETHER_MAX)
		return wire_write(fd, record, record_length) &&
		       wire_write(fd, bytes, length);
	g_autofree char *both = g_malloc(record_length + length);
	memcpy(both, record, record_length);
	memcpy(both + record_length, bytes, length);
	return wire_write(fd, both, record_length + length);
}

gboolean
wire_read(int fd, void *bytes, gsize length)
{
	char *at = bytes;
	while (length > 0) {
		ssize_t got = read(fd, at, length);
		if (got < 0 && errno == EINTR)
			continue;
		if (got == 0)
			errno = 0;
		if (got <= 0)
			return FALSE;
		at += got;
		length -= (gsize)got;
	}
	return TRUE;
}

/* Whether a call failed only for now. */
static gboolean
is_for_now(int failed)
{
	return failed == EAGAIN || failed == EWOULDBLOCK || failed == EINTR;
}

gssize
wire_send_two(
        int fd, const void *record, gsize record_length, GBytes *bytes, gsize offset)
{
	gsize length;
	const char *data = g_bytes_get_data(bytes, &length);
	gsize of_record = MIN(offset, record_length);
	gsize of_bytes = offset - of_record;
	struct iovec vectors[] = {
		{ (char *)record + of_record, record_length - of_record },
		{ (char *)data + of_bytes, length - of_bytes },
	};
	struct msghdr message = { .msg_iov = vectors,
		.msg_iovlen = G_N_ELEMENTS(vectors) };
	ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
	return sent < 0 && is_for_now(errno) ? 0 : sent;
}

gssize
wire_receive(int fd, void *bytes, gsize length)
{
	ssize_t got = recv(fd, bytes, length, MSG_DONTWAIT);
	if (got < 0 && is_for_now(errno))
		return 0;
	return got > 0 ? got : -1;
}

gboolean
wire_give_fd(int socket, int fd)
{
	char byte = 0;
	struct iovec vector = { .iov_base = &byte, .iov_len = 1 };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	memset(&control, 0, sizeof control);
	struct msghdr message = { .msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof control.space };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof fd);
	ssize_t sent;
	do
		sent = sendmsg(socket, &message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent == 1;
}

int
wire_take_fd(int socket)
{
	char byte;
	struct iovec vector = { .iov_base = &byte, .iov_len = 1 };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr message = { .msg_iov = &vector,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof control.space };
	ssize_t got;
	do
		got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	struct cmsghdr *header = got == 1 ? CMSG_FIRSTHDR(&message) : NULL;
	if (header == NULL || header->cmsg_type != SCM_RIGHTS)
		return -1;
	int fd;
	memcpy(&fd, CMSG_DATA(header), sizeof fd);
	return fd;
}
