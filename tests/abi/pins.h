/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */
/*
 * The numbers that programs have been compiled with, the same on every
 * architecture: they do not change any more. What is new comes behind.
 *
 * SIZE(STRUCT, bytes)  FIELD(STRUCT, FIELD, offset, bytes)  VALUE(NAME, number)
 */

/* ---- uapi/rdmarpc.h ---- */

SIZE(rdmarpc_connect, 32);
FIELD(rdmarpc_connect, size, 0, 4);
FIELD(rdmarpc_connect, flags, 4, 4);
FIELD(rdmarpc_connect, addr, 8, 8);
FIELD(rdmarpc_connect, addr_len, 16, 4);
FIELD(rdmarpc_connect, timeout_ms, 20, 4);
FIELD(rdmarpc_connect, depth, 24, 4);
FIELD(rdmarpc_connect, max_payload, 28, 4);

SIZE(rdmarpc_submit, 48);
FIELD(rdmarpc_submit, user_data, 0, 8);
FIELD(rdmarpc_submit, request, 8, 8);
FIELD(rdmarpc_submit, reply, 16, 8);
FIELD(rdmarpc_submit, timeout_us, 24, 8);
FIELD(rdmarpc_submit, request_len, 32, 4);
FIELD(rdmarpc_submit, reply_len, 36, 4);
FIELD(rdmarpc_submit, method, 40, 2);
FIELD(rdmarpc_submit, flags, 42, 2);
FIELD(rdmarpc_submit, reserved, 44, 4);

SIZE(rdmarpc_completion, 24);
FIELD(rdmarpc_completion, user_data, 0, 8);
FIELD(rdmarpc_completion, error, 8, 4);
FIELD(rdmarpc_completion, outcome, 12, 4);
FIELD(rdmarpc_completion, app_error, 16, 4);
FIELD(rdmarpc_completion, reply_len, 20, 4);

SIZE(rdmarpc_call, 56);
FIELD(rdmarpc_call, size, 0, 4);
FIELD(rdmarpc_call, flags, 4, 4);
FIELD(rdmarpc_call, submit, 8, 8);
FIELD(rdmarpc_call, complete, 16, 8);
FIELD(rdmarpc_call, nr_submit, 24, 4);
FIELD(rdmarpc_call, nr_complete, 28, 4);
FIELD(rdmarpc_call, min_complete, 32, 4);
FIELD(rdmarpc_call, reserved, 36, 4);
FIELD(rdmarpc_call, wait_us, 40, 8);
FIELD(rdmarpc_call, submitted, 48, 4);
FIELD(rdmarpc_call, completed, 52, 4);

SIZE(rdmarpc_handle, 56);
FIELD(rdmarpc_handle, size, 0, 4);
FIELD(rdmarpc_handle, flags, 4, 4);
FIELD(rdmarpc_handle, server, 8, 32);
FIELD(rdmarpc_handle, method, 40, 2);
FIELD(rdmarpc_handle, reserved, 42, 2);
FIELD(rdmarpc_handle, slots, 44, 4);
FIELD(rdmarpc_handle, pool_size, 48, 4);
FIELD(rdmarpc_handle, reserved2, 52, 4);

SIZE(rdmarpc_request, 32);
FIELD(rdmarpc_request, cookie, 0, 8);
FIELD(rdmarpc_request, budget_us, 8, 8);
FIELD(rdmarpc_request, offset, 16, 4);
FIELD(rdmarpc_request, len, 20, 4);
FIELD(rdmarpc_request, method, 24, 2);
FIELD(rdmarpc_request, flags, 26, 2);
FIELD(rdmarpc_request, reserved, 28, 4);

SIZE(rdmarpc_reply, 24);
FIELD(rdmarpc_reply, cookie, 0, 8);
FIELD(rdmarpc_reply, offset, 8, 4);
FIELD(rdmarpc_reply, len, 12, 4);
FIELD(rdmarpc_reply, app_error, 16, 4);
FIELD(rdmarpc_reply, result, 20, 4);

SIZE(rdmarpc_serve, 48);
FIELD(rdmarpc_serve, size, 0, 4);
FIELD(rdmarpc_serve, flags, 4, 4);
FIELD(rdmarpc_serve, replies, 8, 8);
FIELD(rdmarpc_serve, requests, 16, 8);
FIELD(rdmarpc_serve, nr_replies, 24, 4);
FIELD(rdmarpc_serve, nr_requests, 28, 4);
FIELD(rdmarpc_serve, wait_us, 32, 8);
FIELD(rdmarpc_serve, replied, 40, 4);
FIELD(rdmarpc_serve, fetched, 44, 4);

VALUE(RDMARPC_ABI_VERSION, 1);
VALUE(RDMARPC_MAX_EAGER, 4064);
VALUE(RDMARPC_NAME_LEN, 32);
VALUE(RDMARPC_METHOD_ECHO, 0);
VALUE(RDMARPC_MAX_TIMEOUT_US, 3600000000ULL);
VALUE(RDMARPC_DEFAULT_DEPTH, 30);
VALUE(RDMARPC_MAX_DEPTH, 510);
VALUE(RDMARPC_DEFAULT_SLOTS, 32);
VALUE(RDMARPC_MAX_SLOTS, 256);
VALUE(RDMARPC_MAX_BATCH, 512);
VALUE(RDMARPC_IOCTL_TYPE, 0xe7);
VALUE(RDMARPC_IOCTL_CONNECT, 0xe700);
VALUE(RDMARPC_IOCTL_CALL, 0xe701);
VALUE(RDMARPC_IOCTL_HANDLE, 0xe702);
VALUE(RDMARPC_IOCTL_SERVE, 0xe703);
VALUE(RDMARPC_SLOT_SIZE, 8192);
VALUE(RDMARPC_NO_DEADLINE, ~0ULL);

VALUE(RDMARPC_OUTCOME_OK, 0);
VALUE(RDMARPC_OUTCOME_APP_ERROR, 1);
VALUE(RDMARPC_OUTCOME_NOT_EXECUTED, 2);
VALUE(RDMARPC_OUTCOME_EXECUTED, 3);
VALUE(RDMARPC_OUTCOME_MAYBE_EXECUTED, 4);

/* ---- uapi/rdmarpc_netlink.h ---- */

VALUE(RDMARPC_FAMILY_VERSION, 1);
VALUE(RDMARPC_SERVER_STATE_NEW, 0);
VALUE(RDMARPC_SERVER_STATE_LISTENING, 1);
VALUE(RDMARPC_SERVER_STATE_DOWN, 2);
VALUE(RDMARPC_SERVER_STATE_STOPPING, 3);
VALUE(RDMARPC_CONNECTION_ROLE_SERVER, 0);
VALUE(RDMARPC_CONNECTION_ROLE_CLIENT, 1);
VALUE(RDMARPC_CONNECTION_STATE_HANDSHAKE, 0);
VALUE(RDMARPC_CONNECTION_STATE_ACTIVE, 1);
VALUE(RDMARPC_CONNECTION_STATE_CLOSING, 2);
VALUE(RDMARPC_A_SERVER_NAME, 1);
VALUE(RDMARPC_A_SERVER_OWNER_UID, 2);
VALUE(RDMARPC_A_SERVER_ADDRESS, 3);
VALUE(RDMARPC_A_SERVER_ECHO, 4);
VALUE(RDMARPC_A_SERVER_MAX_CONNECTIONS, 5);
VALUE(RDMARPC_A_SERVER_MAX_CALLS, 6);
VALUE(RDMARPC_A_SERVER_CONNECTIONS, 7);
VALUE(RDMARPC_A_SERVER_STATE, 8);
VALUE(RDMARPC_A_CONNECTION_ID, 1);
VALUE(RDMARPC_A_CONNECTION_SERVER, 2);
VALUE(RDMARPC_A_CONNECTION_ROLE, 3);
VALUE(RDMARPC_A_CONNECTION_STATE, 4);
VALUE(RDMARPC_A_CONNECTION_LOCAL, 5);
VALUE(RDMARPC_A_CONNECTION_PEER, 6);
VALUE(RDMARPC_A_CONNECTION_DEVICE, 7);
VALUE(RDMARPC_A_CONNECTION_CALLS_IN_FLIGHT, 8);
VALUE(RDMARPC_A_CONNECTION_WINDOW, 9);
VALUE(RDMARPC_A_STATS_SERVER, 1);
VALUE(RDMARPC_A_STATS_PAD, 2);
VALUE(RDMARPC_A_STATS_CONNECTIONS_ACCEPTED, 3);
VALUE(RDMARPC_A_STATS_CONNECTIONS_REFUSED, 4);
VALUE(RDMARPC_A_STATS_CONNECTIONS_OPENED, 5);
VALUE(RDMARPC_A_STATS_CONNECTIONS_CLOSED, 6);
VALUE(RDMARPC_A_STATS_HANDSHAKES_FAILED, 7);
VALUE(RDMARPC_A_STATS_MESSAGES_SENT, 8);
VALUE(RDMARPC_A_STATS_MESSAGES_RECEIVED, 9);
VALUE(RDMARPC_A_STATS_MESSAGES_BAD, 10);
VALUE(RDMARPC_A_STATS_CREDIT_STALLS, 11);
VALUE(RDMARPC_A_STATS_CALLS_STARTED, 12);
VALUE(RDMARPC_A_STATS_CALLS_OK, 13);
VALUE(RDMARPC_A_STATS_CALLS_APP_ERROR, 14);
VALUE(RDMARPC_A_STATS_CALLS_NOT_EXECUTED, 15);
VALUE(RDMARPC_A_STATS_CALLS_EXECUTED, 16);
VALUE(RDMARPC_A_STATS_CALLS_MAYBE_EXECUTED, 17);
VALUE(RDMARPC_A_STATS_CALLS_TIMED_OUT, 18);
VALUE(RDMARPC_A_STATS_CALLS_REFUSED, 19);
VALUE(RDMARPC_A_STATS_REQUESTS_RECEIVED, 20);
VALUE(RDMARPC_A_STATS_REQUESTS_OK, 21);
VALUE(RDMARPC_A_STATS_REQUESTS_APP_ERROR, 22);
VALUE(RDMARPC_A_STATS_REQUESTS_REFUSED, 23);
VALUE(RDMARPC_A_STATS_REQUESTS_EXPIRED, 24);
VALUE(RDMARPC_A_STATS_REQUESTS_FAILED, 25);
VALUE(RDMARPC_A_STATS_REQUESTS_DROPPED, 26);
VALUE(RDMARPC_A_STATS_LATE_REPLIES, 27);
VALUE(RDMARPC_CMD_SERVER_NEW, 1);
VALUE(RDMARPC_CMD_SERVER_DEL, 2);
VALUE(RDMARPC_CMD_SERVER_GET, 3);
VALUE(RDMARPC_CMD_CONNECTION_GET, 4);
VALUE(RDMARPC_CMD_STATS_GET, 5);
