/* The groups of this room's tests; each returns how many failed. */
#pragma once

int fields_tests(void);
int tables_tests(void);
int http_tests(void);
int body_tests(void);
int stream_tests(void);
int tls_tests(void);

/* cmocka's own goes through a macro fail() that base/err.h needs for itself */
#undef fail_msg
#define fail_msg(...) (print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))
