#include "app/command/command.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/log.h"

/* Many phones may keep a connection open: take the files the system allows. */
static void raise_limits(void)
{
    struct rlimit l;
    if (getrlimit(RLIMIT_NOFILE, &l) != 0) return;
    l.rlim_cur = l.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &l) != 0) log_warn("the limit of open files stays as it is");
}

static void welcome(const Config *config, const App *app, Str password)
{
    const char *scheme = config->tls_cert[0] ? "https" : "http";
    bool any = strcmp(config->address, "0.0.0.0") == 0 || strcmp(config->address, "::") == 0;
    const char *host = any ? "localhost" : config->address;
    printf("\n  Qun 群  %s://%s:%d/\n", scheme, host, app_port(app));
    if (password.n) {
        printf("\n  First login  账号 owner   一次性密码 %.*s\n", STR_ARG(password));
        printf("  It is shown once; you set your own after signing in. "
               "只显示一次，登录后请设置自己的密码。\n");
    }
    printf("\n");
    fflush(stdout);
}

int cmd_serve(const Config *config, int argc, char **argv)
{
    if (argc) {
        fprintf(stderr, "qun: serve takes no argument: %s\n", argv[0]);
        return EXIT_USAGE;
    }
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGINT);
    sigaddset(&stop, SIGTERM);
    sigprocmask(SIG_BLOCK, &stop, NULL);
    raise_limits();
    Arena a;
    arena_init(&a, 0);
    ErrInfo info = {0};
    Str password;
    App *app;
    Err e = app_start(config, APP_SERVE, &a, &info, &password, &app);
    if (e != OK) {
        arena_done(&a);
        return say_error(e, &info);
    }
    welcome(config, app, password);
    int signal_number;
    sigwait(&stop, &signal_number);
    log_info("stopping");
    app_stop(app);
    arena_done(&a);
    return EXIT_FINE;
}

int cmd_init(const Config *config, int argc, char **argv UNUSED)
{
    if (argc) {
        fprintf(stderr, "qun: init takes no argument\n");
        return EXIT_USAGE;
    }
    Arena a;
    arena_init(&a, 0);
    ErrInfo info = {0};
    Str password;
    App *app = NULL;
    Err e = app_start(config, APP_COMMAND, &a, &info, &password, &app);
    if (e == OK && password.n)
        printf("owner %.*s\n", STR_ARG(password));
    else if (e == OK)
        fprintf(stderr, "%s is ready; its owner exists already\n", config->data);
    app_stop(app);
    int code = e == OK ? EXIT_FINE : say_error(e, &info);
    arena_done(&a);
    return code;
}
