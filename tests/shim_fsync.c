/* LD_PRELOAD: while the file named by SHIM_FSYNC exists, syncing fails as a dying disk does. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static int sick(void)
{
    const char *path = getenv("SHIM_FSYNC");
    return path && access(path, F_OK) == 0;
}

static int really(const char *name, int fd)
{
    int (*fn)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    return fn(fd);
}

int fsync(int fd)
{
    if (!sick()) return really("fsync", fd);
    errno = EIO;
    return -1;
}

int fdatasync(int fd)
{
    if (!sick()) return really("fdatasync", fd);
    errno = EIO;
    return -1;
}
