// A source of pages for the probe of this lab, in a file's place: a book of pages whose contents
// follow from a key. It notes which pages it was told will be written.
#pragma once
#include "process/pager.h"

// Word i becomes (key + i) times a large odd number.
void fill_with_key(u64* words, usize count, u64 key);

// Page p is filled with key + 1000 * p. A book that keeps its pages gives the same frame each time, as
// the page cache of Lab 8 does; one that does not fills a new one, as the archive's files do. `number`
// is what notes name it by. ENOMEM.
Result<Ref<Pager>> make_book(unsigned number, u64 pages, u64 key, bool keeps);
