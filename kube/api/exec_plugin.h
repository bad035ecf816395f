// SPDX-License-Identifier: Apache-2.0
// One run of an exec credential plugin: a process, its two pipes and its time limit. Never blocks.
#ifndef GATETOP_API_EXEC_PLUGIN_H
#define GATETOP_API_EXEC_PLUGIN_H

#include "kube/base/attr.h"
#include "kube/base/buf.h"

#include "kube/api/exec_config.h"

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct err;

struct exec_plugin {
    pid_t pid;              // 0: not running
    bool own_group;         // its process group is its own, so that all of it can be ended
    int out, err;           // read ends, -1 when closed
    struct buf stdout_text; // bounded; holds secrets
    struct buf stderr_text; // the last few KiB
    bool shows_stderr;
    struct buf unshown; // of stderr: the beginning of a character
    int64_t deadline;   // mono_ms when it is ended, INT64_MAX for none
    int64_t next_look;  // mono_ms of the next look at the process
    bool timed_out;
    int status; // of waitpid, once ended
};

// What a start with the terminal is: stdin and stderr inherited, no time limit, the same process group
// (docs/rules/kubernetes-client.md#exec-plugin-terminal).
enum exec_plugin_mode {
    EXEC_BACKGROUND, // stdin is /dev/null, stderr is captured, 60 s
    EXEC_FOREGROUND, // the same, and stderr is shown on gatetop's as it comes, clean
    EXEC_TERMINAL,   // with the terminal
};

// Starts command with args; environment is what is inherited, info becomes KUBERNETES_EXEC_INFO.
bool exec_plugin_start(struct exec_plugin *p, const struct exec_config *e, const char *info,
                       char *const *environment, enum exec_plugin_mode mode, int64_t mono_ms,
                       struct err *err) MUST_USE;
// What to poll for exec_plugin_step: the pipes that are open, at most 2. Returns how many.
size_t exec_plugin_fds(const struct exec_plugin *p, struct pollfd out[2]);
// Reads what there is. True once the process has ended (p->status) or was ended for its time.
bool exec_plugin_step(struct exec_plugin *p, int64_t mono_ms);
// Ends the process (with its group) if it runs, wipes and frees the texts.
void exec_plugin_release(struct exec_plugin *p);

#endif
