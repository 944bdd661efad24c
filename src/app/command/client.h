/* Commands speak to the server through qun.sock. When none runs, the command is the server for as
 * long as it takes: the same code path, and never two writers side by side. */
#pragma once

#include "app/app.h"

typedef struct Client Client;

Err client_open(const Config *config, Arena *a, ErrInfo *info, Client **ret);
Client *client_close(Client *c); /* takes NULL */

typedef struct Answer {
    int status;
    Str type, body;
} Answer;

/* One request; body with p NULL = none; space 0 = the first one. A status of 400 and above becomes
 * its Err with the server's detail in info. */
Err client_call(Client *c, Method method, const char *path, int64_t space, Str body, ErrInfo *info,
                Answer *ret);
/* Percent-encodes a query value. */
const char *client_escape(Client *c, Str value);
