#include "app/keep/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/keep/files.h"

Err backup_default_path(const char *data, int64_t now_us, Arena *a, ErrInfo *info, const char **ret)
{
    char stamp[24];
    const char *folder = arena_printf(a, "%s/backups", data);
    if (mkdir(folder, 0700) != 0 && errno != EEXIST) return file_error(info, "made", folder);
    compact_time(now_us, stamp);
    *ret = arena_printf(a, "%s/qun-%s.jsonl.gz", folder, stamp);
    return OK;
}

typedef struct Out {
    int fd;
    const char *path;
    ErrInfo *info;
    const BackupTo *to;
} Out;

static Err out_write(void *arg, const void *p, size_t n)
{
    Out *o = arg;
    for (const char *at = p; n;) {
        ssize_t done = write(o->fd, at, n);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return file_error(o->info, "written", o->path);
        at += done;
        n -= (size_t)done;
    }
    return OK;
}

static Err out_progress(void *arg, const char *table, int64_t n_rows)
{
    Out *o = arg;
    return o->to->progress ? o->to->progress(o->to->progress_arg, table, n_rows) : OK;
}

static Err dump_to(Db *db, Arena *a, Out *o, ErrInfo *info, DumpStats *ret)
{
    const DumpTo to = {.write = out_write,
                       .progress = out_progress,
                       .arg = o,
                       .version = o->to->version,
                       .now_us = o->to->now_us};
    return db_dump(db, a, &to, info, ret);
}

/* The lock, not O_EXCL, keeps two backups apart: what a killed one has left is written over. */
static Err open_tmp(Out *o)
{
    o->fd = open(o->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (o->fd < 0) return file_error(o->info, "opened", o->path);
    if (flock(o->fd, LOCK_EX | LOCK_NB) != 0) {
        close(o->fd);
        err_detail(o->info, "another backup is writing %s", o->path);
        return ERR_LOCKED;
    }
    if (ftruncate(o->fd, 0) == 0 && fchmod(o->fd, 0600) == 0) return OK;
    Err e = file_error(o->info, "emptied", o->path);
    close(o->fd);
    return e;
}

static Err put_in_place(const Out *o, const char *path, bool force)
{
    int rc = renameat2(AT_FDCWD, o->path, AT_FDCWD, path, force ? 0 : RENAME_NOREPLACE);
    /* some file systems cannot promise it; that there was none has been seen before */
    if (rc != 0 && errno == EINVAL) rc = rename(o->path, path);
    if (rc != 0 && errno == EEXIST) {
        err_detail(o->info, "%s is there already", path);
        return ERR_EXISTS;
    }
    return rc == 0 ? folder_sync(path, o->info) : file_error(o->info, "put in place", path);
}

/* A device or a folder is never written over. */
static Err check_free(const BackupTo *to, ErrInfo *info)
{
    struct stat st;
    if (lstat(to->path, &st) != 0 || (to->force && S_ISREG(st.st_mode))) return OK;
    err_detail(info, "%s is there already", to->path);
    return ERR_EXISTS;
}

Err backup_to_file(Db *db, Arena *a, const BackupTo *to, ErrInfo *info, DumpStats *ret)
{
    Out o = {.fd = STDOUT_FILENO, .path = "standard output", .info = info, .to = to};
    if (strcmp(to->path, "-") == 0) return dump_to(db, a, &o, info, ret);
    TRY(check_free(to, info));
    o.path = arena_printf(a, "%s.tmp", to->path);
    TRY(open_tmp(&o));
    Err e = dump_to(db, a, &o, info, ret);
    if (e == OK && fsync(o.fd) != 0) e = file_error(info, "brought to the disk", o.path);
    if (e == OK) e = put_in_place(&o, to->path, to->force);
    if (e != OK) unlink(o.path);
    close(o.fd);
    return e;
}
