/* Tests of damage_test.c, run by dump_test.c. */
#pragma once

void test_load__refuses_each_damage(void **state);
void test_load__refuses_every_cut(void **state);
void test_load__a_flipped_bit_never_changes_data(void **state);
void test_load__wants_an_empty_database(void **state);
void test_load__passes_on_failures_of_the_database(void **state);
