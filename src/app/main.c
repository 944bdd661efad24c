/* qun: one program, one verb after it. */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>

#include "app/command/command.h"

/* clang-format off */
const Command all_commands[] = {
    {"serve",   "", "Serve the console and the API.", cmd_serve},
    {"init",    "", "Make the data folder and the first owner without serving.", cmd_init},
    {"import",  "FILE --group NAME [--space S] [--community C] [--format F] [--map MAP.yaml] [--zone TZ] [--date-order O] [--chat C] [--covers-to T] [--strict] [--pseudonymise]",
     "Bring the exported history of a group in.", cmd_import},
    {"report",  "--group NAME [--space S] [--format txt|json|html|csv] [--as-of T] [--lang zh|en] [--out FILE]",
     "Say whether a group is alive, and why.", cmd_report},
    {"backup",  "[FILE] [--force]", "Write everything into one file, also while serving.", cmd_backup},
    {"restore", "FILE [--force]", "Bring a backup into an empty data folder or database.", cmd_restore},
    {"doctor",  "[--full] [--json]", "Check data, audit chain, clock, disk and port.", cmd_doctor},
    {"user",    "list | add LOGIN [--name N] [--role R] [--space S] | reset [LOGIN]", "Staff accounts, also when nobody can sign in.", cmd_user},
    {"token",   "NAME [--role R] [--space S]", "Make an API key; it is shown once.", cmd_token},
    {"openapi", "", "Print the description of the API.", cmd_openapi},
    {.name = NULL},
};
/* clang-format on */

static void help(FILE *to)
{
    Arena a;
    Buf out;
    arena_init(&a, 0);
    buf_init(&out, &a, 4096);
    buf_z(&out, "qun " QUN_VERSION " — runs communities\n\nusage: qun COMMAND …\n\n");
    for (const Command *c = all_commands; c->name; c++)
        buf_printf(&out, "  %-8s %s\n           %s\n", c->name, c->usage, c->doc);
    buf_z(&out, "\nSettings (flag, environment, default):\n");
    config_help(&out);
    fputs(out.p, to);
    arena_done(&a);
}

int main(int argc, char **argv)
{
    Config config;
    ErrInfo info = {0};
    setlocale(LC_CTYPE, "C.UTF-8");
    signal(SIGPIPE, SIG_IGN);
    int n = argc - 1;
    Err e = config_read(&n, argv + 1, &info, &config);
    if (e != OK) return say_error(e, &info);
    if (n == 0) {
        help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 ||
        strcmp(argv[1], "-h") == 0) {
        help(stdout);
        return EXIT_FINE;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "version") == 0) {
        puts("qun " QUN_VERSION);
        return EXIT_FINE;
    }
    for (const Command *c = all_commands; c->name; c++)
        if (strcmp(c->name, argv[1]) == 0) return c->run(&config, n - 1, argv + 2);
    fprintf(stderr, "qun: there is no command %s; qun help lists them\n", argv[1]);
    return EXIT_USAGE;
}
