#include "app/command/command.h"

#include <jansson.h>
#include <stdio.h>
#include <unistd.h>

#include "db/migrate.h"
#include "identity/identity.h"

int cmd_openapi(const Config *config UNUSED, int argc UNUSED, char **argv UNUSED)
{
    Arena a;
    Buf out;
    arena_init(&a, 0);
    buf_init(&out, &a, 256 * 1024);
    openapi_write(&out, all_routes, QUN_VERSION);
    bool ok = fwrite(out.p, 1, out.n, stdout) == out.n && putchar('\n') != EOF;
    arena_done(&a);
    return ok ? EXIT_FINE : EXIT_PROBLEM;
}

typedef struct UserArgs {
    const char *verb, *login, *name, *role, *space;
} UserArgs;

static Err list_users(Client *c, int64_t space, ErrInfo *info)
{
    Answer answer;
    size_t i;
    json_t *row;
    TRY(client_call(c, M_GET, "/api/v1/staff?limit=200", space, (Str){NULL, 0}, info, &answer));
    json_t *list = json_loadb(answer.body.p, answer.body.n, 0, NULL);
    json_array_foreach(json_object_get(list, "items"), i, row)
    {
        printf("%-24s %-12s %-8s %s\n", json_string_value(json_object_get(row, "login")),
               json_string_value(json_object_get(row, "role")),
               json_string_value(json_object_get(row, "state")),
               json_string_value(json_object_get(row, "name")));
    }
    json_decref(list);
    return OK;
}

static Err add_user(Client *c, Arena *a, const UserArgs *in, int64_t space, ErrInfo *info)
{
    Buf out;
    Json j;
    Answer answer;
    buf_init(&out, a, 256);
    json_init(&j, &out);
    json_open(&j, '{');
    json_kz(&j, "login", in->login);
    json_kz(&j, "name", in->name ? in->name : in->login);
    json_kz(&j, "role", in->role ? in->role : "manager");
    json_close(&j, '}');
    TRY(client_call(c, M_POST, "/api/v1/staff", space, buf_view(&out), info, &answer));
    json_t *made = json_loadb(answer.body.p, answer.body.n, 0, NULL);
    const char *password = json_string_value(json_object_get(made, "one_time_password"));
    if (password)
        printf("%s %s\n", in->login, password);
    else
        fprintf(stderr, "%s had an account already and was added to the space\n", in->login);
    json_decref(made);
    return OK;
}

/* For when nobody can sign in: the same route staff use, as the system. */
static Err reset_user(Client *c, Arena *a, const UserArgs *in, int64_t space, ErrInfo *info)
{
    Answer answer;
    size_t i;
    json_t *row;
    char *id = NULL;
    const char *login = in->login ? in->login : "owner";
    TRY(client_call(c, M_GET, "/api/v1/staff?limit=200", space, (Str){NULL, 0}, info, &answer));
    json_t *list = json_loadb(answer.body.p, answer.body.n, 0, NULL);
    json_array_foreach(json_object_get(list, "items"), i, row)
    {
        const char *its = json_string_value(json_object_get(row, "login"));
        if (its && strcmp(its, login) == 0)
            id = arena_printf(a, "%s", json_string_value(json_object_get(row, "id")));
    }
    json_decref(list);
    if (!id) {
        err_detail(info, "there is no account %s in this space", login);
        return ERR_NOT_FOUND;
    }
    TRY(client_call(c, M_POST, arena_printf(a, "/api/v1/staff/%s/password", id), space, STR("{}"),
                    info, &answer));
    json_t *made = json_loadb(answer.body.p, answer.body.n, 0, NULL);
    const char *password = json_string_value(json_object_get(made, "one_time_password"));
    printf("%s %s\n", login, password ? password : "");
    json_decref(made);
    return OK;
}

int cmd_user(const Config *config, int argc, char **argv)
{
    UserArgs in = {0};
    const char *positional[2] = {NULL, NULL};
    int n;
    const Option options[] = {
        {"--name", &in.name, NULL},
        {"--role", &in.role, NULL},
        {"--space", &in.space, NULL},
        {NULL, NULL, NULL},
    };
    if (!options_take(options, argc, argv, positional, 2, &n)) return EXIT_USAGE;
    in.verb = positional[0] ? positional[0] : "";
    in.login = positional[1];
    bool list = strcmp(in.verb, "list") == 0, add = strcmp(in.verb, "add") == 0,
         reset = strcmp(in.verb, "reset") == 0;
    if ((!list && !add && !reset) || (add && !in.login)) {
        fprintf(
            stderr,
            "usage: qun user list | add LOGIN [--name N] [--role R] [--space S] | reset [LOGIN]\n");
        return EXIT_USAGE;
    }
    Arena a;
    ErrInfo info = {0};
    Client *c = NULL;
    int64_t space;
    arena_init(&a, 0);
    Err e = client_open(config, &a, &info, &c);
    if (e == OK) e = find_space(c, in.space, &info, &space);
    if (e == OK)
        e = list  ? list_users(c, space, &info)
            : add ? add_user(c, &a, &in, space, &info)
                  : reset_user(c, &a, &in, space, &info);
    client_close(c);
    int code = e == OK ? EXIT_FINE : say_error(e, &info);
    arena_done(&a);
    return code;
}

int cmd_token(const Config *config, int argc, char **argv)
{
    const char *name = NULL, *role = NULL, *space_name = NULL;
    int n;
    const Option options[] = {
        {"--role", &role, NULL}, {"--space", &space_name, NULL}, {NULL, NULL, NULL}};
    if (!options_take(options, argc, argv, &name, 1, &n)) return EXIT_USAGE;
    if (n != 1) {
        fprintf(stderr, "usage: qun token NAME [--role R] [--space S]\n");
        return EXIT_USAGE;
    }
    Arena a;
    ErrInfo info = {0};
    Client *c = NULL;
    int64_t space;
    Answer answer;
    Buf out;
    Json j;
    arena_init(&a, 0);
    buf_init(&out, &a, 256);
    json_init(&j, &out);
    json_open(&j, '{');
    json_kz(&j, "name", name);
    json_kz(&j, "role", role ? role : "participant");
    json_close(&j, '}');
    Err e = client_open(config, &a, &info, &c);
    if (e == OK) e = find_space(c, space_name, &info, &space);
    if (e == OK) e = client_call(c, M_POST, "/api/v1/keys", space, buf_view(&out), &info, &answer);
    if (e == OK) {
        json_t *made = json_loadb(answer.body.p, answer.body.n, 0, NULL);
        const char *key = json_string_value(json_object_get(made, "key"));
        printf("%s\n", key ? key : "");
        json_decref(made);
    }
    client_close(c);
    int code = e == OK ? EXIT_FINE : say_error(e, &info);
    arena_done(&a);
    return code;
}
