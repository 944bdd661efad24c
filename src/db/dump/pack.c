#include <stdlib.h>

#include "db/dump/private.h"

/* level 3: on facts and chat a third of the time of 6, for a file a tenth larger */
enum { GZIP_BITS = 15 + 16, LEVEL = 3, FIRST_BYTES = 256 * 1024 };

void packer_init(Packer *p, const DumpTo *to)
{
    *p = (Packer){.to = to};
    if (!to) return;
    must(deflateInit2(&p->z, LEVEL, Z_DEFLATED, GZIP_BITS, 9, Z_DEFAULT_STRATEGY) == Z_OK);
    p->open = true;
}

static Err pack(Packer *p, int flush)
{
    int rc;
    do {
        p->z.next_out = p->chunk;
        p->z.avail_out = sizeof p->chunk;
        rc = deflate(&p->z, flush);
        must(rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR);
        size_t n = sizeof p->chunk - p->z.avail_out;
        p->n_bytes += (int64_t)n;
        if (n) TRY(p->to->write(p->to->arg, p->chunk, n));
    } while (p->z.avail_out == 0 || (flush == Z_FINISH && rc != Z_STREAM_END));
    return OK;
}

Err packer_put(Packer *p, Str bytes)
{
    if (!p->open || bytes.n == 0) return OK;
    must(bytes.n <= UINT32_MAX);
    p->z.next_in = (unsigned char *)(uintptr_t)bytes.p;
    p->z.avail_in = (unsigned)bytes.n;
    return pack(p, Z_NO_FLUSH);
}

Err packer_finish(Packer *p)
{
    if (!p->open) return OK;
    p->z.avail_in = 0;
    return pack(p, Z_FINISH);
}

void packer_done(Packer *p)
{
    if (p->open) deflateEnd(&p->z);
    p->open = false;
}

void lines_init(Lines *l, const LoadFrom *from, ErrInfo *info)
{
    *l = (Lines){.from = from, .info = info, .cap = FIRST_BYTES};
    l->p = malloc(l->cap);
    must(l->p != NULL);
    must(inflateInit2(&l->z, GZIP_BITS) == Z_OK);
    l->open = true;
}

static Err bad(Lines *l, const char *why)
{
    err_detail(l->info, "%s", why);
    return ERR_FORMAT_BAD;
}

static Err fill_chunk(Lines *l)
{
    size_t n;
    TRY(l->from->read(l->from->arg, l->chunk, sizeof l->chunk, &n));
    l->n_bytes += (int64_t)n;
    l->z.next_in = l->chunk;
    l->z.avail_in = (unsigned)n;
    l->source_end = n == 0;
    return OK;
}

static Err check_behind_end(Lines *l)
{
    if (l->z.avail_in == 0 && !l->source_end) TRY(fill_chunk(l));
    return l->z.avail_in ? bad(l, "something follows the end of the backup") : OK;
}

static Err make_room(Lines *l)
{
    if (l->at) {
        memmove(l->p, l->p + l->at, l->n - l->at);
        l->n -= l->at;
        l->at = 0;
    }
    if (l->n < l->cap) return OK;
    if (l->cap > DUMP_LINE_MAX) return bad(l, "a line is longer than 16 MiB");
    l->cap *= 2;
    l->p = realloc(l->p, l->cap);
    must(l->p != NULL);
    return OK;
}

/* More bytes into p, or packed_end. */
static Err unpack(Lines *l)
{
    TRY(make_room(l));
    if (l->z.avail_in == 0) TRY(fill_chunk(l));
    if (l->source_end) return bad(l, "the file ends too early");
    bool begins = l->z.total_in == 0;
    l->z.next_out = (unsigned char *)l->p + l->n;
    l->z.avail_out = (unsigned)(l->cap - l->n);
    int rc = inflate(&l->z, Z_NO_FLUSH);
    if (rc == Z_DATA_ERROR && begins && l->z.total_out == 0)
        return bad(l, "this is not a gzip file");
    if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
        return bad(l, "the file is damaged: its compressed bytes do not fit together");
    l->n = l->cap - l->z.avail_out;
    l->packed_end = rc == Z_STREAM_END;
    return l->packed_end ? check_behind_end(l) : OK;
}

Err lines_next(Lines *l, Str *ret)
{
    size_t seen = l->at;
    *ret = (Str){NULL, 0};
    for (;;) {
        char *end = seen < l->n ? memchr(l->p + seen, '\n', l->n - seen) : NULL;
        if (end) {
            *ret = (Str){l->p + l->at, (size_t)(end - l->p) - l->at};
            l->at = (size_t)(end - l->p) + 1;
            return ret->n > DUMP_LINE_MAX ? bad(l, "a line is longer than 16 MiB") : OK;
        }
        seen = l->n - l->at; /* unpack moves the line to the front */
        if (l->packed_end)
            return l->at == l->n ? OK : bad(l, "the file ends in the middle of a line");
        TRY(unpack(l));
    }
}

void lines_done(Lines *l)
{
    if (l->open) inflateEnd(&l->z);
    l->open = false;
    free(l->p);
    l->p = NULL;
}
