/* DESIGN. An MHD response with our eight headers costs two dozen allocations, a third of what the
 * I/O thread spends on a small reply in user space. Headers and length of a response are fixed, but
 * its bytes are ours: so responses of ordinary JSON replies are kept after they are sent, by
 * length, each with its own buffer, and the next reply of that length is copied in. Replies of one
 * route to many callers mostly have few lengths. One kept response is in flight at most once. */
#include <stdlib.h>

#include "http/server/reply/reply.h"

enum { KEPT_MAX = 1024, KEPT_BYTES_MAX = 2048, KEPT_LISTS = 256 };

struct Kept {
    Kept *next;
    struct MHD_Response *response;
    size_t n;
    char bytes[];
};

struct Keeper {
    Kept *lists[KEPT_LISTS];
    int n; /* lying here, not those in flight */
};

Keeper *keeper_new(void)
{
    Keeper *k = calloc(1, sizeof *k);
    must(k != NULL);
    return k;
}

static void kept_free(Kept *kept)
{
    MHD_destroy_response(kept->response);
    free(kept);
}

Keeper *keeper_free(Keeper *k)
{
    for (int i = 0; k && i < KEPT_LISTS; i++)
        for (Kept *kept = k->lists[i], *next; kept; kept = next) {
            next = kept->next;
            kept_free(kept);
        }
    free(k);
    return NULL;
}

static Kept *kept_new(size_t n)
{
    Kept *kept = malloc(sizeof *kept + n);
    must(kept != NULL);
    kept->n = n;
    kept->response = MHD_create_response_from_buffer(n, kept->bytes, MHD_RESPMEM_PERSISTENT);
    must(kept->response != NULL);
    answer_json_headers(kept->response);
    return kept;
}

Kept *kept_take(Keeper *k, Str body)
{
    if (body.n == 0 || body.n > KEPT_BYTES_MAX) return NULL;
    Kept **at = &k->lists[body.n % KEPT_LISTS];
    while (*at && (*at)->n != body.n)
        at = &(*at)->next;
    Kept *kept = *at;
    if (kept) {
        *at = kept->next;
        k->n--;
    } else {
        kept = kept_new(body.n);
    }
    memcpy(kept->bytes, body.p, body.n);
    return kept;
}

struct MHD_Response *kept_response(const Kept *kept)
{
    return kept->response;
}

void kept_give_back(Keeper *k, Kept *kept)
{
    if (k->n >= KEPT_MAX) {
        kept_free(kept);
        return;
    }
    Kept **list = &k->lists[kept->n % KEPT_LISTS];
    kept->next = *list;
    *list = kept;
    k->n++;
}
