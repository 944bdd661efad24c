/* The same server behind TLS: requests, streams in the main loop, the plain unix socket. */
#include "base/test.h"

#include <gnutls/gnutls.h>
#include <stdlib.h>

#include "http/test/fixture.h"
#include "http/test/tests.h"

static int setup(void **state)
{
    *state = server_open(&(ServerOptions){.tls = true});
    return 0;
}

static int teardown(void **state)
{
    server_close(*state);
    return 0;
}

typedef struct Secure {
    Client *c;
    gnutls_session_t session;
    gnutls_certificate_credentials_t credentials;
} Secure;

static Secure secure_open(int port)
{
    Secure t = {.c = client_open(port)};
    gnutls_certificate_allocate_credentials(&t.credentials);
    gnutls_init(&t.session, GNUTLS_CLIENT);
    gnutls_set_default_priority(t.session);
    gnutls_credentials_set(t.session, GNUTLS_CRD_CERTIFICATE, t.credentials);
    gnutls_transport_set_int(t.session, t.c->fd);
    gnutls_handshake_set_timeout(t.session, 5000);
    assert_int_equal(gnutls_handshake(t.session), 0);
    return t;
}

static void secure_close(Secure *t)
{
    gnutls_deinit(t->session);
    gnutls_certificate_free_credentials(t->credentials);
    client_close(t->c);
}

/* Sends a request, then reads until `what` has come. */
static void converse(Secure *t, const char *request, const char *what, char *text, size_t max)
{
    size_t n = 0;
    text[0] = 0;
    gnutls_record_set_timeout(t->session, 5000);
    if (request[0])
        assert_int_equal(gnutls_record_send(t->session, request, strlen(request)), strlen(request));
    while (!strstr(text, what)) {
        ssize_t got = gnutls_record_recv(t->session, text + n, max - n - 1);
        if (got <= 0) fail_msg("no %s in:\n%s", what, text);
        n += (size_t)got;
        text[n] = 0;
    }
}

static void test_tls__requests_and_streams(void **state)
{
    Server *s = *state;
    char text[8192];
    Secure t = secure_open(s->port), events = secure_open(s->port);
    converse(&t, "GET /api/v1/me HTTP/1.1\r\nHost: a\r\n" COOKIE("lazy") "\r\n", "\"https\":true",
             text, sizeof text);
    assert_non_null(strstr(text, "Strict-Transport-Security: max-age="));
    converse(&t,
             "POST /api/v1/session HTTP/1.1\r\nHost: a\r\n" JSON_TYPE
             "Content-Length: 16\r\n\r\n{\"name\":\"owner\"}",
             "201 Created", text, sizeof text);
    assert_non_null(strstr(text, "; Secure"));
    converse(&events, "GET /api/v1/stream HTTP/1.1\r\nHost: a\r\n" COOKIE("full") "\r\n", ": ready",
             text, sizeof text);
    server_publish(s, "import", 9);
    converse(&events, "", "id: 9\n", text, sizeof text);
    secure_close(&t);
    secure_close(&events);
    Client *cli = client_open_unix(s->unix_path);
    Got g = client_ask(cli, "GET", "/api/v1/me", NULL, NULL);
    assert_int_equal(g.status, 200);
    got_done(&g);
    client_close(cli);
}

static void test_tls__plain_text_is_refused(void **state)
{
    Server *s = *state;
    Client *c = client_open(s->port);
    client_send_z(c, "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(client_is_closed(c, 5000) || client_some(c, (char[64]){0}, 64, 1000) < 64);
    client_close(c);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int tls_tests(void)
{
    const struct CMUnitTest tests[] = {
        T(test_tls__requests_and_streams),
        T(test_tls__plain_text_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
