#include "app/keep/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "kernel/zone.h"

Err file_error(ErrInfo *info, const char *verb, const char *path)
{
    int code = errno;
    err_detail(info, "%s cannot be %s: %s", path, verb, strerrordesc_np(code));
    switch (code) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return ERR_DISK_FULL;
    case ENOENT:
        return ERR_NOT_FOUND;
    case EEXIST:
        return ERR_EXISTS;
    default:
        return ERR_IO;
    }
}

static Err sync_fd(int fd, const char *path, ErrInfo *info)
{
    if (fd < 0) return file_error(info, "opened", path);
    Err e = fsync(fd) == 0 ? OK : file_error(info, "brought to the disk", path);
    close(fd);
    return e;
}

Err file_sync(const char *path, ErrInfo *info)
{
    return sync_fd(open(path, O_RDONLY | O_CLOEXEC), path, info);
}

void folder_of(const char *path, char *ret, size_t size)
{
    const char *slash = strrchr(path, '/');
    int n = slash ? (int)(slash - path) : 1;
    snprintf(ret, size, "%.*s", slash == path ? 1 : n, slash ? path : ".");
}

Err folder_sync(const char *path_inside, ErrInfo *info)
{
    char folder[PATH_MAX];
    folder_of(path_inside, folder, sizeof folder);
    return sync_fd(open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), folder, info);
}

void compact_time(int64_t us, char ret[24])
{
    char text[32];
    size_t n = 0;
    time_format(us - us % INT64_C(1000000), text);
    for (const char *p = text; *p && n < 23; p++)
        if (*p != '-' && *p != ':') ret[n++] = *p;
    ret[n] = 0;
}
