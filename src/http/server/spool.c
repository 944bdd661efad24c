/* Bodies of uploads go to a file as they come; the handler takes the file by renaming it, what it
 * leaves is deleted with the request. No fsync: until the handler's transaction names the file it
 * is nothing, and whoever keeps it syncs it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include "base/rand.h"
#include "http/server/server.h"

static const char prefix[] = "upload-";

static Err io_error(Call *c, const char *what)
{
    int code = errno;
    err_detail(&c->rq.cx.err, "%s: %s", what, strerrordesc_np(code));
    return code == ENOSPC || code == EDQUOT ? ERR_DISK_FULL : ERR_IO;
}

Err spool_open(Call *c)
{
    const char *dir = c->loop->http->config.spool_dir;
    if (!dir) return fail(&c->rq.cx, ERR_IO, "no spool folder");
    if (c->loop->n_spools >= SPOOLS_MAX) return ERR_BUSY;
    char name[25] = {0};
    rand_code(name, sizeof name - 1);
    c->spool.path = arena_printf(&c->arena, "%s/%s%s", dir, prefix, name);
    c->spool.fd = open(c->spool.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (c->spool.fd < 0) {
        c->spool.path = NULL;
        return io_error(c, "spool");
    }
    c->loop->n_spools++;
    c->rq.spool_path = c->spool.path;
    if (c->rq.idempotency_key.n) {
        /* wants 64, the arena gives 16 */
        char *room = arena_alloc(&c->arena, sizeof(crypto_generichash_state) + 64);
        room += (64 - (uintptr_t)room % 64) % 64;
        crypto_generichash_state *state = (void *)room;
        crypto_generichash_init(state, NULL, 0, 32);
        c->digest = state;
    }
    return OK;
}

Err spool_write(Call *c, const char *data, size_t n)
{
    if (c->digest) crypto_generichash_update(c->digest, (const uint8_t *)data, n);
    while (n) {
        ssize_t put = write(c->spool.fd, data, n);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return io_error(c, "spool");
        data += put;
        n -= (size_t)put;
        c->rq.spool_bytes += put;
    }
    return OK;
}

/* The handler reads it by its path: the descriptor is not needed any more. */
void spool_close(Call *c)
{
    if (c->spool.fd >= 0) close(c->spool.fd);
    c->spool.fd = -1;
}

void spool_done(Call *c)
{
    spool_close(c);
    if (!c->spool.path) return;
    if (unlink(c->spool.path) != 0 && errno != ENOENT)
        log_warn("spool file stays path=%s reason=%s", c->spool.path, strerrordesc_np(errno));
    c->spool.path = NULL;
    c->loop->n_spools--;
}

void spool_sweep(const char *dir)
{
    DIR *d = opendir(dir);
    if (!d) return;
    for (const struct dirent *e; (e = readdir(d));)
        if (strncmp(e->d_name, prefix, sizeof prefix - 1) == 0) unlinkat(dirfd(d), e->d_name, 0);
    closedir(d);
}
