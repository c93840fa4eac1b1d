// The inside of a FILE, for the stream_*.c files.
// A stream's buffer holds either bytes read and not yet taken, or bytes written and not yet passed
// on, never both: `writing` says which.
#pragma once

#include <stdio.h>

#define UNGET_MAX 8  // room kept in front of what is read, for ungetc

struct goose_file {
    int fd;
    int mode;  // _IOFBF, _IOLBF, _IONBF, or STREAM_MODE_UNKNOWN until first used
    unsigned char readable, writable, writing, at_end, failed;
    unsigned char owns_buf, owns_file;
    unsigned char *buf;
    size_t size;
    size_t pos;               // reading: next byte to take; writing: bytes held
    size_t end;               // reading: end of the bytes read
    struct goose_file *next;  // in the list of open streams
};

#define STREAM_MODE_UNKNOWN (-1)

extern FILE *__open_streams;

// Makes the stream ready for reading or writing: allocates the buffer, turns the direction.
// 0, or -1 with errno (and the stream's error flag) set.
int __stream_read_begin(FILE *file);
int __stream_write_begin(FILE *file);

// Reads more into an empty buffer. Returns the number of bytes, 0 at the end or after an error.
size_t __stream_fill(FILE *file);
// Passes on what is held. 0 or EOF.
int __stream_drain(FILE *file);
