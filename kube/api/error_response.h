// SPDX-License-Identifier: Apache-2.0
// What an error answer of an API server says: Status documents, plain text, HTML of a proxy.
#ifndef GATETOP_API_ERROR_RESPONSE_H
#define GATETOP_API_ERROR_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

struct err;

// Of an error body; a longer one is not read (docs/rules/kubernetes-client.md#answer-bounds).
#define ERROR_BODY_MAX ((size_t)1 << 20)

struct error_response {
    int code; // the Status' own where it has one, else HTTP's
    int http; // HTTP's status, or that of the Status; 0 if there is none: the message then names no number
    // The server reports no error, but its answer is not what was asked for. Another try would not help.
    bool nonsense;
    bool is_status; // the body was a Status document
    bool success;   // such a document with status "Success"
    bool too_large; // resourceVersion higher than the server's: 504, cause ResourceVersionTooLarge
    bool named;     // details.name is set: an object is missing, not its API
    int retry_after_s; // header or details.retryAfterSeconds, 0: none
    char reason[64];   // "Forbidden", "Expired"; cleaned; "" if none
    char message[400]; // cleaned, one line; HTTP's own words where the body says nothing
};

// Reads the answer (docs/rules/kubernetes-client.md#answer-status). content_type may be NULL. Only JSON
// bodies are parsed. The reason beats the code: an answer with reason Expired is a 410 whatever its code says.
void error_response_read(struct error_response *a, int http, const char *content_type,
                         int retry_after_s, const char *body, size_t n);
// The error for the person: code by a->code, message "subject: message".
void error_response_to_err(const struct error_response *a, const char *subject, struct err *err);

#endif
