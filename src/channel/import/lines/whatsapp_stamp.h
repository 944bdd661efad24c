/* The date and time that begin a WhatsApp message, in the layouts of its platforms and languages.
 * Pure. */
#pragma once

#include "channel/import/reader.h"

typedef struct Stamp {
    int a, b, c; /* the three numbers of the date, in file order */
    bool year_first;
    int hour, minute, second;
    bool has_seconds, american; /* american: 1/20/19 … 8:49 PM, as en_US writes */
    char sign;                  /* '[' in brackets, '-' before " - ", ':' before ": " */
    char separator;             /* between the numbers */
    size_t n_bytes;             /* up to the sender */
} Stamp;

bool stamp_parse(Str line, Stamp *ret);
/* Civil date and time under an order; the year is completed. Not checked for existence. */
Civil stamp_civil(const Stamp *s, DateOrder order);

/* Gathers evidence of the order over the stamps of a file. */
typedef struct OrderVotes {
    int64_t n, n_dmy_only, n_mdy_only, n_american;
    int64_t n_back_dmy, n_back_mdy;
    int32_t last_dmy, last_mdy;
    bool year_first, differs; /* differs: some date is another day under the other order */
} OrderVotes;

void votes_add(OrderVotes *v, const Stamp *s);
/* The order the evidence speaks for; *ret_sure false when it is only the likelier one. */
DateOrder votes_order(const OrderVotes *v, bool *ret_sure);
