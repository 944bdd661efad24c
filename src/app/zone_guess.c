#include "app/zone_guess.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "kernel/zone.h"

const char *zone_guess(Arena *a)
{
    static const char *const fallback = "Asia/Shanghai";
    char target[PATH_MAX];
    const char *name = getenv("TZ");
    if (!name || !name[0]) {
        ssize_t n = readlink("/etc/localtime", target, sizeof target - 1);
        if (n <= 0) return fallback;
        target[n] = 0;
        name = strstr(target, "zoneinfo/");
        if (!name) return fallback;
        name += strlen("zoneinfo/");
    }
    if (name[0] == ':') name++;
    if (strncmp(name, "Etc/", 4) == 0 || strcmp(name, "UTC") == 0 || strchr(name, '/') == NULL) return fallback;
    Zone *z = zone_open(name);
    if (!z) return fallback;
    zone_free(z);
    return arena_dup(a, name, strlen(name));
}
