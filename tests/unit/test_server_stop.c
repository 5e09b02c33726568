/* SPDX-License-Identifier: MIT */
/* The whole server while it starts and stops: bodies that end when the worker pools have ended,
 * streams that are open then, and a start that fails at each thread and at each file it would open.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <semaphore.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "indexing.h"
#include "server/server.h"
#include "thread_hooks.h"

#define SOCKET_THREADS 2

static struct fixture f;
static struct server *server;

static struct server_options options_of(int port)
{
    return (struct server_options){.bind = "127.0.0.1",
                                   .port = port,
                                   .gallery = f.db,
                                   .clip = test_clip,
                                   .model_id = "mini",
                                   .token = "a token of the test, long enough",
                                   .llm = {.provider = "openai", .model = "none"}};
}

static int start_server(void)
{
    struct error err = ERROR_INIT;
    struct server_options options = options_of(0);
    if (server_start(&options, &server, &err)) {
        printf("Bail out! %s\n", err.message);
        exit(1);
    }
    return server_port(server);
}

/* ---- a client ---- */

static int connect_to(int port)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    TREE_CHECK(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0);
    return fd;
}

static void send_text(int fd, const char *text)
{
    size_t size = strlen(text);
    TREE_CHECK(send(fd, text, size, MSG_NOSIGNAL) == (ssize_t)size);
}

/* What comes until `end` is part of it, or the other side closes. */
static void receive_until(int fd, const char *end, char ret_text[4096])
{
    size_t length = 0;
    ssize_t n = 1;
    ret_text[0] = '\0';
    while (n > 0 && length < 4095 && !(end && strstr(ret_text, end))) {
        n = recv(fd, ret_text + length, 4095 - length, 0);
        length += n > 0 ? (size_t)n : 0;
        ret_text[length] = '\0';
    }
}

static void send_request(int fd, const char *line, const char *more)
{
    AUTO_FREE char *text = xasprintf("%s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer a "
                                     "token of the test, long enough\r\n%s\r\n",
                                     line, more);
    send_text(fd, text);
}

/* A POST whose head is through, and whose body has begun. */
static int begin_upload(int port, const char *path, const char *type, int length)
{
    char reply[4096];
    int fd = connect_to(port);
    AUTO_FREE char *line = xasprintf("POST %s", path);
    AUTO_FREE char *more = xasprintf(
        "Content-Type: %s\r\nContent-Length: %d\r\nExpect: 100-continue\r\n", type, length);
    send_request(fd, line, more);
    receive_until(fd, "\r\n\r\n", reply);
    ok(strncmp(reply, "HTTP/1.1 100", 12) == 0, "%s: the body may come", path);
    send_text(fd, "{\"question\":");
    return fd;
}

/* ---- stopping ---- */

static int joins_left; /* until all worker pools have ended */
static sem_t pools_ended, go_on;

static void on_join(void)
{
    if (--joins_left > 0)
        return;
    hook_joins = NULL;
    sem_post(&pools_ended);
    while (sem_wait(&go_on) < 0)
        continue;
}

static void *stop_main(void *context)
{
    (void)context;
    hook_joins = on_join;
    server_stop(server, 0);
    return NULL;
}

/* The last one of the slow pool is joined last: the others have ended then. */
static int count_lane_threads(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return 4 + 8 + 1 + (processors > 4 ? 4 : 2);
}

static void expect_refusal(int fd, const char *rest, const char *name)
{
    char reply[4096];
    send_text(fd, rest);
    receive_until(fd, "the server is stopping", reply);
    ok(strncmp(reply, "HTTP/1.1 503", 12) == 0 && strstr(reply, "the server is stopping"), "%s",
       name);
    close(fd);
}

static void test_late_bodies(void)
{
    pthread_t stopper;
    int port = start_server();
    int slow = begin_upload(port, "/api/v1/search", "image/jpeg", 22);
    int question = begin_upload(port, "/api/v1/ask/prepare", "application/json", 22);
    int label = begin_upload(port, "/api/v1/labels", "application/json", 22);
    int never = begin_upload(port, "/api/v1/search", "image/jpeg", 22);
    joins_left = count_lane_threads();
    TREE_CHECK(pthread_create(&stopper, NULL, stop_main, NULL) == 0);
    while (sem_wait(&pools_ended) < 0)
        continue;
    expect_refusal(slow, "\"a dog\"   }", "a picture that ends after the worker pools is refused");
    expect_refusal(question, "\"a dog\"   }", "and so is a question");
    expect_refusal(label, "\"a dog\"   }", "and a change");
    sem_post(&go_on);
    pthread_join(stopper, NULL);
    ok(true, "and the server ends, while one body never came");
    close(never);
}

/* Waits for whoever ends a server that holds an open stream. */
static void test_open_stream(void)
{
    char text[4096];
    int port = start_server();
    int fd = connect_to(port);
    send_request(fd, "GET /api/v1/index/events", "");
    receive_until(fd, "\n\n", text);
    server_stop(server, 60);
    receive_until(fd, NULL, text);
    ok(true, "an open stream of the index run does not hold the server up");
    close(fd);
}

/* ---- starting ---- */

static int count_files(void)
{
    int n = 0;
    for (int fd = 0; fd < 256; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}

static void test_threads_refused(void)
{
    struct error err = ERROR_INIT;
    struct server_options options = options_of(0);
    int live = atomic_load(&hook_live), files = count_files(), refused = 0, rc = 1;
    for (int n = 1; rc && n < 64; n++) {
        atomic_store(&hook_refuse_after, n);
        rc = server_start(&options, &server, &err);
        refused += rc != 0;
        if (rc && !strstr(err.message, "thread"))
            diag("%d: %s", n, err.message);
    }
    atomic_store(&hook_refuse_after, 0);
    is_int(refused, count_lane_threads() + 2 + SOCKET_THREADS,
           "a start without one of its threads is refused");
    server_stop(rc ? NULL : server, 0);
    is_int(atomic_load(&hook_live), live, "no thread is left behind");
    /* libmicrohttpd 0.9.75 forgets the epoll descriptor of a socket thread it could not start. */
    int left = count_files() - files;
    ok(left >= 0 && left <= SOCKET_THREADS, "and no open file of ours (%d)", left);
}

/* In a process of its own: a limit cannot be raised again. 0: refused with a sentence; 1: started.
 */
static int start_with_files(int files)
{
    struct error err = ERROR_INIT;
    struct server_options options = options_of(0);
    struct rlimit limit = {(rlim_t)files, (rlim_t)files};
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
        return 2;
    if (server_start(&options, &server, &err))
        return err.message[0] ? 0 : 3;
    server_stop(server, 0);
    return 1;
}

/* Before there are threads: a fork has only one of them. */
static void test_files_refused(void)
{
    int refused = 0, status = 0, files = count_files();
    for (int n = 0; n < 64 && status == 0; n++) {
        pid_t child = fork();
        if (child == 0)
            _exit(start_with_files(files + n));
        TREE_CHECK(child > 0 && waitpid(child, &status, 0) == child);
        refused += status == 0;
    }
    ok(refused > 0, "a start with too few open files is refused (%d times)", refused);
    ok(WIFEXITED(status) && WEXITSTATUS(status) == 1, "until there are enough: %#x",
       (unsigned)status);
}

int main(void)
{
    f = fixture_new();
    test_clip_open(1);
    gallery_index(f.db, f.photos);
    sem_init(&pools_ended, 0, 0);
    sem_init(&go_on, 0, 0);
    test_files_refused();
    test_threads_refused();
    test_late_bodies();
    test_open_stream();
    clip_close(test_clip);
    fixture_release(&f);
    return done_testing();
}
