/* The whole program put together: the one place that knows every room. */
#pragma once

#include "app/config.h"
#include "http/http.h"

#define QUN_VERSION "0.1.0"

typedef enum AppMode {
    APP_SERVE,  /* listens on the port and on qun.sock */
    APP_COMMAND /* qun.sock only: a command that found no server running */
} AppMode;

typedef struct App App;

/* Takes the data folder (ERR_LOCKED when another process has it), brings the schema up, makes the
 * first owner, starts lanes, jobs, imports and the server. *ret_first_password is set on the arena
 * when an owner was made, else empty. */
Err app_start(const Config *config, AppMode mode, Arena *a, ErrInfo *info, Str *ret_first_password,
              App **ret);
App *app_stop(App *app); /* takes NULL */
int app_port(const App *app);
/* The database the config names: a file in the data folder, or PostgreSQL. */
const char *app_db_where(const Config *config, Arena *a);
/* Path of a file in the data folder. */
const char *app_path(const Config *config, Arena *a, const char *name);

/* All routes, for the server, OpenAPI and the authorization tests. Ended by NULL. */
extern const Route *const all_routes[];
extern const Asset console_assets[];
extern const int n_console_assets;
