/* Settings: rows of config.def, from flags, environment, defaults. */
#pragma once

#include "base/err.h"

typedef const char *ConfigSTR;
typedef int64_t ConfigINT;

typedef struct Config {
#define X(field, type, env, flag, def, min, max, unit, secret, sentence) Config##type field;
#include "app/config.def"
#undef X
} Config;

/* Reads the environment, then takes --flag value and --flag=value of settings out of argv (argc and
 * argv are shortened). errors: ERR_USAGE with a detail that names the setting and what it takes. */
Err config_read(int *argc, char **argv, ErrInfo *info, Config *ret);
/* The table for people: flags, environment, defaults, sentences. */
void config_help(Buf *out);
