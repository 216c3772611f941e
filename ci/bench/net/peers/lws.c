/*
 * A small server on libwebsockets, as its own minimal examples do it: "/" is 13 bytes, files below --root, a WebSocket
 * echo (or, with --all, a broadcast) at any path. Says where it listens, as the other servers of this benchmark do.
 */
#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A whole message; the payload starts LWS_PRE bytes behind the struct. Shared by all who have yet to send it. */
struct message {
	struct message *next;
	size_t len;
	int users;
	int binary;
};

struct session {
	struct session *next_session;
	struct lws *wsi;
	/* The echo's own queue, in order. */
	struct message *head, *tail;
	/* The broadcast's: the number of the next message. */
	unsigned long next_number;
	/* What has come of a message that is not complete. */
	unsigned char *part;
	size_t part_len, part_room;
};

static int to_all;
/* The binary logarithm of a buffer that a whole message fits in; nothing: the library's own choice (10). */
static char buffer_bits[4];
static struct session *sessions;
/* The broadcast's history. */
#define HISTORY 64
static struct message *history[HISTORY];
static unsigned long numbers;

static struct message *make(const void *data, size_t len, int binary)
{
	struct message *m = malloc(sizeof(*m) + LWS_PRE + len);

	m->next = NULL;
	m->len = len;
	m->users = 1;
	m->binary = binary;
	memcpy((unsigned char *)(m + 1) + LWS_PRE, data, len);
	return m;
}

static void drop(struct message *m)
{
	if (m && !--m->users)
		free(m);
}

static int write_one(struct lws *wsi, struct message *m)
{
	unsigned char *p = (unsigned char *)(m + 1) + LWS_PRE;

	return lws_write(wsi, p, m->len, m->binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT) < (int)m->len ? -1 : 0;
}

static void arrived(struct lws *wsi, struct session *s, const void *data, size_t len, int binary)
{
	struct message *m = make(data, len, binary);

	if (!to_all) {
		if (s->tail)
			s->tail->next = m;
		else
			s->head = m;
		s->tail = m;
		lws_callback_on_writable(wsi);
		return;
	}
	drop(history[numbers % HISTORY]);
	history[numbers++ % HISTORY] = m;
	for (struct session *each = sessions; each; each = each->next_session)
		lws_callback_on_writable(each->wsi);
}

static int on_ws(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct session *s = user;

	switch (reason) {
	case LWS_CALLBACK_ESTABLISHED:
		memset(s, 0, sizeof(*s));
		s->wsi = wsi;
		if (buffer_bits[0]) {
			/*
			 * 4.1.6 inflates what does not fit later, from a receive buffer that all connections share: with more
			 * than one of them what is left there is overwritten by then.
			 */
			lws_set_extension_option(wsi, "permessage-deflate", "rx_buf_size", buffer_bits);
			lws_set_extension_option(wsi, "permessage-deflate", "tx_buf_size", buffer_bits);
		}
		s->next_number = numbers;
		s->next_session = sessions;
		sessions = s;
		break;
	case LWS_CALLBACK_CLOSED:
		for (struct session **at = &sessions; *at; at = &(*at)->next_session)
			if (*at == s) {
				*at = s->next_session;
				break;
			}
		while (s->head) {
			struct message *m = s->head;

			s->head = m->next;
			drop(m);
		}
		free(s->part);
		break;
	case LWS_CALLBACK_RECEIVE: {
		int whole = lws_is_final_fragment(wsi) && !lws_remaining_packet_payload(wsi);

		if (whole && !s->part_len) {
			arrived(wsi, s, in, len, lws_frame_is_binary(wsi));
			break;
		}
		if (s->part_len + len > s->part_room) {
			s->part_room = (s->part_len + len) * 2;
			s->part = realloc(s->part, s->part_room);
		}
		memcpy(s->part + s->part_len, in, len);
		s->part_len += len;
		if (whole) {
			arrived(wsi, s, s->part, s->part_len, lws_frame_is_binary(wsi));
			s->part_len = 0;
		}
		break;
	}
	case LWS_CALLBACK_SERVER_WRITEABLE:
		if (to_all) {
			if (s->next_number == numbers)
				break;
			if (write_one(wsi, history[s->next_number++ % HISTORY]))
				return -1;
			if (s->next_number < numbers)
				lws_callback_on_writable(wsi);
			break;
		}
		if (s->head) {
			struct message *m = s->head;

			s->head = m->next;
			if (!s->head)
				s->tail = NULL;
			int failed = write_one(wsi, m);

			drop(m);
			if (failed)
				return -1;
			if (s->head)
				lws_callback_on_writable(wsi);
		}
		break;
	case LWS_CALLBACK_HTTP: {
		unsigned char buffer[LWS_PRE + 512], *start = buffer + LWS_PRE, *p = start, *end = buffer + sizeof(buffer);

		if (lws_add_http_common_headers(wsi, 200, "text/plain", 13, &p, end) ||
		    lws_finalize_write_http_header(wsi, start, &p, end))
			return 1;
		lws_callback_on_writable(wsi);
		break;
	}
	case LWS_CALLBACK_HTTP_WRITEABLE: {
		unsigned char buffer[LWS_PRE + 13];

		memcpy(buffer + LWS_PRE, "Hello, World!", 13);
		if (lws_write(wsi, buffer + LWS_PRE, 13, LWS_WRITE_HTTP_FINAL) != 13)
			return 1;
		if (lws_http_transaction_completed(wsi))
			return -1;
		break;
	}
	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
	return 0;
}

static const struct lws_protocols protocols[] = {
	{ "echo", on_ws, sizeof(struct session), 65536, 0, NULL, 0 },
	{ NULL, NULL, 0, 0, 0, NULL, 0 },
};

static const struct lws_extension deflate[] = {
	{ "permessage-deflate", lws_extension_callback_pm_deflate,
	  "permessage-deflate; client_no_context_takeover; client_max_window_bits" },
	{ NULL, NULL, NULL },
};

int main(int argc, char **argv)
{
	struct lws_context_creation_info info;
	struct lws_http_mount files;
	const char *root = lws_cmdline_option(argc, (const char **)argv, "--root");
	const char *size = lws_cmdline_option(argc, (const char **)argv, "--size");
	char cert[512], key[512];

	lws_set_log_level(LLL_ERR, NULL);
	memset(&info, 0, sizeof(info));
	memset(&files, 0, sizeof(files));
	to_all = !!lws_cmdline_option(argc, (const char **)argv, "--all");
	if (size && atoi(size) >= 1024) {
		int bits = 11;

		while (1 << bits <= atoi(size))
			bits++;
		snprintf(buffer_bits, sizeof(buffer_bits), "%d", bits);
	}
	files.mountpoint = "/files";
	files.mountpoint_len = 6;
	files.origin = root ? root : ".";
	files.origin_protocol = LWSMPRO_FILE;
	info.port = 0;
	info.iface = "127.0.0.1";
	info.protocols = protocols;
	info.mounts = &files;
	info.extensions = lws_cmdline_option(argc, (const char **)argv, "--deflate") ? deflate : NULL;
	info.keepalive_timeout = 600;
	info.max_http_header_pool = 1024;
	info.pt_serv_buf_size = 65536;
	if (lws_cmdline_option(argc, (const char **)argv, "--tls")) {
		snprintf(cert, sizeof(cert), "%s/cert.pem", root);
		snprintf(key, sizeof(key), "%s/key.pem", root);
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
		info.ssl_cert_filepath = cert;
		info.ssl_private_key_filepath = key;
	}

	struct lws_context *context = lws_create_context(&info);

	if (!context)
		return 1;
	printf("127.0.0.1:%d\n", lws_get_vhost_listen_port(lws_get_vhost_by_name(context, "default")));
	fflush(stdout);
	while (lws_service(context, 0) >= 0)
		;
	return 0;
}
