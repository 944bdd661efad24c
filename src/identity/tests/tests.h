/* The groups of this room's test program; each returns the number of failures. */
#pragma once

int guard_tests(void);
int session_tests(void);
int staff_tests(void);
int access_tests(void);
int http_tests(void);
