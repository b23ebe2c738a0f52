/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "track/process.h"
#include "util/fd.h"

/* Processes and threads that others may start meanwhile. */
#define MAX_PROCESSES 256
/* A child has all fds of the compositor until it executes its program. */
#define MAX_FDS 4096

struct request {
	struct nlmsghdr header;
	struct unix_diag_req body;
};

/* Ask the kernel for the peer of the socket with that inode. */
static int send_request(int netlink, uint32_t inode)
{
	struct request request = {
		.header = {.nlmsg_len = sizeof(request),
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST},
		.body = {.sdiag_family = AF_UNIX,
			.udiag_states = UINT32_MAX,
			.udiag_ino = inode,
			.udiag_show = UDIAG_SHOW_PEER,
			/* Whatever its cookie. */
			.udiag_cookie = {UINT32_MAX, UINT32_MAX}},
	};

	return send(netlink, &request, sizeof(request), MSG_DONTWAIT) == sizeof(request) ? 0 : -1;
}

/* The inode of the peer in the kernel's answer, or 0. */
static uint32_t parse_answer(const struct nlmsghdr *header, size_t size)
{
	const struct rtattr *attribute;
	size_t left;
	uint32_t inode;

	if (!NLMSG_OK(header, size) || header->nlmsg_type != SOCK_DIAG_BY_FAMILY ||
		header->nlmsg_len < NLMSG_LENGTH(sizeof(struct unix_diag_msg)))
		return 0;
	attribute = (const void *)((const char *)header +
				   NLMSG_ALIGN(NLMSG_LENGTH(sizeof(struct unix_diag_msg))));
	left = header->nlmsg_len - NLMSG_ALIGN(NLMSG_LENGTH(sizeof(struct unix_diag_msg)));
	for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
		if (attribute->rta_type != UNIX_DIAG_PEER || RTA_PAYLOAD(attribute) < sizeof(inode))
			continue;
		memcpy(&inode, RTA_DATA(attribute), sizeof(inode));
		return inode;
	}
	return 0;
}

/* The inode of the other end of the socket, or 0. */
static uint32_t find_peer_inode(int fd)
{
	_Alignas(struct nlmsghdr) char answer[1024];
	struct stat stat;
	uint32_t inode = 0;
	ssize_t n = -1;
	int netlink;

	if (fstat(fd, &stat) < 0 || !S_ISSOCK(stat.st_mode))
		return 0;
	netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG);
	if (netlink < 0)
		return 0;
	/* The kernel answers inside of send(). */
	if (send_request(netlink, (uint32_t)stat.st_ino) == 0)
		n = recv(netlink, answer, sizeof(answer), MSG_DONTWAIT);
	if (n > 0)
		inode = parse_answer((const void *)answer, (size_t)n);
	wltex_fd_close(&netlink);
	return inode;
}

/* Read a small file of /proc as a string. */
static int read_file(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	text[0] = '\0';
	if (fd < 0)
		return -1;
	n = read(fd, text, size - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return n > 0 ? 0 : -1;
}

int process_read_name(pid_t pid, char *name, size_t size)
{
	char path[32];
	int ret;

	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	ret = read_file(path, name, size);
	name[strcspn(name, "\n")] = '\0';
	return ret;
}

/* Of all processes and threads, the one that the kernel made last. */
static pid_t get_last_pid(void)
{
	char text[128];
	const char *last;

	if (read_file("/proc/loadavg", text, sizeof(text)) < 0)
		return 0;
	last = strrchr(text, ' ');
	return last != NULL ? (pid_t)strtol(last + 1, NULL, 10) : 0;
}

/* The number after the key in /proc/PID/status; -1 without it. */
static int get_number(const char *status, const char *key)
{
	const char *line = strstr(status, key);

	return line != NULL ? (int)strtol(line + strlen(key), NULL, 10) : -1;
}

static bool is_child(pid_t pid)
{
	char path[32], status[512];

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	/* The name comes first, and has no newline in it. Threads are found there as well. */
	return read_file(path, status, sizeof(status)) == 0 &&
	       get_number(status, "\nTgid:") == pid && get_number(status, "\nPPid:") == getpid();
}

/* Whether the process has the socket open. */
static bool holds(pid_t pid, uint32_t inode)
{
	char path[32], expected[32], target[32];
	struct dirent *entry;
	bool found = false;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	snprintf(expected, sizeof(expected), "socket:[%u]", (unsigned)inode);
	folder = opendir(path);
	for (int i = 0; folder != NULL && !found && i < MAX_FDS; i++) {
		ssize_t n;

		entry = readdir(folder);
		if (entry == NULL)
			break;
		n = readlinkat(dirfd(folder), entry->d_name, target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		found = strcmp(target, expected) == 0;
	}
	if (folder != NULL)
		closedir(folder);
	return found;
}

pid_t process_find_peer(int fd)
{
	uint32_t inode = find_peer_inode(fd);
	pid_t last = inode != 0 ? get_last_pid() : 0;

	for (pid_t pid = last; pid > 0 && pid > last - MAX_PROCESSES; pid--) {
		if (is_child(pid) && holds(pid, inode))
			return pid;
	}
	return 0;
}
