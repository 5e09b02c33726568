/* SPDX-License-Identifier: MIT */
/* Sends and receives packets with descriptors over a local socket. */
#include "cage/wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control { /* aligned as the kernel wants it */
    struct cmsghdr header;
    char room[CMSG_SPACE(2 * sizeof(int))];
};

int wire_send(int socket, const void *data, size_t size, const int *fds, int n_fds)
{
    union control control = {0};
    struct iovec bytes = {.iov_base = (void *)(uintptr_t)data, .iov_len = size};
    struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1};
    if (n_fds > 0) {
        size_t fd_bytes = (size_t)n_fds * sizeof *fds;
        message.msg_control = control.room;
        message.msg_controllen = CMSG_SPACE(fd_bytes);
        control.header = (struct cmsghdr){
            .cmsg_len = CMSG_LEN(fd_bytes), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(&control.header), fds, fd_bytes);
    }
    ssize_t sent;
    do {
        sent = sendmsg(socket, &message, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? errno : 0;
}

static void take_fds(struct msghdr *message, int ret_fds[2])
{
    int n = 0;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t at = 0; CMSG_LEN(at + sizeof(int)) <= c->cmsg_len; at += sizeof(int)) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + at, sizeof fd);
            if (n < 2)
                ret_fds[n++] = fd;
            else
                close(fd);
        }
    }
}

long wire_receive(int socket, void *ret_data, size_t size, int ret_fds[2])
{
    union control control;
    struct iovec bytes = {.iov_base = ret_data, .iov_len = size};
    struct msghdr message = {.msg_iov = &bytes, .msg_iovlen = 1};
    if (ret_fds) {
        message.msg_control = control.room;
        message.msg_controllen = sizeof control.room;
        ret_fds[0] = ret_fds[1] = -1;
    }
    ssize_t got;
    do {
        got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);
    if (got > 0 && ret_fds)
        take_fds(&message, ret_fds);
    return got;
}
