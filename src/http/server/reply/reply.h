/* How a call is answered: bodies made final, responses used again, assets, built-in routes. Private
 * to the server. */
#pragma once

#include "http/server/server.h"

/* answer.c */
void answer_seal(Call *c, bool may_gzip); /* makes the body final; on the lane's thread */
enum MHD_Result answer_send(Call *c);
void answer_count(Call *c, int status);
void answer_security(struct MHD_Response *response, bool https);
bool etag_matches(Str header, Str etag);
bool gzip_bytes(Arena *a, Str in, Str *ret); /* false when it does not pay */

void answer_json_headers(struct MHD_Response *response);

/* kept.c: responses used again. take: one whose bytes are body, or NULL when that is too long */
Keeper *keeper_new(void);
Keeper *keeper_free(Keeper *k);
Kept *kept_take(Keeper *k, Str body);
struct MHD_Response *kept_response(const Kept *kept);
void kept_give_back(Keeper *k, Kept *kept);

/* assets.c */
Assets *assets_new(Http *h);
Assets *assets_free(Assets *s);
bool assets_answer(Call *c); /* false: none has this path */

/* builtin.c */
void builtin_prepare(Http *h);
