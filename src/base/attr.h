/* Compiler attributes used across the tree, and the assertion that stays on in production. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_USE          __attribute__((warn_unused_result))
#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define UNUSED            __attribute__((unused))
#define AUTO(cleanup_fn)  __attribute__((cleanup(cleanup_fn)))
#define N_OF(array)       (sizeof(array) / sizeof((array)[0]))

/* Our own bug when false: writes the place to stderr and aborts; never compiled out. */
#define must(cond) ((cond) ? (void)0 : must_failed(#cond, __FILE__, __LINE__))
_Noreturn void must_failed(const char *cond, const char *file, int line);
