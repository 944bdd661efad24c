/* DESIGN. The new database grows beside the old one and takes its name only when it is whole and on
 * the disk. The old one is first closed properly, which empties its write-ahead log: a log that
 * stays under the name would be replayed into the new database. When the old one is too broken for
 * that, its log moves away with it, before it does. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/keep/backup.h"
#include "app/keep/files.h"

typedef struct In {
    int fd;
    ErrInfo *info;
    const RestoreFrom *from;
} In;

static Err in_read(void *arg, void *p, size_t max, size_t *ret_n)
{
    In *in = arg;
    ssize_t n;
    do
        n = read(in->fd, p, max);
    while (n < 0 && errno == EINTR);
    if (n < 0) return file_error(in->info, "read", in->from->path);
    *ret_n = (size_t)n;
    return OK;
}

static Err in_progress(void *arg, const char *table, int64_t n_rows)
{
    In *in = arg;
    return in->from->progress ? in->from->progress(in->from->progress_arg, table, n_rows) : OK;
}

static Err load_into(Db *db, Arena *a, In *in, DumpStats *ret)
{
    const LoadFrom from = {
        .read = in_read, .progress = in_progress, .arg = in, .now_us = in->from->now_us};
    return db_load(db, a, &from, in->info, ret);
}

static bool there(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

static void remove_database(Arena *a, const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < N_OF(ends); i++)
        unlink(arena_printf(a, "%s%s", path, ends[i]));
}

static Err load_beside(const char *path, Arena *a, In *in, DumpStats *ret)
{
    Db *db = NULL;
    remove_database(a, path);
    TRY(db_open(a, path, DB_READ_WRITE, in->info, &db));
    Err e = chmod(path, 0600) == 0 ? OK : file_error(in->info, "made private", path);
    if (e == OK) e = db_bulk(db, true);
    if (e == OK) e = load_into(db, a, in, ret);
    if (e == OK) e = db_bulk(db, false);
    if (e != OK && !in->info->detail[0]) err_detail(in->info, "%s: %s", path, db_error(db));
    db_close(db);
    if (e == OK && there(arena_printf(a, "%s-wal", path))) {
        err_detail(in->info, "%s could not be closed", path);
        e = ERR_IO;
    }
    return e == OK ? file_sync(path, in->info) : e;
}

/* As far as it can be: a broken one is no reason to refuse the restore that is to replace it. */
static void close_properly(const char *path, Arena *a)
{
    ErrInfo unused = {0};
    Db *db = NULL;
    int64_t busy;
    if (db_open(a, path, DB_READ_WRITE, &unused, &db) != OK) return;
    Err e = db_scalar(db, "PRAGMA wal_checkpoint(TRUNCATE)", &busy);
    (void)e;
    db_close(db);
}

static Err keep_former(const RestoreFrom *from, Arena *a, ErrInfo *info, const char **ret_kept)
{
    static const char *const ends[] = {"-wal", "-shm", "-journal", ""};
    char stamp[24];
    *ret_kept = NULL;
    if (!there(from->where)) return OK;
    close_properly(from->where, a);
    compact_time(from->now_us, stamp);
    const char *kept = arena_printf(a, "%s.before-%s", from->where, stamp);
    if (there(kept)) {
        err_detail(info, "%s is there already", kept);
        return ERR_EXISTS;
    }
    for (size_t i = 0; i < N_OF(ends); i++) {
        const char *old = arena_printf(a, "%s%s", from->where, ends[i]);
        if (there(old) && rename(old, arena_printf(a, "%s%s", kept, ends[i])) != 0)
            return file_error(info, "moved away", old);
    }
    *ret_kept = kept;
    return OK;
}

static Err restore_lite(const RestoreFrom *from, Arena *a, In *in, Restored *ret)
{
    const char *beside = arena_printf(a, "%s.restore", from->where);
    if (!from->force && there(from->where)) {
        err_detail(in->info, "%s is there already", from->where);
        return ERR_EXISTS;
    }
    Err e = load_beside(beside, a, in, &ret->stats);
    if (e == OK) e = keep_former(from, a, in->info, &ret->kept);
    if (e == OK && rename(beside, from->where) != 0)
        e = file_error(in->info, "put in place", from->where);
    if (e != OK)
        remove_database(a, beside);
    else
        e = folder_sync(from->where, in->info);
    return e;
}

/* The lock that a server holds as long as it runs. */
static Err take_lock(const char *where, Arena *a, ErrInfo *info, int *ret_fd)
{
    char folder[PATH_MAX];
    folder_of(where, folder, sizeof folder);
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) return file_error(info, "made", folder);
    const char *path = arena_printf(a, "%s/qun.lock", folder);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) return file_error(info, "opened", path);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        close(fd);
        err_detail(info, "a server is using %s: stop it first", folder);
        return ERR_LOCKED;
    }
    *ret_fd = fd;
    return OK;
}

static Err restore_postgres(const RestoreFrom *from, Arena *a, In *in, Restored *ret)
{
    Db *db = NULL;
    TRY(db_open(a, from->where, DB_READ_WRITE, in->info, &db));
    Err e = load_into(db, a, in, &ret->stats);
    db_close(db);
    return e;
}

static Err restore_here(const RestoreFrom *from, Arena *a, In *in, Restored *ret)
{
    int lock = -1;
    *ret = (Restored){0};
    if (db_is_postgres(from->where)) return restore_postgres(from, a, in, ret);
    TRY(take_lock(from->where, a, in->info, &lock));
    Err e = restore_lite(from, a, in, ret);
    close(lock);
    return e;
}

Err restore_from_file(const RestoreFrom *from, Arena *a, ErrInfo *info, Restored *ret)
{
    bool piped = strcmp(from->path, "-") == 0;
    In in = {.fd = piped ? STDIN_FILENO : open(from->path, O_RDONLY | O_CLOEXEC),
             .info = info,
             .from = from};
    if (in.fd < 0) return file_error(info, "opened", from->path);
    Err e = restore_here(from, a, &in, ret);
    if (!piped) close(in.fd);
    return e;
}
