/* One line per event to stderr: `LEVEL time message key=value …`. Domain code never logs; the edge
 * (http, run, app) does, once. Secrets never go in. Thread-safe. */
#pragma once

#include "base/attr.h"

typedef enum LogLevel { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR } LogLevel;

void log_level(LogLevel least); /* default LOG_INFO */
void log_at(LogLevel level, const char *fmt, ...) PRINTF(2, 3);
#define log_debug(...) log_at(LOG_DEBUG, __VA_ARGS__)
#define log_info(...)  log_at(LOG_INFO, __VA_ARGS__)
#define log_warn(...)  log_at(LOG_WARN, __VA_ARGS__)
#define log_error(...) log_at(LOG_ERROR, __VA_ARGS__)
