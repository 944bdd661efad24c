/* problem+json of an Err, in the caller's language. Private to this room. */
#pragma once

#include "http/http.h"

/* Fills the reply from the table row of e and what is in info; e is not OK. The detail of our own
 * failures (500) goes to the log only. */
void problem_reply(Reply *ret, Arena *a, Lang lang, Err e, const ErrInfo *info);
Lang lang_of(Str accept_language, Lang by_default);
