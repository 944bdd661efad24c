#include "channel/import/test/support.h"

int main(void)
{
    return source_tests() + map_tests() + table_tests() + irc_tests() + whatsapp_tests() +
           telegram_tests() + bad_tests();
}
