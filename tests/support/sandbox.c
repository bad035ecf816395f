// SPDX-License-Identifier: Apache-2.0
// A sandbox in which the system refuses single calls, or holds them up.
#define _DEFAULT_SOURCE // syscall
#include "tests/support/sandbox.h"

#include "kube/base/array.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// Returns what seccomp() does; -1 is an error.
static int install(const struct sandbox_call *call, unsigned flags, uint32_t action)
{
    uint32_t at = (uint32_t)(offsetof(struct seccomp_data, args) + call->index * sizeof(uint64_t));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    at += sizeof(uint32_t);
#endif
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call->number, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, at),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call->value, call->other, !call->other),
        BPF_STMT(BPF_RET | BPF_K, action),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = ARRAY_COUNT(filter), .filter = filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return -1;
    }
    return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
}

bool sandbox_refuse(const struct sandbox_call *call)
{
    return install(call, 0, SECCOMP_RET_ERRNO | EPERM) == 0;
}

int sandbox_hold(const struct sandbox_call *call)
{
    return install(call, SECCOMP_FILTER_FLAG_NEW_LISTENER, SECCOMP_RET_USER_NOTIF);
}

uint64_t sandbox_held(int fd)
{
    struct seccomp_notif n = {0};
    return ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &n) == 0 ? n.id : 0;
}

bool sandbox_let_go(int fd, uint64_t held)
{
    struct seccomp_notif_resp answer = {.id = held, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
    return ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &answer) == 0;
}
