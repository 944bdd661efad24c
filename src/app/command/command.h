/* The verbs of the command line. Exit 0 fine, 1 found problems or failed, 2 wrong usage. */
#pragma once

#include "app/command/client.h"

typedef struct Options Options;

typedef struct Command {
    const char *name, *usage, *doc;
    int (*run)(const Config *config, int argc, char **argv);
} Command;

extern const Command all_commands[]; /* ended by a row with name NULL */

enum { EXIT_FINE = 0, EXIT_PROBLEM = 1, EXIT_USAGE = 2 };

/* One option of a command: a flag (value NULL) or one with a value. */
typedef struct Option {
    const char *name;   /* "--group" */
    const char **value; /* set to what follows, or */
    bool *flag;         /* set to true */
} Option;

/* Takes options out of argv; what remains are the positional arguments, *ret_n of them, at most
 * max. Says what is wrong on stderr. */
bool options_take(const Option *options, int argc, char **argv, const char **ret_positional,
                  int max, int *ret_n);
/* "qun: what, detail" on stderr in the user's language; EXIT_USAGE for ERR_USAGE, else
 * EXIT_PROBLEM. */
int say_error(Err e, const ErrInfo *info);
bool is_zh(void);
/* The id of a space named by code, name or id; NULL = the first. */
Err find_space(Client *c, const char *name, ErrInfo *info, int64_t *ret);

int cmd_serve(const Config *config, int argc, char **argv);
int cmd_init(const Config *config, int argc, char **argv);
int cmd_import(const Config *config, int argc, char **argv);
int cmd_report(const Config *config, int argc, char **argv);
int cmd_backup(const Config *config, int argc, char **argv);
int cmd_restore(const Config *config, int argc, char **argv);
int cmd_doctor(const Config *config, int argc, char **argv);
int cmd_openapi(const Config *config, int argc, char **argv);
int cmd_user(const Config *config, int argc, char **argv);
int cmd_token(const Config *config, int argc, char **argv);
