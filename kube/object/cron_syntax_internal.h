// SPDX-License-Identifier: Apache-2.0
// The syntax of cron's schedules and of the names of time zones, as cert-manager reads them
// (docs/rules/certificates.md#webhook-certificate).
#ifndef GATETOP_OBJECT_CRON_SYNTAX_INTERNAL_H
#define GATETOP_OBJECT_CRON_SYNTAX_INTERNAL_H

#include <stdbool.h>

// Whether a text is minute, hour, day of the month, month and weekday, or a word such as "@daily".
bool cron_is_valid(const char *text);
// Whether a name may be an IANA time zone: an area with a slash, or one of the few without. Places are not looked up.
bool time_zone_is_known(const char *name);

#endif
