// Sockets: pairs that are connected to each other.
#pragma once

#include <abi/socket.h>
#include <sys/types.h>

#define AF_LOCAL AF_UNIX
#define PF_UNIX AF_UNIX

typedef uint32_t socklen_t;
struct sockaddr;

int socketpair(int domain, int type, int protocol, int fds[2]);
ssize_t sendto(int fd, const void *buf, size_t size, int flags, const struct sockaddr *address, socklen_t length);
ssize_t recvfrom(int fd, void *buf, size_t size, int flags, struct sockaddr *address, socklen_t *length);
int shutdown(int fd, int how);

static inline ssize_t send(int fd, const void *buf, size_t size, int flags) {
    return sendto(fd, buf, size, flags, NULL, 0);
}
static inline ssize_t recv(int fd, void *buf, size_t size, int flags) {
    return recvfrom(fd, buf, size, flags, NULL, NULL);
}
