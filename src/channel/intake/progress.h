/* What a run tells while it goes and when it ends. Private. */
#pragma once

#include "channel/intake/importer.h"

/* At most four times a second: the row, and the event for those who watch. In the batch's
 * transaction. */
Err progress_tell(Batch *b);
/* The end of a run, in a transaction of its own. */
Err progress_finish(Ctx *cx, const Importer *im, RunState state, Err why, Str problems);
/* The run as JSON, as GET /imports/:id shows it. */
Err progress_json(Ctx *cx, ImportId id, Str *ret);
