// SPDX-License-Identifier: Apache-2.0
// The strings and brackets of JSON text that comes in pieces. Pure.
//
// It finds where strings and values end, and whether brackets match; it does not check anything else. This is the hot
// path of the first sync.
#ifndef GATETOP_API_JSON_SCANNER_H
#define GATETOP_API_JSON_SCANNER_H

#include <stdbool.h>
#include <stddef.h>

enum {
    JSON_SCANNER_KNOWN = 512,         // deeper brackets are only counted, not matched
    JSON_SCANNER_DEPTH_MAX = 1 << 30, // of a value that is skipped
};

struct json_scanner {
    // A line end within a string is an error: a stream of one document a line has no end that would show a quote too
    // many.
    bool lines;
    int depth;
    unsigned char arrays[JSON_SCANNER_KNOWN / 8]; // bit d: the bracket at depth d is '['
    bool in_string;
    bool broken;  // a line has ended within a string
    bool escaped; // the next byte of the string follows a backslash
};

// Forgets everything.
void json_scanner_reset(struct json_scanner *s, bool lines);

// A bracket opens; false if it is nested too deeply.
bool json_scanner_open(struct json_scanner *s, char bracket);
// A bracket closes; false if it does not match the one that is open.
bool json_scanner_close(struct json_scanner *s, char bracket);

// A string begins: its quote was read.
void json_scanner_begin_string(struct json_scanner *s);
// The quote that ends the open string, which is closed then; NULL if the string continues in the next piece, or is
// broken.
const char *json_scanner_end_string(struct json_scanner *s, const char *p, const char *end);

// Runs through a value until a bracket closes below `depth`. Returns where it stopped: after that bracket (*done), or
// at the end of the piece. *error says what is wrong with the byte where it stopped, NULL if nothing is.
const char *json_scanner_skip(struct json_scanner *s, int depth, const char *p, const char *end,
                              bool *done, const char **error);

extern const char JSON_SCANNER_BROKEN[]; // what is wrong where s->broken

#endif
